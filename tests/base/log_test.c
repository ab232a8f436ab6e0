/* SPDX-License-Identifier: MIT
 * Lines reach the sink without secrets; text reaches a terminal without orders. */
#include "cpm/base/log.h"

#include "check.h"

#define TOKEN "npm_0123456789abcdefghijABCDEFGHIJ012345"
#define UUID  "123e4567-e89b-12d3-a456-426614174000"

struct heard {
	struct arena *arena;
	enum log_level level;
	str title, message;
	int count;
};

static void hear(void *ctx, enum log_level level, str title, str message)
{
	struct heard *h = ctx;

	h->level = level;
	h->title = str_dup(h->arena, title);
	h->message = str_dup(h->arena, message);
	h->count++;
}

TEST(lines_reach_the_sink_formatted_and_redacted)
{
	ARENA_SCOPE(a);
	struct heard h = { .arena = a };

	log_warn("none", "nobody listens yet");
	log_set_sink(hear, &h);
	log_warn("title " TOKEN, "%d and %s", 1, TOKEN);
	CHECK_EQ(h.count, 1);
	CHECK_EQ(h.level, LOG_WARN);
	CHECK_STR(h.title, S("title npm_***"));
	CHECK_STR(h.message, S("1 and npm_***"));
	log_error(NULL, "two\nlines");
	CHECK_STR(h.title, STR_NULL);
	CHECK_STR(h.message, S("two\nlines"));
	log_set_sink(NULL, NULL);
	log_error(NULL, "unheard");
	CHECK_EQ(h.count, 2);
}

/* The address of a web login holds a UUID that the user has to see. */
TEST(notices_keep_uuids_and_nothing_else)
{
	ARENA_SCOPE(a);
	struct heard h = { .arena = a };

	log_set_sink(hear, &h);
	log_notice(NULL, "https://u:pass@h/login/" UUID " " TOKEN);
	CHECK_STR(h.message, S("https://u:***@h/login/" UUID " npm_***"));
	log_info(NULL, "%s", UUID);
	CHECK_STR(h.message, S("***"));
	log_set_sink(NULL, NULL);
}

TEST(levels_have_npms_names)
{
	enum log_level level;

	for (enum log_level i = LOG_SILENT; i <= LOG_SILLY; i++) {
		CHECK(log_level_parse(log_level_name(i), &level));
		CHECK_EQ(level, i);
	}
	CHECK(!log_level_parse(S("loud"), &level));
	CHECK(!log_level_parse(S(""), &level));
}

