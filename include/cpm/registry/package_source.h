/* SPDX-License-Identifier: MIT
 * Packages that no registry answers for: tarballs on disk and behind URLs, folders, repositories.
 * The resolver asks what is in them, reify for their bytes. A folder or repository becomes the
 * tarball `npm pack` would make of it, so that everything is written to disk by the one function
 * that guards against all archives. Main thread only. */
#pragma once
#include "cpm/base/ports.h"
#include "cpm/registry/packument.h"

struct cfg;
struct http;

enum package_kind { PACKAGE_FILE, PACKAGE_FOLDER, PACKAGE_URL, PACKAGE_REPO };

struct package_address {
	enum package_kind kind;
	str name;  /* for messages */
	str place; /* absolute path, or URL */
	str integrity; /* what the bytes of a file or URL must prove to be; null: anything */
	/* PACKAGE_REPO; @place is what git would clone */
	str other_place;  /* tried when @place cannot be reached; null */
	str ref;          /* branch, tag or commit; null: what HEAD is */
	str commit;       /* its 40 or 64 hex digits, once they are known */
	str subdir;       /* folder of the package in it, "/x"; null: the top */
	str host_tarball; /* where the host serves @commit as a tarball; null */
	bool is_own;      /* the project itself asks for it: may be on this machine (T17) */
};

struct package_content {
	struct archive_content archive;
	str place;     /* where it was found in the end: replace-registry-host moves URLs */
	str integrity; /* of the tarball; null for folders */
};

struct package_source;

/* Everything is borrowed. */
struct package_source_opts {
	const struct cfg *cfg;
	struct kv_port *cache; /* packed repositories by commit; may be NULL */
	struct archive_port *archives;
	/* Opens the network when it is first needed. */
	struct err *(*open_http)(void *ctx, struct http **out);
	/* Runs what has to be run in @folder before it is packed. @resolved: the commit that lies
	 * there, or null for a folder of the user's own. May be NULL: all is packed as it is. */
	struct err *(*prepare)(void *ctx, str folder, str resolved);
	void *ctx;
};
struct package_source *package_source_new(struct arena *a, const struct package_source_opts *opts);
/* Removes the repositories it cloned. NULL is fine. */
void package_source_free(struct package_source *s);

/**
 * package_find_commit - which commit the ref of a repository means now.
 *
 * Errors: E_NOT_FOUND when it has no such ref, E_GIT, E_NOT_CACHED offline, E_BAD_PROTOCOL (T17).
 */
MUST_CHECK_ERR package_find_commit(struct package_source *s, struct arena *a,
				   const struct package_address *at, str *commit);
/* The versions that a repository has tags for, as if they were published: .manifest is the commit. */
MUST_CHECK_ERR package_list_tags(struct package_source *s, struct arena *a,
				 const struct package_address *at, struct packument **out);

/**
 * package_look - what is in the package at @at; of a repository the commit must be known.
 *
 * Nothing is run for that, so what a `prepare` script makes is not seen. What was fetched for it is
 * kept in the cache: under its integrity, and a repository's under its commit as well.
 * Errors: E_BAD_ARCHIVE, E_INTEGRITY, any of fs, http and package_find_commit().
 */
MUST_CHECK_ERR package_look(struct package_source *s, struct arena *a,
			    const struct package_address *at, struct package_content *out);

/* The tarball itself, prepared unless --ignore-scripts, on the heap for the caller to free(). The same errors, and
 * those of the scripts. */
MUST_CHECK_ERR package_fetch(struct package_source *s, const struct package_address *at,
			     char **bytes, size_t *len);
