/* SPDX-License-Identifier: MIT
 * Finding programs, above all node. `cpm run` must start within milliseconds, so what is remembered
 * between runs stands in a file of its own and not in the database. */
#include "cpm/runtime/node_find.h"

#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "cpm/base/path.h"
#include "cpm/base/proc.h"
#include "cpm/base/semver.h"

#include <errno.h>

#define ASSUMED_VERSION  "24.11.0"
#define OUTPUT_MAX_BYTES 256
#define MEMO_MAX_BYTES   8192

/* ---- programs ---- */

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* Inside scripts "node" may be a name of ours, for a build that is yet to be fetched. */
static bool is_ourselves(const char *path)
{
	struct stat own, other;

	return stat("/proc/self/exe", &own) == 0 && stat(path, &other) == 0 &&
	       own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

str runtime_find_program(struct arena *a, const struct cfg *cfg, str name)
{
	str rest = cfg_getenv(cfg, "PATH");

	if (str_find_char(name, '/') != STR_NPOS) {
		str file = path_resolve(a, cfg_cwd(cfg), name);
		return is_program(str_cstr(a, file)) ? file : STR_NULL;
	}
	for (str dir; str_cut(&rest, ':', &dir);) {
		str file = path_resolve(a, cfg_cwd(cfg), path_join(a, dir, name));
		const char *path = str_cstr(a, file);
		if (dir.len > 0 && is_program(path) && !is_ourselves(path))
			return file;
	}
	return STR_NULL;
}

str runtime_find_node(struct arena *a, const struct cfg *cfg)
{
	return runtime_find_program(a, cfg, S("node"));
}

/* What a shell says of a program that it cannot find. */
#define STATUS_NOT_FOUND 127

void runtime_explain_failure(const struct cfg *cfg, int exit_status)
{
	ARENA_SCOPE(tmp);

	if (exit_status == STATUS_NOT_FOUND && str_is_null(runtime_find_node(tmp, cfg)))
		log_error("run", "There is no Node.js here: no `node` in any folder of PATH. "
				 "Install it, or add "
				 "its folder to PATH; most scripts need it.");
}

/* ---- the version, remembered ---- */

static bool ask(struct arena *a, str program, struct proc_child *child)
{
	struct err *e = proc_capture_begin(
		(const char *const[]){ str_cstr(a, program), "--version", NULL }, child);

	err_ignore(e);
	return !e;
}

static str hear(struct arena *a, struct proc_child *child)
{
	struct proc_result result;
	struct err *e = proc_capture_end(a, child, OUTPUT_MAX_BYTES, &result);

	if (e) {
		err_ignore(e);
		return STR_NULL;
	}
	str version = str_trim(result.out);
	if (str_starts(version, S("v")))
		version = str_from(version, 1);
	return result.exit_status == 0 && semver_is_valid(version, SEMVER_STRICT) ? version
										  : STR_NULL;
}

/* What names this very program: one that is replaced is asked again. */
static str identity(struct arena *a, str program)
{
	struct stat st = { 0 };

	if (stat(str_cstr(a, program), &st) < 0)
		return STR_NULL;
	return str_printf(a, STR_FMT ":%lld:%lld.%09ld", STR_ARG(program), (long long)st.st_size,
			  (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

static str recall(struct arena *a, const char *memo, str wanted)
{
	str text, line;
	struct err *e = fs_read_all(a, AT_FDCWD, memo, MEMO_MAX_BYTES, &text);

	if (e) {
		err_ignore(e);
		return STR_NULL;
	}
	if (!str_cut(&text, '\n', &line) || !str_eq(line, wanted))
		return STR_NULL;
	text = str_trim(text);
	return semver_is_valid(text, SEMVER_STRICT) ? text : STR_NULL;
}

static str memo_dir(struct arena *a, const struct cfg *cfg)
{
	return path_join(a, cfg_text(cfg, CFG_CACHE), S("_cpm"));
}

static const char *memo_path(struct arena *a, const struct cfg *cfg)
{
	return str_cstr(a, path_join(a, memo_dir(a, cfg), S("node-version")));
}

/* A cache that cannot be written costs time and nothing else. */
static void remember(struct arena *a, const struct cfg *cfg, str program, str version)
{
	str text = str_printf(a, STR_FMT "\n" STR_FMT "\n", STR_ARG(program), STR_ARG(version));
	const char *dir = str_cstr(a, memo_dir(a, cfg));
	struct err *e = fs_mkdirs(AT_FDCWD, str_cstr(a, cfg_text(cfg, CFG_CACHE)));

	/* It is the store's folder, and nobody else's to read, whoever makes it. */
	if (!e && mkdir(dir, 0700) != 0 && errno != EEXIST)
		e = err_sys(errno, "mkdir", str_view(dir));
	if (!e)
		e = fs_write_replace(AT_FDCWD, memo_path(a, cfg), text, 0600);
	err_ignore(e);
}

void runtime_ask_node_version(struct arena *a, const struct cfg *cfg, struct node_question *out)
{
	str program = runtime_find_node(a, cfg);

	*out = (struct node_question){ .version = S(ASSUMED_VERSION) };
	if (str_is_null(program))
		return;
	out->identity = identity(a, program);
	str version = recall(a, memo_path(a, cfg), out->identity);
	if (version.len > 0)
		out->version = version;
	else
		out->is_pending = ask(a, program, &out->child);
}

str runtime_hear_node_version(struct arena *a, const struct cfg *cfg, struct node_question *q)
{
	str heard;

	if (!q->is_pending)
		return q->version;
	q->is_pending = false;
	heard = hear(a, &q->child);
	if (str_is_null(heard))
		return q->version;
	q->version = heard;
	remember(a, cfg, q->identity, heard);
	return heard;
}

void runtime_drop_question(struct node_question *q)
{
	if (q->is_pending)
		proc_capture_drop(&q->child);
	q->is_pending = false;
}

str runtime_node_version(struct arena *a, const struct cfg *cfg)
{
	struct node_question q;

	runtime_ask_node_version(a, cfg, &q);
	return runtime_hear_node_version(a, cfg, &q);
}
