/* SPDX-License-Identifier: MIT
 * What a spec that no registry answers for says about where its package is. */
#pragma once
#include "cpm/registry/package_source.h"
#include "cpm/tree/spec.h"

/**
 * spec_address - the place of a file, directory, remote or git spec.
 * @is_own: the project itself, or one of its members, asks for it
 *
 * Of a repository the commit is filled in when the spec names a whole one. Lives in @a and borrows from @s.
 */
struct package_address spec_address(struct arena *a, const struct spec *s, bool is_own);

/* Sets the commit of a repository, and where its host keeps it as a tarball. */
void spec_address_pin(struct arena *a, const struct spec *s, str commit, struct package_address *at);

/* What a lockfile's `resolved` says of the package (npm-tree.md 10.6): an absolute "file:", the URL, the repository with
 * its commit. */
str spec_address_resolved(struct arena *a, const struct spec *s, const struct package_address *at);

/* 40 to 64 hex digits, small letters: names a commit by itself. */
bool spec_is_commit(str committish);
