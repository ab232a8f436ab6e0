/* SPDX-License-Identifier: MIT
 * What the files around the scanner share beyond its public face. */
#pragma once
#include "cpm/base/json_scan.h"

/* Digits beyond this are more than cJSON's number buffer holds. */
#define JSCAN_LONG_NUMBER 60

/* What a valid document holds that cJSON would refuse. */
struct jscan_facts {
	bool has_lone_surrogate, has_long_number;
};
MUST_CHECK_ERR jscan_check_facts(str text, struct jscan_facts *facts);

/* The code point of the "\uXXXX" at @p, of two of them when they are a pair: length, or 0 when
 * there is none. */
size_t jscan_code_point(const char *p, const char *end, uint32_t *code);
/* Writes @code as UTF-8 (surrogates like any other): 1 to 4 bytes. */
size_t jscan_put_code_point(char *to, uint32_t code);

/* First byte from @p on that is a quote, a backslash or below 0x20; @end when there is none. */
const char *jscan_string_stop(const char *p, const char *end);
/* @p stands on an opening bracket: the first byte behind the matching one, or NULL when the text
 * ends before. Brackets in strings do not count; curly and square ones are not told apart. */
const char *jscan_container_end(const char *p, const char *end);
