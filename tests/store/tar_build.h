/* SPDX-License-Identifier: MIT
 * Archives for tests, header by header, so that they can be as wrong as an attacker would make
 * them. */
#pragma once
#include <stdio.h>

#include "cpm/base/str.h"

#define TAR_BLOCK 512

struct tar_header {
	const char *name;
	char type;     /* 0: '0' */
	unsigned mode; /* 0: 0644 */
	const char *link;
	const char *prefix;
	str size_field; /* instead of the body's length */
	bool is_gnu;    /* no ustar magic, so no prefix */
	bool bad_checksum;
};

static inline void tar_put(char *block, size_t at, const char *text, size_t room)
{
	if (text)
		memcpy(block + at, text, MIN(strlen(text), room));
}

static inline void tar_add(struct str_buf *out, struct tar_header h, str body)
{
	static const char zeros[TAR_BLOCK];
	char block[TAR_BLOCK] = { 0 };
	unsigned sum = 0;

	tar_put(block, 0, h.name, 100);
	snprintf(block + 100, 8, "%07o", (h.mode ? h.mode : 0644) & 07777);
	snprintf(block + 124, 12, "%011zo", body.len);
	if (h.size_field.len)
		memcpy(block + 124, h.size_field.p, MIN(h.size_field.len, (size_t)12));
	block[156] = h.type ? h.type : '0';
	tar_put(block, 157, h.link, 100);
	if (!h.is_gnu)
		memcpy(block + 257, "ustar\00000", 8);
	tar_put(block, 345, h.prefix, 155);
	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", (sum + h.bad_checksum) & 0777777);
	buf_add(out, str_of(block, TAR_BLOCK));
	buf_add(out, body);
	buf_add(out, str_of(zeros, (TAR_BLOCK - body.len % TAR_BLOCK) % TAR_BLOCK));
}

static inline void tar_add_file(struct str_buf *out, const char *name, str body)
{
	tar_add(out, (struct tar_header){ .name = name }, body);
}

/* One PAX record with the length that counts itself. */
static inline str tar_pax(struct arena *a, const char *key, const char *value)
{
	size_t rest = strlen(key) + strlen(value) + 3, len = rest + 1;

	while (len != rest + (size_t)snprintf(NULL, 0, "%zu", len))
		len = rest + (size_t)snprintf(NULL, 0, "%zu", len);
	return str_printf(a, "%zu %s=%s\n", len, key, value);
}

static inline void tar_end(struct str_buf *out)
{
	static const char zeros[2 * TAR_BLOCK];

	buf_add(out, str_of(zeros, sizeof(zeros)));
}
