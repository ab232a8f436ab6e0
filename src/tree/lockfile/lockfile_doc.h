/* SPDX-License-Identifier: MIT
 * A lockfile that was read but is no tree yet: its entries, typed, in file order. */
#pragma once
#include "cpm/tree/lockfile.h"

struct lock_entry {
	str key;			/* location */
	struct manifest *manifest;
	str resolved, integrity;	/* as written; null when absent */
	bool is_link, is_link_target;
	bool dev, optional, dev_optional, peer, extraneous, in_bundle;
	struct json *patched, *extended_by; /* as written; NULL when absent */
	str extensions_hash;		/* the root's */
	const char *unsupported;	/* a field that only npm's own repairs of packages write, or NULL */
	struct node *node;		/* once there is one */
};

struct lock_doc {
	struct lockfile *file;
	struct map entries;		/* location -> struct lock_entry *, in file order; the root's under "" */
	bool has_packages;
	str legacy;			/* span of `dependencies`, or null */
};

/* E_JSON_PARSE when @text is no JSON object; E_LOCKFILE_VERSION. @text is borrowed. */
MUST_CHECK_ERR lock_doc_read(struct arena *a, str text, struct lock_doc **out);
/* An empty entry; takes the place of one that was there. */
struct lock_entry *lock_doc_add(struct arena *a, struct lock_doc *doc, str key);
/* Makes the entries of a version 1 file from its nested `dependencies` (npm-tree.md 7.3). @root: may be NULL. */
MUST_CHECK_ERR lock_doc_read_legacy(struct arena *a, struct lock_doc *doc, str dir, const struct manifest *root);
/* Every key and every link is one that may be (T21); links know their targets afterwards. @name: for messages. */
MUST_CHECK_ERR lock_doc_check(struct arena *a, const struct lock_doc *doc, str name);

/* Where a lockfile lies and what it belongs to. */
struct lock_place {
	str name;			/* for messages */
	str dir;			/* the project's directory, absolute and real */
	int dirfd;			/* the same, or -1: the disk is left alone */
	struct manifest *root;		/* the project's; NULL: the lockfile's own root entry */
	bool legacy_peer_deps;
};

/* Makes a tree of a checked document. E_LOCKFILE_PATH for folders outside of the project that it does not name. */
MUST_CHECK_ERR lock_doc_to_tree(struct arena *a, struct lock_doc *doc, const struct lock_place *at, struct tree **out);
/* From text to tree; *out is NULL when the text is no JSON. */
MUST_CHECK_ERR lockfile_read_at(struct arena *a, str text, const struct lock_place *at, struct tree **out);
