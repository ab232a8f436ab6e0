/* SPDX-License-Identifier: MIT
 * Any bytes: what log_escape() lets through, a terminal shows and does not obey (T39); redacting twice changes nothing. */
#include "cpm/base/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPE(a);
	str text = str_of((const char *)data, size), shown = log_escape(a, text), redacted = log_redact(a, text);

	if (!str_is_utf8(shown) || !str_eq(log_escape(a, shown), shown))
		abort();
	for (size_t i = 0; i < shown.len; i++) {
		unsigned char c = (unsigned char)shown.p[i];
		bool is_line_end = c == '\r' && i + 1 < shown.len && shown.p[i + 1] == '\n';

		if ((c < 0x20 && c != '\t' && c != '\n' && !is_line_end) || c == 0x7f)
			abort();
	}
	if (!str_eq(log_redact(a, redacted), redacted))
		abort();
	return 0;
}
