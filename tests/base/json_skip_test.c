/* SPDX-License-Identifier: MIT
 * The two ways of skipping, with SSE2 and without, against the plainest third one, on text made of nothing but the bytes
 * that matter. The portable way is compiled in here under other names. */
#include "json_scan_priv.h"

const char *portable_string_stop(const char *p, const char *end);
const char *portable_container_end(const char *p, const char *end);

#undef __SSE2__
#define jscan_string_stop   portable_string_stop
#define jscan_container_end portable_container_end
#include "json_skip.c"
#undef jscan_string_stop
#undef jscan_container_end

#include "check.h"

static const char *plain_string_stop(const char *p, const char *end)
{
	while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
		p++;
	return p;
}

static const char *plain_container_end(const char *p, const char *end)
{
	bool in_string = false;
	int depth = 0;

	for (; p < end; p++) {
		if (*p == '\\' && p + 1 < end && (p[1] == '"' || p[1] == '\\'))
			p++;
		else if (*p == '"')
			in_string = !in_string;
		else if (!in_string && (*p == '{' || *p == '['))
			depth++;
		else if (!in_string && (*p == '}' || *p == ']') && --depth == 0)
			return p + 1;
	}
	return NULL;
}

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16;
}

TEST(all_ways_of_skipping_a_container_agree)
{
	static const char bytes[] = "{[]}\"\\ax{\"}]";
	unsigned seed = 1;

	for (int round = 0; round < 40000; round++) {
		char text[300];
		size_t len = 1 + next_random(&seed) % (sizeof(text) - 1);
		unsigned kinds = 1 + next_random(&seed) % (sizeof(bytes) - 1);
		const char *want;

		text[0] = '{';
		for (size_t i = 1; i < len; i++)
			text[i] = bytes[next_random(&seed) % kinds];
		want = plain_container_end(text, text + len);
		CHECK(jscan_container_end(text, text + len) == want, "%.*s", (int)len, text);
		CHECK(portable_container_end(text, text + len) == want, "%.*s", (int)len, text);
	}
}

TEST(all_ways_of_finding_the_end_of_a_string_agree)
{
	char text[80];

	for (int byte = 0; byte < 256; byte++) {
		for (size_t at = 0; at < sizeof(text); at++) {
			memset(text, at % 2 ? 'a' : 0xff, sizeof(text));
			text[at] = (char)byte;
			for (size_t from = 0; from <= at; from += 7) {
				const char *want = plain_string_stop(text + from, text + sizeof(text));

				CHECK(jscan_string_stop(text + from, text + sizeof(text)) == want, "%d at %zu", byte, at);
				CHECK(portable_string_stop(text + from, text + sizeof(text)) == want, "%d at %zu", byte, at);
			}
		}
	}
}

UNIT_TESTS(TESTED(all_ways_of_skipping_a_container_agree), TESTED(all_ways_of_finding_the_end_of_a_string_agree))
