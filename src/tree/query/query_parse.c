/* SPDX-License-Identifier: MIT
 * Text into selectors. The grammar is that of CSS selectors as far as npm's queries use it, read in
 * one pass without going back; a slash is an ordinary character because package names have it. */
#include "query_priv.h"

#include <stdarg.h>

#define MAX_BYTES 65536
#define MAX_DEPTH 64

struct parser {
	struct arena *arena;
	str rest;
	unsigned depth;
};

struct err *query_error(const char *code, const char *fmt, ...)
{
	ARENA_SCOPE(tmp);
	va_list ap;
	str text;

	va_start(ap, fmt);
	text = str_vprintf(tmp, fmt, ap);
	va_end(ap);
	return err_show_as(err_new(E_GENERIC, STR_FMT, STR_ARG(text)), str_view(code));
}

/* ---- characters ---- */

static char peek(const struct parser *p)
{
	return p->rest.len ? p->rest.p[0] : 0;
}

static void skip(struct parser *p, size_t n)
{
	p->rest = str_from(p->rest, n);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool skip_blanks(struct parser *p)
{
	size_t before = p->rest.len;

	while (p->rest.len && is_blank(peek(p)))
		skip(p, 1);
	return p->rest.len < before;
}

static bool take(struct parser *p, char c)
{
	if (peek(p) != c || !p->rest.len)
		return false;
	skip(p, 1);
	return true;
}

static struct err *expected(const struct parser *p, const char *what)
{
	if (!p->rest.len)
		return err_new(E_GENERIC, "Expected %s at the end of the selector.", what);
	return err_new(E_GENERIC, "Expected %s, found \"%c\" instead.", what, peek(p));
}

/* ---- words ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void add_code_point(struct str_buf *out, uint32_t c)
{
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		c = 0xfffd;
	if (c < 0x80) {
		buf_add_char(out, (char)c);
		return;
	}
	int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const unsigned char lead[] = { 0, 0xc0, 0xe0, 0xf0 };
	buf_add_char(out, (char)(lead[more] | c >> (6 * more)));
	while (more--)
		buf_add_char(out, (char)(0x80 | (c >> (6 * more) & 0x3f)));
}

/* After a backslash: up to six hexadecimal digits and a blank, or any one character that then
 * stands for itself. */
static void take_escape(struct parser *p, struct str_buf *out)
{
	uint32_t code = 0;
	size_t n = 0;

	while (n < 6 && n < p->rest.len && hex_digit(p->rest.p[n]) >= 0)
		code = code * 16 + (uint32_t)hex_digit(p->rest.p[n++]);
	if (n) {
		skip(p, n);
		(void)(is_blank(peek(p)) && take(p, peek(p)));
		add_code_point(out, code);
	} else if (p->rest.len) {
		buf_add_char(out, peek(p));
		skip(p, 1);
	}
}

/* Up to the first character of @ends that is not escaped. */
static str take_word(struct parser *p, const char *ends)
{
	struct str_buf out = str_buf(p->arena, MAX_BYTES);

	while (p->rest.len && !strchr(ends, peek(p))) {
		if (take(p, '\\')) {
			take_escape(p, &out);
			continue;
		}
		buf_add_char(&out, peek(p));
		skip(p, 1);
	}
	return buf_view(&out);
}

static str take_name(struct parser *p)
{
	return take_word(p, " \t\n\r\f&*!,:;()[]'\"+|~>.#");
}

static struct err *take_quoted(struct parser *p, str *out)
{
	char quote = peek(p), ends[2] = { quote };

	skip(p, 1);
	*out = take_word(p, ends);
	return take(p, quote) ? NULL : expected(p, "a closing quote");
}

/* ---- [attributes] ---- */

static struct err *parse_value(struct parser *p, struct query_attr *attr)
{
	skip_blanks(p);
	if (peek(p) == '"' || peek(p) == '\'')
		TRY(take_quoted(p, &attr->value));
	else
		attr->value = take_word(p, " \t\n\r\f=!]");
	skip_blanks(p);
	attr->ignores_case = (peek(p) | 0x20) == 'i';
	if (attr->ignores_case || (peek(p) | 0x20) == 's')
		skip(p, 1);
	return NULL;
}

/* Where "!=" would be read as a part of the name, a selector for all but some would find nothing.
 */
static struct err *check_operator(const struct parser *p, const struct query_attr *attr)
{
	if (peek(p) == '!')
		return err_new(E_GENERIC, "Unexpected \"!\" found.");
	if (peek(p) == '=' && attr->op)
		return err_new(E_GENERIC,
			       "Unexpected \"=\" found; an operator was already defined.");
	return NULL;
}

static struct err *parse_attr(struct parser *p, struct query_attr *attr)
{
	skip(p, 1);
	skip_blanks(p);
	attr->name = take_word(p, " \t\n\r\f=!~*|^$]");
	TRY(check_operator(p, attr));
	if (str_is_empty(attr->name))
		return expected(p, "an attribute");
	skip_blanks(p);
	if (p->rest.len > 1 && p->rest.p[1] == '=' && strchr("~*|^$", peek(p))) {
		attr->op = peek(p);
		skip(p, 2);
	} else if (take(p, '=')) {
		attr->op = '=';
	}
	if (attr->op)
		TRY(parse_value(p, attr));
	skip_blanks(p);
	TRY(check_operator(p, attr));
	return take(p, ']') ? NULL : expected(p, "a closing square bracket");
}

/* ---- what stands in parentheses ---- */

/* The arguments of a pseudo-class as they are written, cut at commas that stand in no brackets. */
static struct err *take_arguments(struct parser *p, str *args, size_t room, size_t *count)
{
	size_t depth = 0, from = 0, i = 0;
	char quote = 0;

	*count = 0;
	for (; i < p->rest.len; i++) {
		char c = p->rest.p[i];

		if (c == '\\') {
			i++;
		} else if (quote || c == '"' || c == '\'') {
			quote = !quote ? c : quote == c ? 0 : quote;
		} else if (c == '(' || c == '[') {
			depth++;
		} else if (depth && (c == ')' || c == ']')) {
			depth--;
		} else if (!depth && (c == ',' || c == ')')) {
			if (*count < room)
				args[*count] = str_trim(str_slice(p->rest, from, i));
			(*count)++;
			from = i + 1;
			if (c == ')')
				break;
		}
	}
	if (i >= p->rest.len)
		return err_new(E_GENERIC, "Expected a closing parenthesis.");
	skip(p, i + 1);
	return NULL;
}

static str unescape(struct arena *a, str s)
{
	struct parser p = { .arena = a, .rest = s };

	return take_word(&p, "");
}

static struct err *no_attr(void)
{
	return query_error("EQUERYATTR", "`:attr` pseudo-class expects an attribute matcher as the "
					 "last value");
}

/* :attr(a, b, [c=d]); nested, the inner one is looked for in every item of a list. */
static struct err *parse_attr_path(struct parser *p, struct query_part *part)
{
	for (;;) {
		skip_blanks(p);
		if (peek(p) == '[') {
			TRY(parse_attr(p, &part->attr));
			break;
		}
		if (str_starts(p->rest, S(":attr(")) && ++p->depth < MAX_DEPTH) {
			skip(p, strlen(":attr("));
			VEC_PUSH(p->arena, &part->keys, (struct query_key){ STR_NULL });
			TRY(parse_attr_path(p, part));
			break;
		}
		str key = take_name(p);
		skip_blanks(p);
		if (str_is_empty(key) || !take(p, ','))
			return no_attr();
		VEC_PUSH(p->arena, &part->keys, (struct query_key){ key });
	}
	skip_blanks(p);
	return take(p, ')') ? NULL : expected(p, "a closing parenthesis");
}

/* A version or a range, as opposed to something that is looked up in package.json. */
static bool is_static_value(str arg)
{
	return arg.len && !strchr("[:*.#\"'", arg.p[0]);
}

static struct err *parse_semver_function(struct arena *a, str arg, str *out)
{
	struct parser p = { .arena = a, .rest = arg };

	if (peek(&p) == '"' || peek(&p) == '\'')
		return take_quoted(&p, out);
	*out = take_name(&p);
	if (out->len)
		return NULL;
	return query_error("ESEMVERFUNC",
			   "`:semver` pseudo-class expects a function name as last value");
}

/* What :semver compares with: an attribute, or one deeper down. */
static struct err *parse_semver_attr(struct parser *outer, str arg, struct query_part *part)
{
	struct parser p = { .arena = outer->arena, .rest = arg, .depth = outer->depth };

	if (str_starts(arg, S("[")))
		return parse_attr(&p, &part->attr);
	if (!str_starts(arg, S(":attr(")))
		return no_attr();
	skip(&p, strlen(":attr("));
	return parse_attr_path(&p, part);
}

/* :semver(value), :semver(value, where), :semver(where, value), each with a function behind. */
static struct err *parse_semver(struct parser *p, struct query_part *part)
{
	str args[3] = { 0 };
	size_t count, at = 0;

	part->attr.name = S("version");
	TRY(take_arguments(p, args, ARRAY_LEN(args), &count));
	if (count > 2)
		TRY(parse_semver_function(p->arena, args[2], &part->function));
	if (count > 1 && !is_static_value(args[at]))
		at = 1;
	if (count > 1 && !is_static_value(args[at]))
		return query_error("ESEMVERVALUE", "`:semver` pseudo-class expects a static value "
						   "in the first or second position");
	part->text = unescape(p->arena, args[at]);
	return count > 1 ? parse_semver_attr(p, args[!at], part) : NULL;
}

static struct err *parse_text(struct parser *p, struct query_part *part)
{
	size_t count;

	TRY(take_arguments(p, &part->text, 1, &count));
	part->text = unescape(p->arena, part->text);
	return NULL;
}

static struct err *parse_list(struct parser *p, char end, struct query_list **out);

static struct err *parse_nested(struct parser *p, struct query_part *part)
{
	if (++p->depth > MAX_DEPTH)
		return err_new(E_GENERIC,
			       "Cannot parse selector: nesting depth exceeds the maximum of %d.",
			       MAX_DEPTH);
	TRY(parse_list(p, ')', &part->nested));
	p->depth--;
	return NULL;
}

/* ---- :pseudo-classes ---- */

enum arguments { ARGS_NONE, ARGS_NESTED, ARGS_ATTR, ARGS_SEMVER, ARGS_TEXT };

static const struct {
	const char *name;
	enum arguments args;
} pseudos[] = {
#define QUERY_PSEUDO(id, name, args) [PSEUDO_##id] = { name, ARGS_##args },
#include "query_pseudos.def"
#undef QUERY_PSEUDO
};

static struct err *parse_pseudo_arguments(struct parser *p, struct query_part *part)
{
	switch (pseudos[part->pseudo].args) {
	case ARGS_NESTED:
		TRY(parse_nested(p, part));
		return part->pseudo == PSEUDO_VULN ? query_check_vuln(part->nested) : NULL;
	case ARGS_ATTR:
		return parse_attr_path(p, part);
	case ARGS_SEMVER:
		return parse_semver(p, part);
	case ARGS_TEXT:
		return parse_text(p, part);
	default:
		return err_new(E_GENERIC, "`:%s` takes nothing in parentheses.",
			       pseudos[part->pseudo].name);
	}
}

static struct err *parse_pseudo(struct parser *p, struct query_part *part)
{
	str name;
	size_t i = 0;

	skip(p, 1);
	name = take_name(p);
	if (str_is_empty(name))
		return expected(p, "a pseudo-class");
	while (i < ARRAY_LEN(pseudos) && !str_eq(name, str_view(pseudos[i].name)))
		i++;
	if (i == ARRAY_LEN(pseudos))
		return query_error("EQUERYNOPSEUDO",
				   "`:" STR_FMT "` is not a supported pseudo selector.",
				   STR_ARG(name));
	part->test = TEST_PSEUDO;
	part->pseudo = (enum query_pseudo)i;
	if (take(p, '('))
		return parse_pseudo_arguments(p, part);
	if (pseudos[i].args == ARGS_NESTED)
		part->nested = ARENA_NEW(p->arena, struct query_list);
	if (pseudos[i].args == ARGS_ATTR)
		return no_attr();
	return NULL;
}

/* ---- parts ---- */

static struct err *parse_kind(struct parser *p, struct query_part *part)
{
	static const char *const names[] = {
		[KIND_PROD] = "prod",           [KIND_DEV] = "dev",
		[KIND_OPTIONAL] = "optional",   [KIND_PEER] = "peer",
		[KIND_WORKSPACE] = "workspace", [KIND_BUNDLED] = "bundled",
	};
	str name;

	skip(p, 1);
	name = take_name(p);
	part->test = TEST_KIND;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eq(name, str_view(names[i]))) {
			part->kind = (enum query_kind)i;
			return NULL;
		}
	return query_error("EQUERYNODEPTYPE", "`." STR_FMT "` is not a supported dependency type.",
			   STR_ARG(name));
}

