/* SPDX-License-Identifier: MIT
 * What the cache knows of a package beyond its bytes: the files it unpacks to and the few facts that installing needs, so
 * that a package can be put in place, or proven to be in place, without opening its tarball (architecture.md 5). */
#pragma once
#include "cpm/base/digest.h"

struct store;

struct row_file {
	str path;		/* inside the package */
	uint32_t mode;		/* permission bits as created */
	bool is_requested;	/* it was made executable (and its first line repaired) because a command leads to it */
	uint64_t size;
	int64_t mtime_ns;	/* of the copy on the shelf; 0 when there is none */
};

struct package_row {
	bool is_shelved;	/* an unpacked copy was put on the shelf (shelf.h) */
	bool has_binding_gyp;
	str manifest;		/* JSON: the members of package.json that installing needs; null when it is no object */
	struct row_file *files;	/* folder by folder */
	size_t nfiles;
	str *dirs;		/* folders below the package, parents first */
	size_t ndirs;
};

/* The row of the package whose tarball has this digest; false when there is none. Lives in @a. Main thread. */
bool store_get_row(struct store *s, struct arena *a, const struct digest *key, struct package_row *out);
/* Keeps a row as package_row_freeze() made it. Main thread. */
void store_put_row(struct store *s, const struct digest *key, str frozen);

/* @files and their texts in, @dirs derived from them. Any thread. */
void package_row_list_dirs(struct arena *a, struct package_row *row);
/* One piece of bytes, and back; false when they are not what freeze wrote. The result borrows @bytes. Any thread. */
str package_row_freeze(struct arena *a, const struct package_row *row);
bool package_row_thaw(struct arena *a, str bytes, struct package_row *out);
