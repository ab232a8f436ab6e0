/* SPDX-License-Identifier: MIT
 * Whole-buffer gunzip with libdeflate: any number of members, trailer checked, output and ratio capped (T10, T11). */
#pragma once
#include "cpm/base/err.h"

/**
 * gunzip - inflates a whole gzip file, or copies plain bytes through when @allow_plain.
 * @cap_bytes: refuse to make more than this
 * @out:       on success heap memory with a NUL behind it, for the caller to free(); untouched on failure
 *
 * Takes what npm takes: members one behind the other, then nothing or zero bytes.
 * Cost:    O(output), about 1 GB/s; allocates the output only.
 * Errors:  E_BAD_ARCHIVE when damaged, cut short, followed by something else or not gzip at all; E_TOO_BIG over the cap,
 *          or over 1000 times the input once 16 MiB are out.
 * Threads: any.
 */
MUST_CHECK_ERR gunzip(str bytes, uint64_t cap_bytes, bool allow_plain, char **out, size_t *out_len);

/* The same, as part of @a: for workers, whose arena keeps the room for the next job. */
MUST_CHECK_ERR gunzip_into(struct arena *a, str bytes, uint64_t cap_bytes, bool allow_plain, str *out);

bool gunzip_is_gzip(str bytes);

struct gunzip_stream;
/**
 * gunzip_stream_open - the same piece by piece: for what is read once, from front to back.
 * @bytes: borrowed until the end; gzip data
 * @out:   NULL where no library that can do it is installed: inflate it whole
 *
 * Errors: as gunzip(). Lives in @a.
 */
MUST_CHECK_ERR gunzip_stream_open(struct arena *a, str bytes, uint64_t cap_bytes, struct gunzip_stream **out);
/* Up to @room bytes more. *made is 0 at the end, and only there; by then all checksums were right. */
MUST_CHECK_ERR gunzip_stream_read(struct gunzip_stream *s, char *to, size_t room, size_t *made);

/* How much @bytes will probably inflate to: the word of whoever made them, and no more than gzip can do. */
uint64_t gunzip_guess(str bytes);

/* What the first bytes look like, for messages: "a zip archive", "HTML or XML", "something else". Static text. */
str gunzip_kind(str bytes);
