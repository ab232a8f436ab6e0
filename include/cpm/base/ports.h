/* SPDX-License-Identifier: MIT
 * Interfaces where sibling modules meet; cmd/cmd_ctx.c plugs them together. */
#pragma once
#include "cpm/base/digest.h"
#include "cpm/base/err.h"

/* A store of named bytes: store/ offers it over SQLite, registry/ keeps packuments in it. */
struct kv_port {
	/* The bytes under @key, copied into @a; null when there are none or the store is unusable. */
	str (*get)(struct kv_port *kv, struct arena *a, str key);
	/* Keeps a copy of @value; a failure is the store's own affair. */
	void (*put)(struct kv_port *kv, str key, str value);
	/* A value may have a body, kept apart and given before it, of which pieces are read: @len bytes from @at on, copied
	 * into @a; null when there are none. Whether they are what was given is the caller's to tell. */
	str (*get_body)(struct kv_port *kv, struct arena *a, str key, size_t at, size_t len);
	/* @body is on the heap, and the store's from now on. False: it cannot be kept, and stays the caller's. */
	bool (*give_body)(struct kv_port *kv, str key, char *body, size_t len);
	/* Nothing will be looked up for a while: others may write. */
	void (*rest)(struct kv_port *kv);
};

/* A package.json inside an archive. */
struct packed_manifest {
	str folder;	/* "" for the package itself, "node_modules/x" for one that came inside it */
	str text;
};

/* What an archive holds, as far as one can tell without unpacking it. */
struct archive_content {
	struct packed_manifest *manifests; /* outermost first */
	size_t nmanifests;
	str *files;			/* paths in the order they would be written */
	size_t nfiles;
};

/* Archives: store/ offers it, registry/ looks into what it fetched and packs what is no archive yet. Any thread. */
struct archive_port {
	/* Reads @bytes as unpacking would. Lives in @a. */
	struct err *(*look)(struct archive_port *p, struct arena *a, str bytes, struct archive_content *out);
	/* The files `npm pack` would take of @folder as a plain tar, on the heap for the caller to free(). */
	struct err *(*pack)(struct archive_port *p, str folder, char **bytes, size_t *len);
	/* A git host's tarball into the empty folder @dirfd, nothing renamed. */
	struct err *(*unpack)(struct archive_port *p, str bytes, int dirfd);
	/* Tarballs kept by digest; @bytes on the heap for the caller to free(). put() of verified bytes. Main thread. */
	bool (*get)(struct archive_port *p, const struct digest *key, char **bytes, size_t *len);
	void (*put)(struct archive_port *p, const struct digest *key, str bytes);
};
