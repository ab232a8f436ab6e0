/* SPDX-License-Identifier: MIT
 * The places a lockfile may name. A key becomes a path that is written to, so its grammar is
 * checked to the letter before anything else happens (T21): any number of ".." in front, folders,
 * and "node_modules" always followed by a package name that is one. */
#include "lockfile_priv.h"

#include "cpm/base/path.h"

#define MAX_PATH_BYTES      4095
#define MAX_COMPONENT_BYTES 255
#define MAX_COMPONENTS      1024

static bool is_node_modules(str part)
{
	return str_eq(part, S("node_modules"));
}

/* Takes the package name behind "node_modules/" off *rest. */
static bool cut_name(str *rest, str *name)
{
	str from = *rest, part;

	if (!str_cut(rest, '/', &part))
		return false;
	*name = part;
	if (!str_starts(part, S("@")))
		return true;
	if (!str_cut(rest, '/', &part))
		return false;
	*name = str_slice(from, 0, name->len + 1 + part.len);
	return true;
}

static const char *component_fault(str part, bool may_climb)
{
	if (!part.len || str_eq(part, S(".")))
		return "it has an empty component";
	if (str_eq(part, S("..")) && !may_climb)
		return "it climbs out of a folder";
	if (part.len > MAX_COMPONENT_BYTES)
		return "a component is longer than 255 bytes";
	if (str_find_char(part, '\\') != STR_NPOS || str_find_char(part, '\0') != STR_NPOS)
		return "it has a forbidden character";
	return NULL;
}

const char *lockfile_key_fault(str key)
{
	str rest = key, part, name;
	bool may_climb = true;
	size_t count = 0;

	if (!key.len)
		return NULL;
	if (key.len > MAX_PATH_BYTES)
		return "it is longer than 4095 bytes";
	while (str_cut(&rest, '/', &part)) {
		const char *fault = component_fault(part, may_climb);

		if (fault || ++count > MAX_COMPONENTS)
			return fault ? fault : "it has more than 1024 components";
		if (!str_eq(part, S("..")))
			may_climb = false;
		if (!is_node_modules(part))
			continue;
		if (!cut_name(&rest, &name) || !spec_is_valid_name(name))
			return "a folder in node_modules is no package name";
	}
	return str_ends(key, S("..")) && may_climb ? "it is a folder above the project" : NULL;
}

str lockfile_folder_name(str path)
{
	str base = path_basename(path), above = path_basename(path_dirname(path));

	if (!str_starts(above, S("@")) || !str_ends(path, base))
		return base;
	return str_from(path, path.len - base.len - 1 - above.len);
}

bool lockfile_key_parent(str key, str *parent)
{
	str folder = lockfile_folder_name(key), above;

	if (key.len < folder.len + 12)
		return false;
	above = str_slice(key, 0, key.len - folder.len - 1);
	if (!str_ends(above, S("node_modules")))
		return false;
	above.len -= 12;
	if (above.len && above.p[above.len - 1] != '/')
		return false;
	*parent = above.len ? str_slice(above, 0, above.len - 1) : S("");
	return true;
}
