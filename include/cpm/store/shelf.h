/* SPDX-License-Identifier: MIT
 * The shelf: packages unpacked, so that they can be hard-linked instead of written (architecture.md 5, `store/`). It is
 * derived from the blobs: delete it and nothing is lost. A package gets there the second time it is installed, so that a
 * machine that is thrown away after one install writes each file once.
 *
 * A package's folder is flat: its files are named by their number in the row, which spares the shelf all its folders.
 * Files on the shelf share their inode with every tree they are in; whoever edits one edits them all. That is why each is
 * held against its row (size, time, mode) whenever it is linked: an edited one is never spread. */
#pragma once
#include "cpm/store/package_row.h"

/* The shelf's folder, opened at the first call; -1 when the cache cannot be written or @s is NULL. Owned by the store.
 * Main thread. */
int store_shelf_fd(struct store *s);

/**
 * shelf_keep - puts the package in @dirfd, which was just unpacked, on the shelf.
 * @row: its files; their modes and times are filled in, and is_shelved is set on success
 *
 * Replaces what was there under that key. Appears by one rename, or not at all. False when it cannot be done (another
 * file system, no links left): that is no error, the package is then written each time. Threads: any.
 * Cost: one link and one stat per file.
 */
bool shelf_keep(int shelf_fd, const struct digest *key, int dirfd, struct package_row *row);

enum shelf_result { SHELF_LINKED, SHELF_STALE, SHELF_IMPOSSIBLE };

/**
 * shelf_link - a package from the shelf into the empty folder @dirfd.
 *
 * SHELF_STALE: a file is missing or is not what the row says; SHELF_IMPOSSIBLE: the file system does not link (F14). In
 * both cases what was linked so far stays behind and the caller unpacks the tarball instead. Threads: any.
 * Cost: per file one stat and one link, per folder one mkdir and one open; nothing is listed.
 */
enum shelf_result shelf_link(int shelf_fd, const struct digest *key, const struct package_row *row, int dirfd);
