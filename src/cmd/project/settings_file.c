/* SPDX-License-Identifier: MIT
 * Edits of an .npmrc file. It is replaced as a whole or not at all: a login that is cut short must
 * not cost the credentials that were there. */
#include "settings_file.h"

#include "cpm/base/path.h"
#include "cpm/config/npmrc.h"

#include <errno.h>
#include <sys/stat.h>

#define NPMRC_MAX_BYTES (4u << 20)

str settings_file_path(struct arena *a, const struct cfg *cfg, enum cfg_layer layer)
{
	return layer == CFG_LAYER_PROJECT ? path_join(a, cfg_local_prefix(cfg), S(".npmrc"))
					  : cfg_layer_path(cfg, layer);
}

struct err *settings_file_read(struct arena *a, const struct cfg *cfg, enum cfg_layer layer,
			       str *out)
{
	const char *path = str_cstr(a, settings_file_path(a, cfg, layer));
	struct err *e = fs_read_all(a, AT_FDCWD, path, NPMRC_MAX_BYTES, out);

	if (!e || !err_is(e, E_NO_ENTRY))
		return e;
	err_ignore(e);
	*out = S("");
	return NULL;
}

struct err *settings_file_edit(struct cmd_ctx *ctx, enum cfg_layer layer,
			       const setting_edits *edits)
{
	struct arena *a = ctx->arena;
	const char *path = str_cstr(a, settings_file_path(a, ctx->cfg, layer));
	bool is_private = layer == CFG_LAYER_USER;
	str text;

	TRY(settings_file_read(a, ctx->cfg, layer, &text));
	VEC_EACH (struct setting_edit, one, edits)
		text = npmrc_set(a, text, one->key, &one->value, one->value.len > 0, false);
	if (str_is_empty(str_trim(text)))
		return fs_unlink(AT_FDCWD, path);
	/* What is written keeps the file's mode, so it is made private before there is a secret in it. */
	if (is_private && chmod(path, 0600) != 0 && errno != ENOENT)
		log_verbose("config", "cannot make %s private", path);
	TRY(fs_mkdirs(AT_FDCWD, str_cstr(a, path_dirname(str_view(path)))));
	return fs_write_atomic(AT_FDCWD, path, text, is_private ? 0600 : 0666);
}
