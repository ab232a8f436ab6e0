/* SPDX-License-Identifier: MIT
 * Arguments that a person typed behind a script's name reach it as they were typed, whatever is in
 * them (T40): inside single quotes a shell reads nothing but the next single quote. */
#include "cpm/runtime/shell_quote.h"

#define SPECIAL "\t\n\r \"#$&'()*;<>?\\`|~"

/* Empty pairs of quotes in front, left over from a word that begins with quotes. */
static str drop_empty_pairs(str quoted)
{
	while (quoted.len > 2 && str_starts(quoted, S("''")))
		quoted = str_from(quoted, 2);
	return quoted;
}

str shell_quote(struct arena *a, str word)
{
	if (word.len == 0)
		return S("''");
	if (str_find_any(word, SPECIAL) == STR_NPOS)
		return word;
	str inner = str_replace_all(a, word, S("'"), S("'\\''"));
	str quoted = str_printf(a, "'" STR_FMT "'", STR_ARG(inner));
	return str_replace_all(a, drop_empty_pairs(quoted), S("\\'''"), S("\\'"));
}

str shell_command(struct arena *a, str script, const str *words, size_t count)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	buf_add(&out, script);
	for (size_t i = 0; i < count; i++) {
		buf_add_char(&out, ' ');
		buf_add(&out, shell_quote(a, words[i]));
	}
	return buf_view(&out);
}
