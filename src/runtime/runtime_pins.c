/* SPDX-License-Identifier: MIT
 * Reading the table of builds. A company that mirrors its own builds gives its own table, so the
 * one in the program and one in a file are read by the same few lines. */
#include "cpm/runtime/runtime_pins.h"

#include "cpm/base/digest.h"
#include "cpm/base/fs.h"
#include "cpm/base/json.h"
#include "cpm/base/path.h"
#include "cpm/base/range.h"
#include "cpm/build_vendor.h"

#define PINS_MAX_BYTES (1u << 20)
#define DEFAULT_LINE   "lts"

/* What a row does not say, or nobody can tell of the machine, is no hindrance. */
static bool may_be(const struct json *row, const char *key, str here)
{
	str wanted = json_get_text(row, key);

	return str_is_null(wanted) || str_is_null(here) || str_eq(wanted, here);
}

static bool is_for(const struct json *row, const struct runtime_machine *m)
{
	return may_be(row, "os", m->os) && may_be(row, "cpu", m->cpu) &&
	       may_be(row, "libc", m->libc);
}

/* What goes into a path or an address. */
static bool is_plain_name(str name)
{
	return name.len > 0 && path_is_inside(name) && str_find_any(name, "%?#\\ ") == STR_NPOS;
}

static struct err *read_row(struct arena *a, const struct json *row, str source,
			    struct runtime_pin *pin)
{
	struct integrity integrity;

	*pin = (struct runtime_pin){ .package = json_get_text(row, "package"),
				     .version = json_get_text(row, "version"),
				     .line = json_get_text(row, "line"),
				     .integrity = json_get_text(row, "integrity") };
	if (!is_plain_name(pin->package) ||
	    !semver_parse(a, pin->version, SEMVER_STRICT, &pin->semver))
		return err_new(E_GENERIC,
			       STR_FMT ": a build needs \"package\" and an exact \"version\"",
			       STR_ARG(source));
	integrity_parse(a, pin->integrity, &integrity);
	if (integrity.strongest != DIGEST_SHA512)
		return err_new(E_GENERIC,
			       STR_FMT ": the \"integrity\" of " STR_FMT "@" STR_FMT
				       " is no sha512",
			       STR_ARG(source), STR_ARG(pin->package), STR_ARG(pin->version));
	str name = str_replace_all(a, pin->package, S("/"), S("+"));
	pin->folder = str_printf(a, STR_FMT "-" STR_FMT, STR_ARG(name), STR_ARG(pin->version));
	return NULL;
}

static int newest_first(const void *a, const void *b)
{
	return -semver_compare(&((const struct runtime_pin *)a)->semver,
			       &((const struct runtime_pin *)b)->semver);
}

static struct err *read_table(struct arena *a, str text, str source,
			      const struct runtime_machine *machine, runtime_pins *out)
{
	const struct json *builds;
	struct json *doc;

	TRY_AS(json_parse(a, text, &doc), "cannot read " STR_FMT, STR_ARG(source));
	builds = json_get(doc, "builds");
	if (!json_is(builds, JSON_ARRAY))
		return err_new(E_GENERIC, STR_FMT ": \"builds\" must be a list", STR_ARG(source));
	for (size_t i = 0; i < builds->count; i++) {
		struct runtime_pin pin;

		if (!is_for(builds->items[i], machine))
			continue;
		TRY(read_row(a, builds->items[i], source, &pin));
		VEC_PUSH(a, out, pin);
	}
	VEC_SORT(out, newest_first);
	return NULL;
}

struct err *runtime_pins_load(struct arena *a, const struct cfg *cfg,
			      const struct runtime_machine *machine, runtime_pins *out)
{
	str file = cfg_text(cfg, CFG_RUNTIME_PINS), text;

	*out = (runtime_pins){ 0 };
	if (file.len == 0)
		return read_table(a, str_view(vendor_runtime), S("vendor/runtime.json"), machine,
				  out);
	TRY(fs_read_all(a, AT_FDCWD, str_cstr(a, file), PINS_MAX_BYTES, &text));
	return read_table(a, text, file, machine, out);
}

static const struct runtime_pin *find_line(const runtime_pins *pins, str line)
{
	VEC_EACH (const struct runtime_pin, pin, pins)
		if (str_eq(pin->line, line))
			return pin;
	return NULL;
}

static bool fits(const struct runtime_pin *pin, str wanted)
{
	return pin && range_satisfies(pin->version, wanted, SEMVER_STRICT);
}

const struct runtime_pin *runtime_pins_find(const runtime_pins *pins, str wanted)
{
	const struct runtime_pin *usual = find_line(pins, S(DEFAULT_LINE));

	if (pins->len == 0)
		return NULL;
	if (!usual)
		usual = &pins->items[0];
	if (wanted.len == 0)
		return usual;
	if (str_eq(wanted, S("latest")) || str_eq(wanted, S("current")))
		return &pins->items[0];
	if (find_line(pins, wanted))
		return find_line(pins, wanted);
	if (fits(usual, wanted))
		return usual;
	VEC_EACH (const struct runtime_pin, pin, pins)
		if (fits(pin, wanted))
			return pin;
	return NULL;
}

str runtime_pins_text(struct arena *a, const runtime_pins *pins)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	VEC_EACH (const struct runtime_pin, pin, pins)
		buf_printf(&out, "%s" STR_FMT, out.len ? ", " : "", STR_ARG(pin->version));
	return buf_view(&out);
}
