/* SPDX-License-Identifier: MIT
 * The error chain. Each error owns a small arena with its texts, so that it outlives whatever
 * failed. */
#include "cpm/base/err.h"

#include <errno.h>

static const struct {
	const char *shown;
	int exit_status;
	bool is_retryable;
	const char *hint;
} rows[] = {
#define ERR_ROW(id, shown, exit, retry, hint) [E_##id] = { shown, exit, retry, hint },
#include "cpm/base/err_codes.def"
#undef ERR_ROW
};

/* The handle lives in its own arena, so that it shares the arena's promise: never NULL. */
static struct err *err_alloc(enum err_code code)
{
	struct arena arena = { 0 };
	struct err *e = ARENA_NEW(&arena, struct err);

	e->arena = arena;
	e->code = code;
	return e;
}

struct err *err_new(enum err_code code, const char *fmt, ...)
{
	struct err *e = err_alloc(code);
	va_list ap;

	va_start(ap, fmt);
	e->message = str_vprintf(&e->arena, fmt, ap);
	va_end(ap);
	return e;
}

static enum err_code code_of_errno(int value)
{
	switch (value) {
	case ENOENT:
		return E_NO_ENTRY;
	case EACCES:
		return E_ACCESS;
	case EPERM:
		return E_PERMISSION;
	case EEXIST:
		return E_EXISTS;
	case ENOTDIR:
		return E_NOT_DIRECTORY;
	case EISDIR:
		return E_IS_DIRECTORY;
	case ENOSPC:
	case EDQUOT:
		return E_NO_SPACE;
	case EROFS:
		return E_READ_ONLY;
	default:
		return E_SYSTEM;
	}
}

/* The words of Node.js, which people and tools search for; the rest in the C library's. */
static const char *reason_of_errno(int value)
{
	static const struct {
		int value;
		const char *reason;
	} reasons[] = {
		{ ENOENT, "no such file or directory" },
		{ EACCES, "permission denied" },
		{ EPERM, "operation not permitted" },
		{ EEXIST, "file already exists" },
		{ ENOTDIR, "not a directory" },
		{ EISDIR, "illegal operation on a directory" },
		{ ENOTEMPTY, "directory not empty" },
		{ ENOSPC, "no space left on device" },
		{ EROFS, "read-only file system" },
		{ ELOOP, "too many symbolic links encountered" },
		{ ENAMETOOLONG, "name too long" },
		{ EMFILE, "too many open files" },
		{ ENFILE, "file table overflow" },
		{ EXDEV, "cross-device link not permitted" },
		{ EBUSY, "resource busy or locked" },
		{ EIO, "i/o error" },
	};

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (reasons[i].value == value)
			return reasons[i].reason;
	return strerror(value);
}

static str name_of_errno(int value)
{
	const char *name = strerrorname_np(value);
	return str_view(name ? name : "ESYSTEM");
}

struct err *err_sys(int errno_value, const char *call, str path)
{
	str name = name_of_errno(errno_value);
	struct err *e = err_new(code_of_errno(errno_value), STR_FMT ": %s, %s '" STR_FMT "'",
				STR_ARG(name), reason_of_errno(errno_value), call, STR_ARG(path));

	e->sys_errno = errno_value;
	e->syscall = str_dup(&e->arena, str_view(call));
	e->path = str_dup(&e->arena, path);
	if (e->code == E_SYSTEM)
		e->shown = str_dup(&e->arena, str_view(strerrorname_np(errno_value)));
	return e;
}

struct err *err_exists(str path)
{
	struct err *e = err_new(E_EXISTS,
				"EEXIST: file already exists\n"
				"File exists: " STR_FMT,
				STR_ARG(path));

	e->path = str_dup(&e->arena, path);
	return err_detail(e, "Remove the existing file and try again, or run npm\n"
			     "with --force to overwrite files recklessly.");
}

struct err *err_wrap(struct err *cause, const char *fmt, ...)
{
	struct err *e = err_alloc(cause->code);
	va_list ap;

	va_start(ap, fmt);
	e->message = str_vprintf(&e->arena, fmt, ap);
	va_end(ap);
	e->shown = cause->shown;
	e->exit_status = cause->exit_status;
	e->command = cause->command;
	e->output = cause->output;
	e->signal = cause->signal;
	e->sys_errno = cause->sys_errno;
	e->syscall = cause->syscall;
	e->path = cause->path;
	e->dest = cause->dest;
	e->detail = cause->detail;
	e->cause = cause;
	return e;
}

struct err *err_detail(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	e->detail = str_vprintf(&e->arena, fmt, ap);
	va_end(ap);
	return e;
}

struct err *err_show_as(struct err *e, str shown)
{
	e->shown = str_dup(&e->arena, shown);
	return e;
}

struct err *err_about(struct err *e, str path)
{
	e->path = str_dup(&e->arena, path);
	return e;
}

struct err *err_exit_as(struct err *e, int status)
{
	e->exit_status = status;
	e->shown = str_printf(&e->arena, "%d", status);
	return e;
}

struct err *err_script(str dir, str command, int status, int signal)
{
	struct err *e = err_new(E_SCRIPT, "command failed");

	e->path = str_dup(&e->arena, dir);
	e->command = str_dup(&e->arena, command);
	if (signal) {
		e->signal = str_printf(&e->arena, "SIG%s", sigabbrev_np(signal));
		return e;
	}
	return err_exit_as(e, status);
}

struct err *err_output(struct err *e, str out, str err)
{
	bool has_both = out.len > 0 && err.len > 0;

	e->output = str_printf(&e->arena, STR_FMT "%s" STR_FMT, STR_ARG(out), has_both ? "\n" : "",
			       STR_ARG(err));
	return e;
}

void err_free(struct err *e)
{
	while (e) {
		struct err *cause = e->cause;
		struct arena arena = e->arena; /* a copy: it holds *e itself */

		arena_fini(&arena);
		e = cause;
	}
}

bool err_is(const struct err *e, enum err_code code)
{
	return e && e->code == code;
}

bool err_is_retryable(const struct err *e)
{
	return rows[e->code].is_retryable;
}

int err_exit_status(const struct err *e)
{
	int status = e->exit_status ? e->exit_status : rows[e->code].exit_status;

	if (status >= 0)
		return status;
	return e->sys_errno ? -e->sys_errno & 0xff : 1;
}

str err_code_shown(const struct err *e)
{
	return str_is_null(e->shown) ? str_view(rows[e->code].shown) : e->shown;
}

str err_hint(const struct err *e)
{
	return str_view(rows[e->code].hint);
}

str err_text(struct arena *a, const struct err *e)
{
	struct str_buf out = str_buf(a, 1 << 20);

	for (; e; e = e->cause) {
		buf_add(&out, e->message);
		if (e->cause)
			buf_add(&out, S(": "));
	}
	return buf_view(&out);
}
