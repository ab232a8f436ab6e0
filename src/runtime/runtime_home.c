/* SPDX-License-Identifier: MIT
 * A build's folder appears by one rename, when it is complete, so its presence is all that has to
 * be looked for. */
#include "cpm/runtime/runtime_home.h"

#include "cpm/base/fs.h"
#include "cpm/base/path.h"

str runtime_own_program(struct arena *a)
{
	str path;
	struct err *e = fs_real_path(a, "/proc/self/exe", &path);

	err_ignore(e);
	return e ? S("cpm") : path;
}

/* Containers run as users whose home is nobody's, or another's. */
static bool is_there_or_can_be_made(struct arena *a, str dir)
{
	const char *path = str_cstr(a, dir);

	if (fs_is_dir(AT_FDCWD, path))
		return true;
	while (!fs_exists(AT_FDCWD, path) && dir.len > 1) {
		dir = path_dirname(dir);
		path = str_cstr(a, dir);
	}
	return access(path, W_OK | X_OK) == 0;
}

str runtime_data_dir(struct arena *a, const struct cfg *cfg)
{
	str data = cfg_getenv(cfg, "XDG_DATA_HOME");

	if (path_is_absolute(data))
		return path_join(a, data, S("cpm"));
	if (!str_is_empty(cfg_home(cfg))) {
		str dir = path_join(a, cfg_home(cfg), S(".local/share/cpm"));
		if (is_there_or_can_be_made(a, dir))
			return dir;
	}
	return path_join(a, cfg_text(cfg, CFG_CACHE), S("_cpm/data"));
}

str runtime_home_dir(struct arena *a, const struct cfg *cfg)
{
	return path_join(a, runtime_data_dir(a, cfg), S("runtime"));
}

str runtime_beside_dir(struct arena *a)
{
	str prefix = path_dirname(path_dirname(runtime_own_program(a)));

	return path_join(a, prefix, S("lib/cpm/runtime"));
}

str runtime_node_of(struct arena *a, str dir)
{
	return path_join(a, dir, S("bin/node"));
}

/* A power cut may leave a name without its bytes. */
static bool is_whole(struct arena *a, str dir)
{
	struct stat st;

	return stat(str_cstr(a, runtime_node_of(a, dir)), &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_size > 0 && (st.st_mode & S_IXUSR);
}

str runtime_find_build(struct arena *a, const struct cfg *cfg, const struct runtime_pin *pin)
{
	str dir = path_join(a, runtime_beside_dir(a), pin->folder);

	if (is_whole(a, dir))
		return dir;
	dir = path_join(a, runtime_home_dir(a, cfg), pin->folder);
	return is_whole(a, dir) ? dir : STR_NULL;
}
