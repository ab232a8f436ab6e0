/* SPDX-License-Identifier: MIT
 * Reading licence expressions by Dijkstra's shunting yard: tokens from left to right, operators
 * wait on a stack until one that binds no tighter comes, and the output is in postfix order, which
 * is judged with a stack of truth values and no recursion. WITH is no operator here: it belongs to
 * the licence before it. */
#include "cpm/tree/spdx.h"

#include "cpm/base/vec.h"

#include <ctype.h>

/* ---- the list ---- */

static const str licenses[] = {
#define SPDX_ID(id) S(id),
#define SPDX_EXCEPTION(id)
#include "spdx_ids.def"
#undef SPDX_ID
#undef SPDX_EXCEPTION
};

static const str exceptions[] = {
#define SPDX_ID(id)
#define SPDX_EXCEPTION(id) S(id),
#include "spdx_ids.def"
#undef SPDX_ID
#undef SPDX_EXCEPTION
};

static int compare_ids(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

static bool is_listed(const str *list, size_t count, str id)
{
	return bsearch(&id, list, count, sizeof(*list), compare_ids) != NULL;
}

bool spdx_is_license(str id)
{
	return is_listed(licenses, ARRAY_LEN(licenses), id);
}

/* ---- tokens ---- */

enum token { TOKEN_END, TOKEN_LICENSE, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_AND, TOKEN_OR, TOKEN_BAD };

struct reader {
	str rest;
	struct spdx_step license; /* of the last TOKEN_LICENSE */
};

static size_t id_length(str s)
{
	size_t len = 0;

	while (len < s.len &&
	       (isalnum((unsigned char)s.p[len]) || s.p[len] == '-' || s.p[len] == '.'))
		len++;
	return len;
}

static void skip_blanks(struct reader *r)
{
	while (str_starts(r->rest, S(" ")))
		r->rest = str_from(r->rest, 1);
}

/* A word that is an operator, whatever follows it: npm reads "ANDMIT" as two words. */
static bool take_word(struct reader *r, str word)
{
	skip_blanks(r);
	if (!str_starts_nocase(r->rest, word))
		return false;
	r->rest = str_from(r->rest, word.len);
	return true;
}

static bool take_exactly(struct reader *r, str text)
{
	if (!str_starts(r->rest, text))
		return false;
	r->rest = str_from(r->rest, text.len);
	return true;
}

static str take_id(struct reader *r)
{
	str id = str_slice(r->rest, 0, id_length(r->rest));

	r->rest = str_from(r->rest, id.len);
	return id;
}

/* "LicenseRef-x", "DocumentRef-d:LicenseRef-x": names that mean something in a document of their
 * own. */
static bool read_reference(struct reader *r)
{
	const char *start = r->rest.p;

	if (take_exactly(r, S("DocumentRef-")) && (!take_id(r).len || !take_exactly(r, S(":"))))
		return false;
	if (!take_exactly(r, S("LicenseRef-")) || !take_id(r).len)
		return false;
	r->license = (struct spdx_step){ .license = str_of(start, (size_t)(r->rest.p - start)) };
	return true;
}

static bool read_license(struct reader *r)
{
	r->license = (struct spdx_step){ .license = take_id(r) };
	if (!spdx_is_license(r->license.license))
		return false;
	r->license.has_plus = take_exactly(r, S("+"));
	if (!take_word(r, S("WITH")))
		return true;
	skip_blanks(r);
	r->license.exception = take_id(r);
	return is_listed(exceptions, ARRAY_LEN(exceptions), r->license.exception);
}

static enum token next_token(struct reader *r)
{
	skip_blanks(r);
	if (!r->rest.len)
		return TOKEN_END;
	if (take_word(r, S("AND")))
		return TOKEN_AND;
	if (take_word(r, S("OR")))
		return TOKEN_OR;
	if (take_exactly(r, S("(")))
		return TOKEN_OPEN;
	if (take_exactly(r, S(")")))
		return TOKEN_CLOSE;
	bool is_reference = str_starts(r->rest, S("LicenseRef-")) ||
			    str_starts(r->rest, S("DocumentRef-"));
	return (is_reference ? read_reference(r) : read_license(r)) ? TOKEN_LICENSE : TOKEN_BAD;
}

/* ---- the yard ---- */

struct yard {
	struct arena *arena;
	VEC(struct spdx_step) out;
	VEC(enum token) waiting; /* AND, OR, OPEN */
};

static void release(struct yard *y)
{
	enum token t = VEC_POP(&y->waiting);

	VEC_PUSH(y->arena, &y->out,
		 (struct spdx_step){ .op = t == TOKEN_AND ? SPDX_AND : SPDX_OR });
}

/* AND binds tighter than OR. */
static void join(struct yard *y, enum token t)
{
	while (y->waiting.len && (VEC_LAST(&y->waiting) == TOKEN_AND ||
				  (VEC_LAST(&y->waiting) == TOKEN_OR && t == TOKEN_OR)))
		release(y);
	VEC_PUSH(y->arena, &y->waiting, t);
}

static bool close_parenthesis(struct yard *y)
{
	while (y->waiting.len && VEC_LAST(&y->waiting) != TOKEN_OPEN)
		release(y);
	if (!y->waiting.len)
		return false;
	(void)VEC_POP(&y->waiting);
	return true;
}

/* @has_value: a licence or a closed parenthesis has just been read. */
static bool take_token(struct yard *y, enum token t, const struct reader *r, bool *has_value)
{
	bool wants_value = t == TOKEN_LICENSE || t == TOKEN_OPEN;

	if (t == TOKEN_BAD || wants_value == *has_value)
		return false;
	*has_value = t == TOKEN_LICENSE || t == TOKEN_CLOSE;
	if (t == TOKEN_LICENSE)
		VEC_PUSH(y->arena, &y->out, r->license);
	else if (t == TOKEN_OPEN)
		VEC_PUSH(y->arena, &y->waiting, t);
	else if (t == TOKEN_CLOSE)
		return close_parenthesis(y);
	else
		join(y, t);
	return true;
}

bool spdx_parse(struct arena *a, str text, struct spdx *out)
{
	struct yard y = { .arena = a };
	struct reader r = { .rest = text };
	bool has_value = false;

	for (enum token t; (t = next_token(&r)) != TOKEN_END;)
		if (!take_token(&y, t, &r, &has_value))
			return false;
	while (has_value && y.waiting.len) {
		if (VEC_LAST(&y.waiting) == TOKEN_OPEN)
			return false;
		release(&y);
	}
	*out = (struct spdx){ y.out.items, y.out.len };
	return has_value;
}

/* ---- judging ---- */

str spdx_step_text(struct arena *a, const struct spdx_step *step)
{
	str with = str_is_null(step->exception) ? S("")
						: str_concat(a, S(" WITH "), step->exception);

	return str_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(step->license),
			  step->has_plus ? "+" : "", STR_ARG(with));
}

bool spdx_is_unusable(const struct spdx *expression, spdx_is_bad_fn is_bad, void *ctx)
{
	ARENA_SCOPE(tmp);
	bool *stack = ARENA_ARRAY(tmp, bool, expression->count);
	size_t top = 0;

	for (size_t i = 0; i < expression->count; i++) {
		const struct spdx_step *step = &expression->steps[i];

		if (step->op == SPDX_LICENSE) {
			stack[top++] = is_bad(ctx, step);
			continue;
		}
		bool right = stack[--top], left = stack[--top];
		stack[top++] = step->op == SPDX_AND ? left || right : left && right;
	}
	return stack[0];
}
