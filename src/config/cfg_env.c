/* SPDX-License-Identifier: MIT
 * The environment layer: npm_config_<key>, in any case, with "_" for "-". */
#include "cfg_priv.h"

#include <ctype.h>
#include <strings.h>

static str key_of_variable(struct arena *a, str name)
{
	if (str_starts(name, S("//")))
		return name;

	char *key = str_cstr(a, name);
	for (size_t i = 0; i < name.len; i++)
		key[i] = i > 0 && key[i] == '_' ? '-' : (char)tolower((unsigned char)key[i]);
	return str_of(key, name.len);
}

struct err *cfg_load_environ(struct cfg *c)
{
	static const char prefix[] = "npm_config_";

	c->places[CFG_LAYER_ENV].source = S("environment");
	for (const char *const *e = c->environ; e && *e; e++) {
		/* One byte decides for nearly every variable. */
		if (((*e)[0] | 0x20) != 'n' || strncasecmp(*e, prefix, sizeof(prefix) - 1) != 0)
			continue;
		str name = str_view(*e + sizeof(prefix) - 1);
		size_t eq = str_find_char(name, '=');
		if (eq == STR_NPOS || eq + 1 == name.len)
			continue;

		npmrc_values raw = { 0 };
		VEC_PUSH(c->arena, &raw, NPMRC_VALUE(str_from(name, eq + 1)));
		TRY(cfg_put(c, CFG_LAYER_ENV, key_of_variable(c->arena, str_slice(name, 0, eq)),
			    &raw, false));
	}
	return NULL;
}
