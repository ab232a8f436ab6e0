/* SPDX-License-Identifier: MIT
 * Errors carry a code, a message and a cause. NULL is success. Libraries return them and never print; the top prints
 * once. The codes are one table: base/err_codes.def. */
#pragma once
#include "cpm/base/str.h"

enum err_code {
#define ERR_ROW(id, shown, exit, retry, hint) E_##id,
#include "cpm/base/err_codes.def"
#undef ERR_ROW
	ERR_CODE_COUNT
};

/* A heap handle: whoever receives it frees it or passes it on. Fields are read-only for callers. */
struct err {
	enum err_code code;
	str shown;		/* code npm users know ("E404"); null when the error has none */
	str message;		/* the summary: may have several lines */
	str detail;		/* further lines for the report, or null */
	int sys_errno;		/* 0 unless a system call failed */
	str syscall, path, dest; /* of the failed system call, or null */
	int exit_status;	/* of a program that failed and ends ours with it; 0: the table's */
	str command, output;	/* of a program that failed: how it was started, what it printed; or null */
	bool is_spoken;		/* npm throws a mere text here: with --json its report stays empty */
	str signal;		/* what ended it ("SIGKILL"), or null */
	struct err *cause;	/* the lower layer's error, or NULL */
	struct arena arena;	/* what the texts live in */
};

#define MUST_CHECK_ERR MUST_CHECK struct err *

struct err *err_new(enum err_code code, const char *fmt, ...) PRINTF_LIKE(2, 3) MUST_CHECK;
/* A failed system call: code from errno (ENOENT, EACCES, ENOSPC ... have their own rows), message
 * "<NAME>: <reason>, <call> '<path>'" as Node.js has it. @errno_value is passed so that nothing in between can change it. */
struct err *err_sys(int errno_value, const char *call, str path) MUST_CHECK;
/* Something is at @path that may not be replaced: E_EXISTS with npm's text, which tells of --force. */
struct err *err_exists(str path) MUST_CHECK;
/* Adds what this layer was doing. Keeps the code; takes @cause. */
struct err *err_wrap(struct err *cause, const char *fmt, ...) PRINTF_LIKE(2, 3) MUST_CHECK;
/* Sets further lines of the report / the code shown instead of the table's. Return @e. */
struct err *err_detail(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct err *err_show_as(struct err *e, str shown);
/* Sets the path that the report names in a line of its own, for what is no failed system call. Returns @e. */
struct err *err_about(struct err *e, str path);
/* A program that we ran for the user failed: its status becomes ours and is the code shown. Returns @e. */
struct err *err_exit_as(struct err *e, int status);
/* A script that failed: E_SCRIPT with npm's text. @status: its exit status, @signal: what ended it instead, or 0. */
struct err *err_script(str dir, str command, int status, int signal) MUST_CHECK;
/* Adds what a program printed. Returns @e. */
struct err *err_output(struct err *e, str out, str err);
void err_free(struct err *e);

bool err_is(const struct err *e, enum err_code code);	/* of the outermost error */
bool err_is_retryable(const struct err *e);
/* The exit status npm would give: the table's, or for system errors the low byte of -errno. */
int err_exit_status(const struct err *e);
str err_code_shown(const struct err *e);
str err_hint(const struct err *e);
/* All messages, outermost first, joined by ": ", for logs and tests. */
str err_text(struct arena *a, const struct err *e);

/* Passes a failure up. */
#define TRY(call)                                                                                  \
	do {                                                                                       \
		struct err *try_err_ = (call);                                                     \
		if (UNLIKELY(try_err_ != NULL))                                                    \
			return try_err_;                                                           \
	} while (0)

/* Passes a failure up and says what this layer was doing: TRY_AS(json_parse(...), "cannot read '%s'", name). */
#define TRY_AS(call, ...)                                                                          \
	do {                                                                                       \
		struct err *try_err_ = (call);                                                     \
		if (UNLIKELY(try_err_ != NULL))                                                    \
			return err_wrap(try_err_, __VA_ARGS__);                                    \
	} while (0)

/* The failure is expected and of no interest. */
static inline void err_ignore(struct err *e)
{
	err_free(e);
}
