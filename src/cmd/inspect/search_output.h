/* SPDX-License-Identifier: MIT
 * Packages that a search found, for people and for programs. */
#pragma once
#include "cmd_priv.h"

/* What is searched for, in small letters. */
struct search_words {
	str *items;
	size_t count;
	str *by_length; /* the same, shortest first: the order in which they are marked */
};
struct search_words search_words_make(struct arena *a, const str *args, size_t nargs);

/* --searchexclude has a word, or a "/pattern/", that its name, keywords or maintainers have. */
bool search_is_excluded(const struct cmd_ctx *ctx, const struct json *package);
/* Columns with tabs between. */
str search_row(struct arena *a, const struct json *package);
/* Several lines, with the words marked in colour. */
str search_card(const struct cmd_ctx *ctx, const struct json *package, const struct search_words *words);
