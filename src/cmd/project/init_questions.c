/* SPDX-License-Identifier: MIT
 * The questions of init in npm's order, each with its guess. Twin of init-package-json's
 * default-input.js. */
#include "init_questions.h"

#include "cpm/base/path.h"
#include "cpm/base/semver.h"
#include "cpm/tree/spec.h"

#define GIT_CONFIG_MAX_BYTES (1u << 20)
#define NO_TEST              "echo \"Error: no test specified\" && exit 1"

/* ---- asking ---- */

/* What is wrong with an answer, or the null string. */
typedef str (*complaint_fn)(struct arena *a, str answer);

/* The answer to one question; asked again until there is nothing to complain about. */
static struct err *ask(struct init *in, const char *question, str guess, complaint_fn complain,
		       str *answer)
{
	str wrong = STR_NULL;

	*answer = str_is_null(guess) ? S("") : guess;
	if (!in->asks)
		return NULL;
	do {
		if (wrong.len > 0)
			out_line(in->ctx->out, STR_FMT, STR_ARG(wrong));
		TRY(init_prompt(in, question, guess, answer));
		wrong = complain ? complain(in->ctx->arena, *answer) : STR_NULL;
	} while (wrong.len > 0);
	return NULL;
}

static void answer_text(struct init *in, const char *key, str text)
{
	json_set_text(in->ctx->arena, in->answers, key, text);
}

static str text_of(const struct init *in, const char *key)
{
	return json_get_text(in->file.content, key);
}

static bool is_said(const struct init *in, const char *key)
{
	return json_is_truthy(json_get(in->file.content, key));
}

/* The older spelling of a setting wins where somebody uses it. */
static str setting(const struct init *in, enum cfg_key old, enum cfg_key now)
{
	const struct cfg *cfg = in->ctx->cfg;
	bool is_old = cfg_source(cfg, old) != CFG_LAYER_DEFAULT && cfg_text(cfg, old).len > 0;

	return cfg_text(cfg, is_old ? old : now);
}

/* ---- name, version, description ---- */

str init_package_name(struct arena *a, str base, str scope)
{
	struct str_buf name = str_buf(a, base.len + 1);
	size_t slash;

	if (str_starts(base, S("node-")))
		base = str_from(base, 5);
	if (str_ends(base, S("-js")) || str_ends(base, S(".js")))
		base.len -= 3;
	for (size_t i = 0; i < base.len;) {
		size_t space = str_js_space(str_from(base, i));
		if (space == 0) {
			buf_add_char(&name, base.p[i++]);
			continue;
		}
		for (; space > 0; space = str_js_space(str_from(base, i)))
			i += space;
		buf_add_char(&name, '-');
	}
	base = str_lower(a, buf_view(&name));
	if (scope.len == 0)
		return base;
	slash = str_find_char(base, '/');
	if (str_starts(base, S("@")) && slash != STR_NPOS)
		base = str_from(base, slash + 1);
	return str_printf(a, "%s" STR_FMT "/" STR_FMT, scope.p[0] == '@' ? "" : "@", STR_ARG(scope),
			  STR_ARG(base));
}

static str complain_name(struct arena *a, str name)
{
	bool has_upper = !str_eq(str_lower(a, name), name);

	if (spec_is_valid_name(name) && !has_upper && name.len <= 214)
		return STR_NULL;
	return S("Sorry, name can only contain URL-friendly characters and no capital letters.");
}

static str complain_version(struct arena *a, str version)
{
	if (semver_is_valid(version, SEMVER_STRICT))
		return STR_NULL;
	return str_printf(a, "Invalid version: \"" STR_FMT "\"", STR_ARG(version));
}

static struct err *ask_name(struct init *in)
{
	str base = text_of(in, "name"), answer;

	if (base.len == 0)
		base = path_basename(in->file.dir);
	base = init_package_name(in->ctx->arena, base, cfg_text(in->ctx->cfg, CFG_SCOPE));
	TRY(ask(in, "package name:", base, complain_name, &answer));
	answer_text(in, "name", answer);
	return NULL;
}

static struct err *ask_version(struct init *in)
{
	str guess = text_of(in, "version"), answer;

	if (guess.len == 0)
		guess = setting(in, CFG_OLD_INIT_VERSION, CFG_INIT_VERSION);
	TRY(ask(in, "version:", guess.len ? guess : S("1.0.0"), complain_version, &answer));
	answer_text(in, "version", answer);
	return NULL;
}

static struct err *ask_description(struct init *in)
{
	str answer;

	if (is_said(in, "description"))
		return NULL;
	TRY(ask(in, "description:", STR_NULL, NULL, &answer));
	answer_text(in, "description", answer);
	return NULL;
}

/* ---- files ---- */

typedef VEC(str) name_vec;

