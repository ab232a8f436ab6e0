/* SPDX-License-Identifier: MIT
 * A strict walker over the bytes of a tar archive, in place and without copying
 * (docs/adr/0003-own-tar-reader.md). It only reads: which entries become files, and where, is
 * unpack.c's business. */
#pragma once
#include "cpm/base/err.h"

/* One PAX or GNU extension block's worth of overrides for the entries that follow. */
struct tar_extension {
	str path, link_path; /* null: not said */
	int64_t size;        /* -1: not said */
	bool has_uid, has_gid, has_mtime, has_atime, has_ctime;
};

/* Where the rest of an archive comes from that is not had whole. fill() makes @need bytes available at the cursor, if
 * the archive has so many: it may move what is behind the cursor, and lets go what is before. */
struct tar_source {
	struct err *(*fill)(struct tar_source *source, str *bytes, size_t *at, uint64_t need);
	size_t piece_bytes; /* larger bodies come in pieces of this; a multiple of 512 */
};

/* Caller's storage; made by tar_open(). */
struct tar {
	struct arena *arena; /* for the names that cannot be borrowed */
	struct tar_source *source; /* NULL: all is there */
	str bytes;
	size_t at;
	uint64_t rest; /* of the body at hand: what has not been handed out */
	struct tar_extension local, global;
	bool saw_null_block, saw_entry, is_over;
	struct err *err; /* set when tar_next() gave up; tar_finish() hands it out */
};

struct tar_entry {
	char type; /* '0' file, '7' contiguous file, '5' folder, '1'... as in the header; 0: unknown
		    */
	str path;  /* final name: PAX over GNU over ustar; valid UTF-8; never with a NUL */
	uint32_t mode; /* permission bits as recorded, 07777 at most */
	bool has_mode;
	uint64_t size;
	str body; /* borrowed; from a source only until the next piece or entry, and perhaps only the first piece */
};

/* @bytes: the inflated archive, borrowed for as long as entries are used. */
struct tar tar_open(struct arena *a, str bytes);
/* @source is borrowed until tar_finish(). */
struct tar tar_open_source(struct arena *a, struct tar_source *source);

/**
 * tar_next - the next entry that is no extension header.
 *
 * Reads every archive as node-tar 7.5 does (T3): a header whose checksum, link name or base-256
 * number is wrong is stepped over as one block, two zero blocks end the archive, extension bodies
 * over 1 MiB are ignored. What node-tar reads by accident of JavaScript's number parsing is refused
 * instead. Cost: one pass over the header blocks; bodies are not touched.
 */
bool tar_next(struct tar *t, struct tar_entry *out);

/* The next piece of the body of the entry at hand; false when that was all of it, or when the archive was cut short.
 * Pieces that nobody asks for are stepped over. */
bool tar_next_piece(struct tar *t, str *piece);

/* E_BAD_ARCHIVE when the archive was cut short, refused, or held no entry at all. Call it once,
 * after tar_next() said no, or tar_next_piece() before the end. */
MUST_CHECK_ERR tar_finish(struct tar *t);