TEST(t33_secrets_become_stars)
{
	ARENA_SCOPE(a);
	const struct {
		str text, want;
	} rows[] = {
		{ S("https://user:pass@host/path"), S("https://user:***@host/path") },
		{ S("see git+https://u:p%40ss@h:8080/x?y and more"), S("see git+https://u:***@h:8080/x?y and more") },
		{ S("a=https://u:p@h,b=(https://u:q@h)"), S("a=https://u:***@h,b=(https://u:***@h)") },
		{ S("https://u:p@ss@host/"), S("https://u:***@host/") },
		{ S("https://:secret@host/"), S("https://:***@host/") },
		{ S("https://u:@host/"), S("https://u:@host/") },
		{ S("https://ghp_tokenonly@host/x"), S("https://***@host/x") },
		{ S("git+ssh://git@host/u/r.git"), S("git+ssh://git@host/u/r.git") },
		{ S("ssh://git:pw@host/r"), S("ssh://git:***@host/r") },
		{ S("https://host/@scope/name"), S("https://host/@scope/name") },
		{ S("https://host?x=a:b@c"), S("https://host?x=a:b@c") },
		{ S("http://host:8080/"), S("http://host:8080/") },
		{ S("://"), S("://") },
		{ S("x " TOKEN "."), S("x npm_***.") },
		{ S("npms_0123456789abcdefghijABCDEFGHIJ012345"), S("npm_***") },
		{ S("NPM_0123456789abcdefghijABCDEFGHIJ012345"), S("npm_***") },
		{ S(TOKEN "0123456789abcdef0123456789"), S("npm_***") },
		{ S("npm_short"), S("npm_short") },
		{ S("x" TOKEN), S("x" TOKEN) },
		{ S(TOKEN "_"), S(TOKEN "_") },
		{ S("npm_config_registry"), S("npm_config_registry") },
		{ S("id " UUID "!"), S("id ***!") },
		{ S("id 123E4567-E89B-12D3-A456-426614174000"), S("id ***") },
		{ S(UUID "0"), S(UUID "0") },
		{ S("0" UUID), S("0" UUID) },
		{ S("//h/:_authToken=abc123 next"), S("//h/:_authToken=*** next") },
		{ S("_auth=\"x\""), S("_auth=\"x\"") },
		{ S("_auth=dXNlcjpwYXNz\n_password=abc"), S("_auth=***\n_password=***") },
		{ S("Authorization: Bearer abc.def\r\nHost: x"), S("Authorization: ***\r\nHost: x") },
		{ S("plain text: with words, a b c"), S("plain text: with words, a b c") },
		{ S(""), S("") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(log_redact(a, rows[i].text), rows[i].want, "row %zu", i);
}

TEST(innocent_text_is_not_copied)
{
	ARENA_SCOPE(a);
	str text = S("added 12 packages in 3s");

	CHECK(log_redact(a, text).p == text.p);
	CHECK(log_escape(a, text).p == text.p);
}

TEST(t39_terminal_controls_become_visible)
{
	ARENA_SCOPE(a);
	const struct {
		str text, want;
	} rows[] = {
		{ S("a\tb\nc"), S("a\tb\nc") },
		{ S("line\r\nline"), S("line\r\nline") },
		{ S("over\rwritten"), S("over^Mwritten") },
		{ S("\x1b[31mred\x1b[0m"), S("^[[31mred^[[0m") },
		{ S("\x1b]0;title\x07"), S("^[]0;title^G") },
		{ str_of("nul\0", 4), S("nul^@") },
		{ S("del\x7f"), S("del^?") },
		{ S("c1 \xc2\x9b" "31m"), S("c1 ^[31m") },
		{ S("bidi \xe2\x80\xae" "evil\xe2\x81\xa9\xd8\x9c"), S("bidi \\u202e" "evil\\u2069\\u061c") },
		{ S("caf\xe9 \xc0\x80"), S("caf\\xe9 \\xc0\\x80") },
		{ S("\xf0\x9f\x98\x80 \xc3\xa9 \xe4\xb8\xad"), S("\xf0\x9f\x98\x80 \xc3\xa9 \xe4\xb8\xad") },
		{ S("cut \xe2\x80"), S("cut \\xe2\\x80") },
		{ S(""), S("") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(log_escape(a, rows[i].text), rows[i].want, "row %zu", i);
}

TEST(t39_no_byte_below_space_survives_but_tab_and_newline)
{
	ARENA_SCOPE(a);
	char all[512];
	str got;

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)(i * 7 % 256);
	got = log_escape(a, str_of(all, sizeof(all)));
	for (size_t i = 0; i < got.len; i++)
		CHECK((unsigned char)got.p[i] >= 0x20 || got.p[i] == '\t' || got.p[i] == '\n', "byte %zu", i);
	CHECK(str_is_utf8(got));
}

UNIT_TESTS(TESTED(lines_reach_the_sink_formatted_and_redacted), TESTED(notices_keep_uuids_and_nothing_else),
	   TESTED(levels_have_npms_names), TESTED(t33_secrets_become_stars), TESTED(innocent_text_is_not_copied),
	   TESTED(t39_terminal_controls_become_visible),
	   TESTED(t39_no_byte_below_space_survives_but_tab_and_newline))
