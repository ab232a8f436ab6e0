/* SPDX-License-Identifier: MIT
 * Interfaces where sibling modules meet; cmd/cmd_ctx.c plugs them together. */
#pragma once
#include "cpm/base/err.h"

/* A store of named bytes: store/ offers it over SQLite, registry/ keeps packuments in it. */
struct kv_port {
	/* The bytes under @key, copied into @a; null when there are none or the store is unusable. */
	str (*get)(struct kv_port *kv, struct arena *a, str key);
	/* Keeps a copy of @value; a failure is the store's own affair. */
	void (*put)(struct kv_port *kv, str key, str value);
};
