/* SPDX-License-Identifier: MIT
 * One file of metadata of a TUF repository. */
#pragma once
#include "cpm/base/json.h"
#include "cpm/registry/tuf.h"

enum tuf_type { TUF_ROOT, TUF_TIMESTAMP, TUF_SNAPSHOT, TUF_TARGETS };

struct tuf_metadata {
	enum tuf_type type;
	str text;			/* the file */
	str signed_text;		/* what was signed: canonical JSON */
	const struct json *content;	/* the same, parsed */
	const struct json *signatures;
	uint64_t version;
	int64_t expires_ms;
};

/* "root.json" and the like, as the other files call it. */
str tuf_file_name(enum tuf_type type);
/* The most bytes that such a file may have. */
size_t tuf_max_bytes(enum tuf_type type);
/* An error about a file, shown as ETUF. */
struct err *tuf_error(const char *fmt, ...) PRINTF_LIKE(1, 2) MUST_CHECK;

/* tuf_canonical.c: objects by key, no blanks, whole numbers, and only " and \ escaped. False when @v has another number. */
bool tuf_write_canonical(struct arena *a, struct str_buf *out, const struct json *v);

/* tuf_metadata.c */
/* Nothing is verified yet. Errors: ETUF. */
MUST_CHECK_ERR tuf_parse(struct arena *a, enum tuf_type type, str text, struct tuf_metadata *out);
/* Enough of the keys that @root names for @m's role have signed it. Errors: ETUF. */
MUST_CHECK_ERR tuf_check_signatures(struct arena *a, const struct tuf_metadata *m, const struct tuf_metadata *root);
MUST_CHECK_ERR tuf_check_expiry(const struct tuf_metadata *m, int64_t now_ms);

/* What one file says of another. */
struct tuf_listing {
	uint64_t version;		/* 0: not said, as of targets */
	bool has_length;
	uint64_t length;
	const struct json *hashes;	/* {"sha256":"..."}; NULL: not said */
};
/* False when @content lists no @name, or not as it should. @key: "meta" or "targets". */
bool tuf_find_listing(const struct json *content, const char *key, str name, struct tuf_listing *out);
/* @text is what @by lists as @name. Errors: ETUF. */
MUST_CHECK_ERR tuf_check_listed(struct arena *a, const struct tuf_listing *l, str name, str by, str text);