static struct err *parse_name(struct parser *p, struct query_part *part)
{
	skip(p, 1);
	part->test = TEST_NAME;
	part->text = take_name(p);
	return part->text.len ? NULL : expected(p, "a name");
}

static struct err *parse_part(struct parser *p, struct query_part *part)
{
	switch (peek(p)) {
	case '*':
		skip(p, 1);
		return NULL;
	case '#':
		return parse_name(p, part);
	case '.':
		return parse_kind(p, part);
	case '[':
		part->test = TEST_ATTR;
		return parse_attr(p, &part->attr);
	case ':':
		return parse_pseudo(p, part);
	case '"':
	case '\'':
		return query_error("EQUERYNOSELECTOR", "`string` is not a supported selector.");
	case '&':
		return query_error("EQUERYNOSELECTOR", "`nesting` is not a supported selector.");
	default:
		if (str_is_empty(take_name(p)))
			return expected(p, "a selector");
		return query_error("EQUERYNOSELECTOR", "`tag` is not a supported selector.");
	}
}

/* What stands between two parts; nothing at the end of a selector. */
static struct err *parse_join(struct parser *p, bool is_first, enum query_join *out)
{
	bool has_blanks = skip_blanks(p);
	char c = peek(p);

	*out = has_blanks && !is_first ? JOIN_BELOW : JOIN_NONE;
	if (c == '+' || c == '|')
		return query_error("EQUERYNOSELECTOR", "`%c` is not a supported combinator.", c);
	if (c != '>' && c != '~')
		return NULL;
	*out = c == '>' ? JOIN_CHILD : JOIN_SIBLING;
	skip(p, 1);
	skip_blanks(p);
	return NULL;
}

