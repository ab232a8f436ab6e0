/* SPDX-License-Identifier: MIT
 * What a spec that no registry answers for says about where its package is. */
#pragma once
#include "cpm/registry/package_source.h"
#include "cpm/tree/pick.h"

/**
 * spec_address - the place of a file, directory, remote or git spec.
 * @is_own: the project itself, or one of its members, asks for it
 *
 * Of a repository the commit is filled in when the spec names a whole one. Lives in @a and borrows from @s.
 */
struct package_address spec_address(struct arena *a, const struct spec *s, bool is_own);

/* Sets the commit of a repository, and where its host keeps it as a tarball. */
void spec_address_pin(struct arena *a, const struct spec *s, str commit, struct package_address *at);

/**
 * spec_address_find_commit - asks a repository which commit the spec means now, and pins @at to it.
 * @where: the folder that the spec was resolved from
 *
 * Of a range the best of its tags is taken, as if a registry had them. What is no repository, or is pinned already,
 * stays as it is. Errors: those of package_find_commit(), package_list_tags() and pick_version().
 */
MUST_CHECK_ERR spec_address_find_commit(struct arena *a, struct package_source *packages, const struct spec *s,
					str where, const struct pick_opts *pick, struct package_address *at);

/* What a lockfile's `resolved` says of the package (npm-tree.md 10.6): an absolute "file:", the URL, the repository with
 * its commit. */
str spec_address_resolved(struct arena *a, const struct spec *s, const struct package_address *at);

/* 40 to 64 hex digits, small letters: names a commit by itself. */
bool spec_is_commit(str committish);
