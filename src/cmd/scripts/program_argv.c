/* SPDX-License-Identifier: MIT
 * Where our own options end. `cpm node --version` asks Node.js, not us. */
#include "program_argv.h"

#include "cpm/base/path.h"
#include "cpm/base/vec.h"

typedef VEC(const char *) arg_vec;

static bool is_program(str name)
{
	return str_eq(name, S("node")) || str_eq(name, S("node-gyp"));
}

static bool is_own_option(const char *word)
{
	return str_starts(str_view(word), S("--")) && strchr(word, '=');
}

const char *const *program_argv(struct arena *a, const char *program, const char *const *argv)
{
	const char *name = str_cstr(a, path_basename(str_view(program)));
	arg_vec out = { 0 };

	if (!is_program(str_view(name))) {
		while (*argv && is_own_option(*argv))
			VEC_PUSH(a, &out, *argv++);
		if (!*argv || !is_program(str_view(*argv)))
			return argv - out.len;
		name = *argv++;
	}
	VEC_PUSH(a, &out, name);
	VEC_PUSH(a, &out, "--");
	while (*argv)
		VEC_PUSH(a, &out, *argv++);
	VEC_PUSH(a, &out, NULL);
	return out.items;
}
