/* SPDX-License-Identifier: MIT
 * Why a package of such a name is not likely to be there: npm tells so where a registry does not
 * know it. The names are allowed, since old packages have them, and most often a slip of the hand.
 */
#include "http_priv.h"

#define NAME_MAX_LEN 214

/* What Node.js brings itself. */
/* clang-format off */
static const char *const core_modules[] = {
	"_http_agent", "_http_client", "_http_common", "_http_incoming", "_http_outgoing",
	"_http_server", "_stream_duplex", "_stream_passthrough", "_stream_readable",
	"_stream_transform", "_stream_wrap", "_stream_writable", "_tls_common", "_tls_wrap",
	"assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants",
	"crypto", "dgram", "diagnostics_channel", "dns", "domain", "events", "fs", "http",
	"http2", "https", "inspector", "module", "net", "os", "path", "perf_hooks", "process",
	"punycode", "querystring", "readline", "repl", "stream", "string_decoder", "sys",
	"timers", "tls", "trace_events", "tty", "url", "util", "v8", "vm", "wasi",
	"worker_threads", "zlib",
};
/* clang-format on */

static bool is_core_module(str name)
{
	for (size_t i = 0; i < ARRAY_LEN(core_modules); i++)
		if (str_eq_nocase(name, str_view(core_modules[i])))
			return true;
	return false;
}

static bool has_special_characters(str name)
{
	str last = str_from(name, str_rfind_char(name, '/') + 1);

	return str_find_any(last, "~'!()*") != STR_NPOS;
}

str name_remarks(struct arena *a, str name)
{
	struct str_buf out = str_buf(a, 4096);
	int count = 0;

	if (is_core_module(name))
		buf_printf(&out, " %d. " STR_FMT " is a core module name\n", ++count,
			   STR_ARG(name));
	if (name.len > NAME_MAX_LEN)
		buf_printf(&out, " %d. name can no longer contain more than %d characters\n",
			   ++count, NAME_MAX_LEN);
	if (!str_eq(str_lower(a, name), name))
		buf_printf(&out, " %d. name can no longer contain capital letters\n", ++count);
	if (has_special_characters(name))
		buf_printf(&out,
			   " %d. name can no longer contain special characters (\"~'!()*\")\n",
			   ++count);
	return buf_view(&out);
}
