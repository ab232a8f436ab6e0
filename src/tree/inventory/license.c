/* SPDX-License-Identifier: MIT
 * Licences out of package.json. Today it is one expression in `license`; it was an object, a list
 * of objects and a list of texts before, and lists meant a choice. */
#include "cpm/tree/license.h"

#include "cpm/base/vec.h"

/* The member of an object that names the licence. */
static str name_of(const struct json *v)
{
	str type = json_get_text(v, "type");

	return type.len ? type : json_get_text(v, "name");
}

static str text_of(const struct json *v)
{
	str s = json_is(v, JSON_STRING) ? v->string : name_of(v);

	s = str_trim_js(s);
	return s.len ? s : STR_NULL;
}

/* OR binds loosest, so the parts mean in the whole what they meant alone. */
static str one_of(struct arena *a, const struct json *list)
{
	VEC(str) names = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		str name = text_of(list->items[i]);
		if (!str_is_null(name))
			VEC_PUSH(a, &names, name);
	}
	return names.len ? str_join(a, names.items, names.len, S(" OR ")) : STR_NULL;
}

str license_of_doc(struct arena *a, const struct json *doc)
{
	const struct json *license = json_get(doc, "license"), *list = json_get(doc, "licenses");
	str text = STR_NULL;

	if (json_is_truthy(license))
		return json_is(license, JSON_STRING) ? license->string
						     : json_get_text(license, "type");
	if (json_is(list, JSON_ARRAY))
		text = one_of(a, list);
	return text;
}

str license_guess(struct arena *a, const struct json *doc)
{
	static const char *const keys[] = { "license", "licenses", "licence", "licences" };
	str found = STR_NULL;

	for (size_t i = 0; i < ARRAY_LEN(keys) && str_is_null(found); i++) {
		const struct json *v = json_get(doc, keys[i]);
		found = json_is(v, JSON_ARRAY) ? one_of(a, v) : text_of(v);
	}
	return found;
}
