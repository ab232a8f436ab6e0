/* SPDX-License-Identifier: MIT
 * One way for every line: format, redact, hand to the sink. What a line must not contain is in
 * log_redact.c. */
#include "cpm/base/log.h"

#include "log_priv.h"

static log_sink_fn sink, listener;
static void *sink_ctx, *listener_ctx;
static bool is_muted;

static const char *const level_names[] = {
	[LOG_SILENT] = "silent",   [LOG_ERROR] = "error", [LOG_WARN] = "warn",
	[LOG_NOTICE] = "notice",   [LOG_HTTP] = "http",   [LOG_INFO] = "info",
	[LOG_VERBOSE] = "verbose", [LOG_SILLY] = "silly",
};

void log_set_sink(log_sink_fn fn, void *ctx)
{
	sink = fn;
	sink_ctx = ctx;
}

void log_set_listener(log_sink_fn fn, void *ctx)
{
	listener = fn;
	listener_ctx = ctx;
}

void log_mute(bool muted)
{
	is_muted = muted;
}

/* A notice may be a login address, which holds a UUID that the user has to see: those stay, as in
 * npm. */
void log_line(enum log_level level, const char *title, const char *fmt, ...)
{
	ARENA_SCOPE(tmp);
	unsigned keep = level == LOG_NOTICE ? REDACT_KEEP_UUIDS : 0;
	str message, shown_title;
	va_list ap;

	if (!sink || is_muted)
		return;
	va_start(ap, fmt);
	message = str_vprintf(tmp, fmt, ap);
	va_end(ap);
	shown_title = title ? redact(tmp, str_view(title), keep) : STR_NULL;
	message = redact(tmp, message, keep);
	if (listener)
		listener(listener_ctx, level, shown_title, message);
	sink(sink_ctx, level, shown_title, message);
}

bool log_level_parse(str name, enum log_level *out)
{
	for (size_t i = 0; i < ARRAY_LEN(level_names); i++) {
		if (str_eq(name, str_view(level_names[i]))) {
			*out = (enum log_level)i;
			return true;
		}
	}
	return false;
}

str log_level_name(enum log_level level)
{
	return str_view(level_names[level]);
}
