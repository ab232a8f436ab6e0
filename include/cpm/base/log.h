/* SPDX-License-Identifier: MIT
 * Talk, as opposed to results: every line has a level, may have a title, and passes through one redactor. Lower
 * layers log; only the sink that ui/ installs decides what a person sees. Main thread only. */
#pragma once
#include "cpm/base/str.h"

/* npm's levels, quietest first. */
enum log_level { LOG_SILENT, LOG_ERROR, LOG_WARN, LOG_NOTICE, LOG_HTTP, LOG_INFO, LOG_VERBOSE, LOG_SILLY };

/* Receives every line, already redacted; @title may be null; @message may have several lines. */
typedef void (*log_sink_fn)(void *ctx, enum log_level level, str title, str message);

void log_set_sink(log_sink_fn sink, void *ctx);
/* Hears every line as well, whatever the sink does with it; NULL ends that. One at a time. */
void log_set_listener(log_sink_fn listener, void *ctx);
/* Drops every line until that ends: for work that is only tried. */
void log_mute(bool is_muted);
void log_line(enum log_level level, const char *title, const char *fmt, ...) PRINTF_LIKE(3, 4);

#define log_error(title, ...)	log_line(LOG_ERROR, title, __VA_ARGS__)
#define log_warn(title, ...)	log_line(LOG_WARN, title, __VA_ARGS__)
#define log_notice(title, ...)	log_line(LOG_NOTICE, title, __VA_ARGS__)
#define log_http(title, ...)	log_line(LOG_HTTP, title, __VA_ARGS__)
#define log_info(title, ...)	log_line(LOG_INFO, title, __VA_ARGS__)
#define log_verbose(title, ...) log_line(LOG_VERBOSE, title, __VA_ARGS__)
#define log_silly(title, ...)	log_line(LOG_SILLY, title, __VA_ARGS__)

/* Level by npm's name ("warn"); false when there is none. */
bool log_level_parse(str name, enum log_level *out);
str log_level_name(enum log_level level);

/**
 * log_redact - the text without secrets: passwords in URLs, npm tokens, UUIDs become "***" (T33).
 * Every sink goes through it; call it where text leaves by another way (errors, lockfiles).
 */
str log_redact(struct arena *a, str text);
/* The same, but UUIDs stay: for documents that are named by one of their own. */
str log_redact_secrets(struct arena *a, str text);

/**
 * log_escape - text made harmless for a terminal (T39): control characters, bidirectional controls and bad UTF-8
 * become visible; tab and newline stay.
 */
str log_escape(struct arena *a, str text);
