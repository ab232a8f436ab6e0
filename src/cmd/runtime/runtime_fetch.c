/* SPDX-License-Identifier: MIT
 * Fetching a Node.js like any package: through the registry's settings and credentials, with its
 * digest checked, and with the tarball kept in the cache, so that a restored cache serves a machine
 * that has no network. */
#include "runtime_fetch.h"

#include "cpm/base/path.h"
#include "cpm/base/proc.h"
#include "cpm/runtime/runtime_home.h"
#include "cpm/runtime/whole_folder.h"
#include "cpm/store/unpack.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/file.h>

#define LOCK_NAME ".lock"

/* Held until closed. */
static struct err *lock_home(struct arena *a, str home, int *fd)
{
	const char *path = str_cstr(a, path_join(a, home, S(LOCK_NAME)));

	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0)
		return err_sys(errno, "open", str_view(path));
	while (flock(*fd, LOCK_EX) < 0) {
		if (errno != EINTR)
			return err_sys(errno, "lock", str_view(path));
		TRY(proc_check_stop());
	}
	return NULL;
}

static str tarball_url(struct arena *a, const struct cfg *cfg, const struct runtime_pin *pin)
{
	return str_printf(a, STR_FMT STR_FMT "/-/" STR_FMT "-" STR_FMT ".tgz",
			  STR_ARG(cfg_registry_for(cfg, pin->package)), STR_ARG(pin->package),
			  STR_ARG(path_basename(pin->package)), STR_ARG(pin->version));
}

/* ---- unpacking ---- */

static struct err *unpack_into(struct arena *a, str bytes, const char *dir,
			       const struct runtime_pin *pin)
{
	const str programs[] = { S("bin/node") };
	const struct unpack_opts opts = { .place = pin->folder,
					  .executables = programs,
					  .nexecutables = ARRAY_LEN(programs) };
	struct unpack_result result;
	AUTO_FD fd = -1;

	TRY(fs_open_dir(AT_FDCWD, dir, &fd));
	TRY(unpack_tarball(a, bytes, fd, &opts, &result));
	if (faccessat(fd, "bin/node", X_OK, 0) != 0)
		return err_new(E_BAD_ARCHIVE, STR_FMT "@" STR_FMT " holds no program bin/node",
			       STR_ARG(pin->package), STR_ARG(pin->version));
	return NULL;
}

static struct err *settle(struct arena *a, str bytes, str home, const struct runtime_pin *pin)
{
	str dir = path_join(a, home, pin->folder), temp;
	struct err *e;

	TRY(whole_folder_begin(a, home, &temp));
	e = unpack_into(a, bytes, str_cstr(a, temp), pin);
	if (!e)
		e = fs_remove_tree(AT_FDCWD, str_cstr(a, dir)); /* what is there is not whole */
	return whole_folder_end(a, temp, dir, e);
}

/* ---- all of it ---- */

static struct err *fetch_bytes(struct cmd_ctx *ctx, const struct runtime_pin *pin, char **bytes,
			       size_t *len)
{
	const struct package_address at = {
		.kind = PACKAGE_URL,
		.name = str_printf(ctx->arena, STR_FMT "@" STR_FMT, STR_ARG(pin->package),
				   STR_ARG(pin->version)),
		.place = tarball_url(ctx->arena, ctx->cfg, pin),
		.integrity = pin->integrity,
	};

	if (!ctx->store)
		TRY(store_open(cmd_ctx_store_dir(ctx->arena, ctx->cfg), &ctx->store));
	log_notice("runtime", "Node.js " STR_FMT " is fetched once (package " STR_FMT ")",
		   STR_ARG(pin->version), STR_ARG(pin->package));
	return package_fetch(cmd_ctx_packages(ctx), &at, bytes, len);
}

static struct err *explain(struct err *e, const struct runtime_pin *pin)
{
	if (err_is(e, E_INTERRUPTED))
		return e;
	e = err_wrap(e, "Node.js " STR_FMT " is not on this machine and could not be fetched",
		     STR_ARG(pin->version));
	return err_detail(
		e,
		"Run `cpm runtime install " STR_FMT "` once where the registry can be reached,\n"
		"install Node.js and add its folder to PATH, or use a cpm that was packaged with a "
		"build (lib/cpm/runtime beside it).",
		STR_ARG(pin->version));
}

struct err *runtime_fetch(struct cmd_ctx *ctx, const struct runtime_pin *pin, str *dir)
{
	ARENA_SCOPE(tmp);
	str home = runtime_home_dir(ctx->arena, ctx->cfg);
	char *bytes = NULL;
	size_t len = 0;
	AUTO_FD lock = -1;

	*dir = runtime_find_build(ctx->arena, ctx->cfg, pin);
	if (!str_is_null(*dir))
		return NULL;
	TRY(fs_mkdirs(AT_FDCWD, str_cstr(tmp, home)));
	TRY(lock_home(tmp, home, &lock));
	*dir = runtime_find_build(ctx->arena, ctx->cfg, pin);
	if (!str_is_null(*dir))
		return NULL;
	struct err *e = fetch_bytes(ctx, pin, &bytes, &len);
	if (!e)
		e = settle(tmp, str_of(bytes, len), home, pin);
	free(bytes);
	if (e)
		return explain(e, pin);
	*dir = path_join(ctx->arena, home, pin->folder);
	return NULL;
}