static int by_name(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

/* Sorted, as Node.js lists folders. One that cannot be read is empty. */
static void list_folder(struct init *in, str folder, name_vec *out)
{
	struct arena *a = in->ctx->arena;
	AUTO_DIR it = { 0 };
	struct err *e = dir_open(AT_FDCWD, str_cstr(a, path_join(a, in->file.dir, folder)), &it);

	while (!e && dir_next(&it))
		VEC_PUSH(a, out, str_dup(a, str_view(it.name)));
	VEC_SORT(out, by_name);
	err_ignore(e);
	err_ignore(it.err);
	it.err = NULL;
}

static bool has_name(const name_vec *names, str name)
{
	for (size_t i = 0; i < names->len; i++)
		if (str_eq(names->items[i], name))
			return true;
	return false;
}

static str first_script(const name_vec *names)
{
	for (size_t i = 0; i < names->len; i++)
		if (str_ends(names->items[i], S(".js")))
			return names->items[i];
	return STR_NULL;
}

static struct err *ask_main(struct init *in, const name_vec *files)
{
	str own = str_concat(in->ctx->arena, path_basename(in->file.dir), S(".js")), guess, answer;
	str likely[] = { S("index.js"), S("main.js"), own };

	if (is_said(in, "main"))
		return NULL;
	guess = first_script(files);
	for (size_t i = ARRAY_LEN(likely); i-- > 0;)
		if (has_name(files, likely[i]))
			guess = likely[i];
	TRY(ask(in, "entry point:", str_is_null(guess) ? S("index.js") : guess, NULL, &answer));
	answer_text(in, "main", answer);
	return NULL;
}

static void guess_bin(struct init *in)
{
	name_vec files = { 0 };
	str script;

	if (is_said(in, "bin"))
		return;
	list_folder(in, S("bin"), &files);
	script = first_script(&files);
	if (!str_is_null(script))
		answer_text(in, "bin", str_concat(in->ctx->arena, S("bin/"), script));
}

static void guess_directories(struct init *in, const name_vec *files)
{
	static const struct {
		str name, field;
	} known[] = {
		{ S("example"), S("example") }, { S("examples"), S("example") },
		{ S("test"), S("test") },       { S("tests"), S("test") },
		{ S("doc"), S("doc") },         { S("docs"), S("doc") },
		{ S("man"), S("man") },         { S("lib"), S("lib") },
	};
	struct arena *a = in->ctx->arena;
	struct json *found = json_new(a, JSON_OBJECT);

	for (size_t i = 0; i < files->len; i++)
		for (size_t k = 0; k < ARRAY_LEN(known); k++)
			if (str_eq(files->items[i], known[k].name))
				json_set(a, found, known[k].field,
					 json_new_string(a, files->items[i]));
	if (found->count > 0)
		json_set(a, in->answers, S("directories"), found);
}

/* ---- scripts and repository ---- */

/* The test runner that is installed. */
static str guess_test(struct init *in)
{
	static const struct {
		str name, command;
	} runners[] = { { S("tap"), S("tap test/*.js") },
			{ S("expresso"), S("expresso test") },
			{ S("mocha"), S("mocha") } };
	name_vec installed = { 0 };
	str command = STR_NULL;

	list_folder(in, S("node_modules"), &installed);
	for (size_t i = 0; i < ARRAY_LEN(runners); i++)
		if (has_name(&installed, runners[i].name))
			command = runners[i].command;
	return command;
}

static struct err *ask_test(struct init *in)
{
	struct arena *a = in->ctx->arena;
	struct json *scripts = json_new(a, JSON_OBJECT);
	str answer;

	if (is_said(in, "scripts"))
		return NULL;
	TRY(ask(in, "test command:", guess_test(in), NULL, &answer));
	json_set_text(a, scripts, "test", answer.len > 0 ? answer : S(NO_TEST));
	json_set(a, in->answers, S("scripts"), scripts);
	return NULL;
}

static str url_in_line(str line)
{
	str bare = str_trim_js(line);

	return str_starts(bare, S("url =")) ? str_trim_js(str_from(bare, 5)) : STR_NULL;
}

/* The address of "origin", which stands in one of the two lines below its heading. */
static str origin_url(struct init *in)
{
	struct arena *a = in->ctx->arena;
	str path = path_join(a, in->file.dir, S(".git/config")), rest = STR_NULL, url = STR_NULL;
	struct err *e = fs_read_all(a, AT_FDCWD, str_cstr(a, path), GIT_CONFIG_MAX_BYTES, &rest);

	err_ignore(e);
	for (str line; !e && str_cut(&rest, '\n', &line);)
		if (str_eq(str_ends(line, S("\r")) ? str_slice(line, 0, line.len - 1) : line,
			   S("[remote \"origin\"]")))
			break;
	for (int i = 0; i < 2 && str_is_null(url); i++) {
		str line;
		if (!str_cut(&rest, '\n', &line))
			break;
		url = url_in_line(line);
	}
	if (str_starts(url, S("git@github.com:")))
		url = str_concat(a, S("https://github.com/"),
				 str_from(url, strlen("git@github.com:")));
	return url;
}

static struct err *ask_repository(struct init *in)
{
	str answer;

	if (is_said(in, "repository"))
		return NULL;
	TRY(ask(in, "git repository:", origin_url(in), NULL, &answer));
	answer_text(in, "repository", answer);
	return NULL;
}

/* ---- words about it ---- */

/* Blanks and commas part the words that somebody typed. */
static struct err *ask_keywords(struct init *in)
{
	struct arena *a = in->ctx->arena;
	struct json *list = json_new(a, JSON_ARRAY);
	str answer;

	if (is_said(in, "keywords"))
		return NULL;
	TRY(ask(in, "keywords:", STR_NULL, NULL, &answer));
	while (answer.len > 0) {
		size_t end = MIN(str_find_any(answer, " \t,"), answer.len);
		if (end > 0)
			json_append(a, list, json_new_string(a, str_slice(answer, 0, end)));
		answer = str_from(answer, end + 1);
	}
	json_set(a, in->answers, S("keywords"), list);
	return NULL;
}

static str person_text(struct arena *a, str name, str email, str url)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	buf_add(&out, name);
	if (email.len > 0)
		buf_printf(&out, " <" STR_FMT ">", STR_ARG(email));
	if (url.len > 0)
		buf_printf(&out, " (" STR_FMT ")", STR_ARG(url));
	return buf_view(&out);
}