static bool is_at_end(const struct parser *p, char end)
{
	return !p->rest.len || peek(p) == ',' || peek(p) == end;
}

static struct err *parse_selector(struct parser *p, char end, struct query_selector *out)
{
	for (;;) {
		struct query_part part = { 0 };

		TRY(parse_join(p, out->parts.len == 0, &part.join));
		if (is_at_end(p, end)) {
			if (part.join == JOIN_CHILD || part.join == JOIN_SIBLING)
				return expected(p, "a selector");
			return NULL;
		}
		TRY(parse_part(p, &part));
		VEC_PUSH(p->arena, &out->parts, part);
	}
}

static struct err *parse_list(struct parser *p, char end, struct query_list **out)
{
	struct query_list *list = ARENA_NEW(p->arena, struct query_list);

	*out = list;
	do {
		struct query_selector selector = { 0 };

		TRY(parse_selector(p, end, &selector));
		VEC_PUSH(p->arena, &list->selectors, selector);
	} while (take(p, ','));
	if (end ? take(p, end) : !p->rest.len)
		return NULL;
	return end ? err_new(E_GENERIC, "Expected a closing parenthesis.")
		   : expected(p, "an opening parenthesis");
}

struct err *query_parse(struct arena *a, str text, struct query_list **out)
{
	struct parser p = { .arena = a, .rest = text };

	if (text.len > MAX_BYTES)
		return err_new(E_TOO_BIG, "the selector has more than %d bytes", MAX_BYTES);
	return parse_list(&p, 0, out);
}
