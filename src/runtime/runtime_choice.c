/* SPDX-License-Identifier: MIT
 * Native add-ons must be loaded by the Node.js they were built for, so what the machine has comes
 * first (architecture.md 7); a version that a project insists on comes before that. */
#include "cpm/runtime/runtime_choice.h"

#include "cpm/base/path.h"
#include "cpm/base/range.h"
#include "cpm/runtime/node_find.h"
#include "cpm/runtime/runtime_home.h"

/* A wish for a version. */
struct wish {
	str range;         /* null: any */
	bool is_insistent; /* nothing else will do */
	const char *of;    /* who has it, for messages */
};

/* ---- who wants what ---- */

/* devEngines.runtime is one object or several alternatives. */
static const struct json *dev_runtime(const struct json *package)
{
	const struct json *v = json_get(json_get(package, "devEngines"), "runtime");

	if (json_is(v, JSON_OBJECT))
		return str_eq(json_get_text(v, "name"), S("node")) ? v : NULL;
	for (size_t i = 0; json_is(v, JSON_ARRAY) && i < v->count; i++)
		if (str_eq(json_get_text(v->items[i], "name"), S("node")))
			return v->items[i];
	return NULL;
}

static bool wants_download(const struct json *dev)
{
	return str_eq(json_get_text(dev, "onFail"), S("download"));
}

static struct wish find_wish(const struct cfg *cfg, const struct json *package)
{
	str inherited = cfg_getenv(cfg, RUNTIME_VARIABLE), set = cfg_text(cfg, CFG_RUNTIME_VERSION);
	enum cfg_layer layer = cfg_source(cfg, CFG_RUNTIME_VERSION);
	const struct json *dev = dev_runtime(package);
	str engine = json_get_text(json_get(package, "engines"), "node");

	if (set.len > 0 && layer == CFG_LAYER_CLI)
		return (struct wish){ set, true, "--runtime-version" };
	if (inherited.len > 0)
		return (struct wish){ inherited, true, RUNTIME_VARIABLE " of the environment" };
	if (set.len > 0 && layer <= CFG_LAYER_PROJECT)
		return (struct wish){ set, true, "the setting runtime-version" };
	if (wants_download(dev))
		return (struct wish){ json_get_text(dev, "version"), true, "devEngines.runtime" };
	if (set.len > 0)
		return (struct wish){ set, true, "the setting runtime-version" };
	if (dev)
		return (struct wish){ json_get_text(dev, "version"), false, "devEngines.runtime" };
	return (struct wish){ engine, false, "engines.node" };
}

/* ---- what there is ---- */

static struct runtime_choice none(str problem)
{
	return (struct runtime_choice){ .problem = problem };
}

static struct runtime_choice no_fit(struct arena *a, const struct wish *w, const runtime_pins *pins)
{
	struct runtime_choice c =
		none(str_printf(a,
			       "%s asks for Node.js " STR_FMT
			       ", and none of the builds that cpm knows fits: " STR_FMT,
			       w->of, STR_ARG(w->range), STR_ARG(runtime_pins_text(a, pins))));

	c.is_refused = true;
	return c;
}

static struct runtime_choice no_build(struct arena *a, const struct runtime_machine *m)
{
	return none(str_printf(a,
			       "cpm knows no Node.js build for " STR_FMT " " STR_FMT " " STR_FMT
			       ": install Node.js and add its folder to PATH",
			       STR_ARG(m->os), STR_ARG(m->cpu), STR_ARG(m->libc)));
}

static struct runtime_choice choose_build(struct arena *a, const struct cfg *cfg,
					  const struct runtime_machine *machine,
					  const struct wish *wish)
{
	struct runtime_choice c = { .kind = RUNTIME_BUNDLED };
	const struct runtime_pin *pin;
	runtime_pins pins;
	struct err *e = runtime_pins_load(a, cfg, machine, &pins);

	if (e) {
		str why = err_text(a, e);
		err_free(e);
		return none(why);
	}
	if (pins.len == 0)
		return no_build(a, machine);
	pin = runtime_pins_find(&pins, wish->range);
	if (!pin && wish->is_insistent)
		return no_fit(a, wish, &pins);
	c.pin = pin ? *pin : *runtime_pins_find(&pins, STR_NULL);
	c.version = c.pin.version;
	c.dir = runtime_find_build(a, cfg, &c.pin);
	str dir = str_is_null(c.dir) ? path_join(a, runtime_home_dir(a, cfg), c.pin.folder) : c.dir;
	c.node = runtime_node_of(a, dir);
	return c;
}

static struct runtime_choice choose_system(struct arena *a, const struct cfg *cfg)
{
	struct runtime_choice c = { .kind = RUNTIME_SYSTEM, .node = runtime_find_node(a, cfg) };

	if (str_is_null(c.node))
		return none(S("script-runtime is `system`, and there is no `node` in any folder of "
			      "PATH: install Node.js, or allow cpm's own with "
			      "--script-runtime=auto"));
	return c;
}

/* ---- all of it ---- */

static bool will_do(struct arena *a, const struct cfg *cfg, const struct runtime_choice *own,
		    const struct wish *w)
{
	return own->kind == RUNTIME_SYSTEM &&
	       (!w->is_insistent || w->range.len == 0 ||
		range_satisfies(runtime_node_version(a, cfg), w->range, SEMVER_STRICT));
}

void runtime_choose(struct arena *a, const struct cfg *cfg, const struct json *package,
		    const struct runtime_machine *machine, struct runtime_choice *out)
{
	str mode = cfg_text(cfg, CFG_SCRIPT_RUNTIME);
	bool is_system = str_eq(mode, S("system")), is_bundled = str_eq(mode, S("bundled"));
	/* Inside a script that runs on a build, the `node` on PATH is that build. */
	bool is_nested = cfg_getenv(cfg, RUNTIME_VARIABLE).len > 0;
	struct wish wish;

	*out = (struct runtime_choice){ 0 };
	if (is_system || (!is_bundled && !is_nested))
		*out = choose_system(a, cfg);
	if (is_system)
		return;
	wish = find_wish(cfg, package);
	if (!will_do(a, cfg, out, &wish))
		*out = choose_build(a, cfg, machine, &wish);
}