static str guess_author(struct init *in)
{
	const struct json *author = json_get(in->file.content, "author");
	str name = setting(in, CFG_OLD_INIT_AUTHOR_NAME, CFG_INIT_AUTHOR_NAME);

	if (json_is(author, JSON_STRING) && author->string.len > 0)
		return author->string;
	if (json_is(author, JSON_OBJECT))
		return person_text(in->ctx->arena, json_get_text(author, "name"),
				   json_get_text(author, "email"), json_get_text(author, "url"));
	if (name.len == 0)
		return STR_NULL;
	return person_text(in->ctx->arena, name,
			   setting(in, CFG_OLD_INIT_AUTHOR_EMAIL, CFG_INIT_AUTHOR_EMAIL),
			   setting(in, CFG_OLD_INIT_AUTHOR_URL, CFG_INIT_AUTHOR_URL));
}

static struct err *ask_author(struct init *in)
{
	str answer;

	TRY(ask(in, "author:", guess_author(in), NULL, &answer));
	if (answer.len > 0)
		answer_text(in, "author", answer);
	return NULL;
}

static struct err *ask_license(struct init *in)
{
	str guess = text_of(in, "license"), answer;

	if (guess.len == 0)
		guess = setting(in, CFG_OLD_INIT_LICENSE, CFG_INIT_LICENSE);
	TRY(ask(in, "license:", guess, NULL, &answer));
	if (answer.len > 0)
		answer_text(in, "license", answer);
	return NULL;
}

static struct err *ask_type(struct init *in)
{
	str guess = text_of(in, "type"), answer;

	if (guess.len == 0)
		guess = cfg_text(in->ctx->cfg, CFG_INIT_TYPE);
	TRY(ask(in, "type:", guess.len ? guess : S("commonjs"), NULL, &answer));
	answer_text(in, "type", answer);
	return NULL;
}

static void guess_private(struct init *in)
{
	const struct cfg *cfg = in->ctx->cfg;
	struct json *old = json_get(in->file.content, "private");

	if (old)
		json_set(in->ctx->arena, in->answers, S("private"), old);
	else if (cfg_source(cfg, CFG_INIT_PRIVATE) != CFG_LAYER_DEFAULT)
		json_set(in->ctx->arena, in->answers, S("private"),
			 json_new_bool(in->ctx->arena, cfg_bool(cfg, CFG_INIT_PRIVATE)));
}

struct err *init_ask(struct init *in)
{
	name_vec files = { 0 };

	in->answers = json_new(in->ctx->arena, JSON_OBJECT);
	list_folder(in, S(""), &files);
	TRY(ask_name(in));
	TRY(ask_version(in));
	TRY(ask_description(in));
	TRY(ask_main(in, &files));
	guess_bin(in);
	guess_directories(in, &files);
	TRY(ask_test(in));
	TRY(ask_repository(in));
	TRY(ask_keywords(in));
	TRY(ask_author(in));
	TRY(ask_license(in));
	TRY(ask_type(in));
	guess_private(in);
	return NULL;
}
