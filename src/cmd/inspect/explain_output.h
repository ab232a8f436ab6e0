/* SPDX-License-Identifier: MIT
 * The two forms of an explanation. */
#pragma once
#include "cmd_priv.h"
#include "cpm/tree/explain.h"
#include "cpm/tree/package_doc.h"

/* A list with a document for each of @items. What they share is shared in the value too: write it, do not edit it. */
struct json *explain_json(struct package_docs *docs, struct explanation *const *items, size_t count);
/* As npm prints it, without a newline at the end. */
void explain_text(struct str_buf *out, const struct explanation *x, bool is_colored);
