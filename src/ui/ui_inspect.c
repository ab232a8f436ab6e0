/* SPDX-License-Identifier: MIT
 * The printing rules of util.inspect(). Three of them make its look: an object that holds at most
 * three levels and fits into the line is one line; a list of more than six short items is set in
 * columns; everything else has a line for each member. Lengths are counted as JavaScript counts
 * them, in UTF-16 units, except in columns. */
#include "cpm/ui/ui_inspect.h"

#include <math.h>

#include "cpm/ui/term.h"

#define LINE_LENGTH      80
#define COMPACT_LEVELS   3
#define COLUMNS_MAX      12
#define GROUP_MIN_ITEMS  6
#define SHORT_STRING     16
#define STRING_MAX_UNITS 10000

struct inspect {
	struct arena *arena;
	const struct inspect_opts *opts;
	unsigned indent;
	unsigned deepest; /* level of the object that was entered last */
};

/* One member or item, printed. */
struct piece {
	str text;
	size_t units;   /* UTF-16 units without colours */
	size_t columns; /* what it takes on a terminal */
};

struct pieces {
	struct piece *items;
	size_t count;
};

static str inspect_value(struct inspect *in, const struct json *v, unsigned level);

/* ---- text ---- */

static str colored(struct inspect *in, enum paint color, str text)
{
	if (!in->opts->is_colored)
		return text;
	return str_printf(in->arena, "%s" STR_FMT "%s", paint(true, color), STR_ARG(text),
			  paint(true, PAINT_RESET));
}

/* "\033[32m" and its like take no room. */
static str without_colors(struct arena *a, str text)
{
	struct str_buf out = str_buf(a, text.len);

	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] != '\033') {
			buf_add_char(&out, text.p[i]);
			continue;
		}
		while (i < text.len && text.p[i] != 'm')
			i++;
	}
	return buf_view(&out);
}

/* Characters beyond the basic plane are two units; their UTF-8 form is the one with four bytes. */
static size_t utf16_units(str s)
{
	size_t units = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		units += (c & 0xc0) != 0x80;
		units += c >= 0xf0;
	}
	return units;
}

static char quote_for(str s)
{
	if (str_find_char(s, '\'') == STR_NPOS)
		return '\'';
	if (str_find_char(s, '"') == STR_NPOS)
		return '"';
	bool has_template = str_find_char(s, '`') != STR_NPOS || str_find(s, S("${")) != STR_NPOS;
	return has_template ? '\'' : '`';
}

static void add_escaped(struct str_buf *out, unsigned c, char quote)
{
	static const char letters[] = "\b\t\n\f\r", names[] = "btnfr";
	const char *letter = c ? strchr(letters, (int)c) : NULL;

	if (letter && c < 0x20)
		buf_printf(out, "\\%c", names[letter - letters]);
	else if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		buf_printf(out, "\\x%02X", c);
	else if (c == '\\' || c == (unsigned char)quote)
		buf_printf(out, "\\%c", (char)c);
	else
		buf_add_char(out, (char)c);
}

/* A literal as JavaScript would read it, in the quotes that need the fewest escapes. */
static str quoted(struct arena *a, str s)
{
	struct str_buf out = str_buf(a, SIZE_MAX);
	char quote = quote_for(s);

	buf_add_char(&out, quote);
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		unsigned char next = i + 1 < s.len ? (unsigned char)s.p[i + 1] : 0;
		if (c == 0xc2 && next >= 0x80 && next < 0xa0) {
			add_escaped(&out, next, quote);
			i++;
		} else if (c == 0xed && next >= 0xa0 && i + 2 < s.len) {
			unsigned low = (unsigned char)s.p[i + 2] & 0x3f;
			buf_printf(&out, "\\u%04x", 0xd000u | (unsigned)(next & 0x3f) << 6 | low);
			i += 2;
		} else if (c < 0x80) {
			add_escaped(&out, c, quote);
		} else {
			buf_add_char(&out, (char)c);
		}
	}
	buf_add_char(&out, quote);
	return buf_view(&out);
}

/* The first @units of @s, and how many there are behind them. */
static str cut_units(str s, size_t units, size_t *rest)
{
	size_t total = utf16_units(s), at = 0, seen = 0;

	*rest = total > units ? total - units : 0;
	if (*rest == 0)
		return s;
	for (; at < s.len; at++) {
		unsigned char c = (unsigned char)s.p[at];
		if ((c & 0xc0) == 0x80)
			continue;
		seen += c >= 0xf0 ? 2 : 1;
		if (seen > units)
			break;
	}
	return str_slice(s, 0, at);
}

/* A long text with several lines is shown as its lines, added up. */
static str inspect_string(struct inspect *in, str s)
{
	struct str_buf out = str_buf(in->arena, SIZE_MAX);
	size_t more, length;

	s = cut_units(s, STRING_MAX_UNITS, &more);
	length = utf16_units(s);
	bool is_long = length > SHORT_STRING &&
		       (in->indent + 4 > LINE_LENGTH || length > LINE_LENGTH - in->indent - 4);
	while (is_long && str_find_char(s, '\n') != STR_NPOS) {
		size_t end = str_find_char(s, '\n') + 1;
		if (end == s.len)
			break;
		buf_add(&out, colored(in, PAINT_GREEN, quoted(in->arena, str_slice(s, 0, end))));
		buf_add_cstr(&out, " +\n");
		buf_add_repeat(&out, S(" "), in->indent + 2);
		s = str_from(s, end);
	}
	buf_add(&out, colored(in, PAINT_GREEN, quoted(in->arena, s)));
	if (more > 0)
		buf_printf(&out, "... %zu more character%s", more, more > 1 ? "s" : "");
	return buf_view(&out);
}

static str inspect_key(struct inspect *in, str key)
{
	bool is_name = key.len > 0 && !(key.p[0] >= '0' && key.p[0] <= '9');

	for (size_t i = 0; i < key.len && is_name; i++) {
		char c = key.p[i], lower = (char)(c | 0x20);
		is_name = c == '_' || (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z');
	}
	if (str_eq(key, S("__proto__")))
		return S("['__proto__']");
	return is_name ? key : colored(in, PAINT_GREEN, quoted(in->arena, key));
}

static str inspect_number(struct inspect *in, double n)
{
	struct str_buf b = str_buf(in->arena, 64);

	if (n == 0 && signbit(n))
		buf_add_char(&b, '-');
	json_write_number(&b, n);
	return colored(in, PAINT_YELLOW, buf_view(&b));
}

/* ---- columns ---- */

struct grid {
	size_t columns;
	size_t widths[COLUMNS_MAX]; /* separator included */
	bool is_right_aligned;
};

/* How many columns look best, 1 for none: roughly a square, and no column much wider than its
 * items. */
static size_t count_columns(const struct inspect *in, const struct pieces *p, size_t count)
{
	size_t total = 0, longest = 0;

	for (size_t i = 0; i < count; i++) {
		total += p->items[i].columns + 2;
		longest = MAX(longest, p->items[i].columns);
	}
	size_t widest = longest + 2;
	if (widest * 3 + in->indent >= LINE_LENGTH ||
	    ((double)total / (double)widest <= 5 && longest > 6))
		return 1;
	double bias = sqrt((double)widest - (double)total / (double)p->count);
	double biased = fmax((double)widest - 3 - bias, 1);
	size_t columns = (size_t)floor(sqrt(2.5 * biased * (double)count) / biased + 0.5);
	columns = MIN(columns, (LINE_LENGTH - in->indent) / widest);
	return MIN(columns, (size_t)COLUMNS_MAX);
}

static void add_padding(struct str_buf *out, size_t width, size_t used)
{
	if (width > used)
		buf_add_repeat(out, S(" "), width - used);
}

static struct piece grid_line(struct inspect *in, const struct pieces *p, size_t from, size_t to,
			      const struct grid *grid)
{
	struct str_buf out = str_buf(in->arena, SIZE_MAX);

	for (size_t i = from; i < to; i++) {
		const struct piece *item = &p->items[i];
		bool is_last = i + 1 == to;
		size_t width = grid->widths[i - from] - (is_last ? 2 : 0);
		size_t used = item->columns + (is_last ? 0 : 2);
		if (grid->is_right_aligned)
			add_padding(&out, width, used);
		buf_add(&out, item->text);
		if (is_last)
			break;
		buf_add_cstr(&out, ", ");
		if (!grid->is_right_aligned)
			add_padding(&out, width, used);
	}
	return (struct piece){ .text = buf_view(&out) };
}

/* @has_more: the last piece says how many items there are besides. */
static struct pieces group_items(struct inspect *in, const struct pieces *p,
				 const struct json *list, bool has_more)
{
	size_t count = p->count - has_more, nlines = 0;
	struct grid grid = { .columns = count_columns(in, p, count),
			     .is_right_aligned = true };

	if (grid.columns <= 1)
		return *p;
	for (size_t i = 0; i < count; i++)
		grid.widths[i % grid.columns] = MAX(grid.widths[i % grid.columns],
						    p->items[i].columns + 2);
	for (size_t i = 0; i < p->count && i < list->count; i++)
		grid.is_right_aligned = grid.is_right_aligned &&
					json_is(list->items[i], JSON_NUMBER);
	struct piece *lines = ARENA_ARRAY(in->arena, struct piece, count / grid.columns + 2);
	for (size_t i = 0; i < count; i += grid.columns)
		lines[nlines++] = grid_line(in, p, i, MIN(i + grid.columns, count), &grid);
	if (has_more)
		lines[nlines++] = p->items[count];
	return (struct pieces){ lines, nlines };
}

/* ---- objects and lists ---- */

static bool fits_line(const struct inspect *in, const struct pieces *p)
{
	size_t total = p->count + (p->count + in->indent + 1 + 10);

	for (size_t i = 0; i < p->count && total <= LINE_LENGTH; i++) {
		total += p->items[i].units;
		if (str_find_char(p->items[i].text, '\n') != STR_NPOS)
			return false;
	}
	return total <= LINE_LENGTH;
}

static str join(struct inspect *in, const struct pieces *p, const char *braces, unsigned level,
		bool was_grouped)
{
	struct str_buf out = str_buf(in->arena, SIZE_MAX);
	bool is_line = in->deepest - level < COMPACT_LEVELS && !was_grouped && fits_line(in, p);

	buf_add_char(&out, braces[0]);
	for (size_t i = 0; i < p->count; i++) {
		if (i > 0)
			buf_add_char(&out, ',');
		buf_add_char(&out, is_line ? ' ' : '\n');
		buf_add_repeat(&out, S(" "), is_line ? 0 : in->indent + 2);
		buf_add(&out, p->items[i].text);
	}
	buf_add_char(&out, is_line ? ' ' : '\n');
	buf_add_repeat(&out, S(" "), is_line ? 0 : in->indent);
	buf_add_char(&out, braces[1]);
	return buf_view(&out);
}

static struct piece piece_of(struct inspect *in, str text)
{
	str plain = in->opts->is_colored ? without_colors(in->arena, text) : text;

	return (struct piece){ text, utf16_units(plain), term_width(plain) };
}

static str inspect_list(struct inspect *in, const struct json *v, unsigned level)
{
	size_t shown = in->opts->max_items ? MIN(v->count, in->opts->max_items) : v->count;
	size_t more = v->count - shown;
	struct pieces p = { ARENA_ARRAY(in->arena, struct piece, shown + 1), 0 };

	in->indent += 2;
	for (size_t i = 0; i < shown; i++)
		p.items[p.count++] = piece_of(in, inspect_value(in, v->items[i], level + 1));
	in->indent -= 2;
	if (more > 0)
		p.items[p.count++] = piece_of(in, str_printf(in->arena, "... %zu more item%s", more,
							     more > 1 ? "s" : ""));
	if (p.count <= GROUP_MIN_ITEMS)
		return join(in, &p, "[]", level, false);
	struct pieces grouped = group_items(in, &p, v, more > 0);
	return join(in, &grouped, "[]", level, grouped.count != p.count);
}

static str inspect_object(struct inspect *in, const struct json *v, unsigned level)
{
	struct pieces p = { ARENA_ARRAY(in->arena, struct piece, v->count), v->count };

	in->indent += 2;
	for (size_t i = 0; i < v->count; i++) {
		str value = inspect_value(in, v->members[i].val, level + 1);
		str key = inspect_key(in, v->members[i].key);
		p.items[i] = piece_of(in, str_printf(in->arena, STR_FMT ": " STR_FMT, STR_ARG(key),
						     STR_ARG(value)));
	}
	in->indent -= 2;
	return join(in, &p, "{}", level, false);
}

static str inspect_container(struct inspect *in, const struct json *v, unsigned level)
{
	bool is_list = v->type == JSON_ARRAY;

	if (v->count == 0)
		return is_list ? S("[]") : S("{}");
	if (level > in->opts->depth)
		return colored(in, PAINT_CYAN, is_list ? S("[Array]") : S("[Object]"));
	in->deepest = level;
	return is_list ? inspect_list(in, v, level) : inspect_object(in, v, level);
}

static str inspect_value(struct inspect *in, const struct json *v, unsigned level)
{
	if (!v)
		return colored(in, PAINT_DIM, S("undefined"));
	switch (v->type) {
	case JSON_NULL:
		return colored(in, PAINT_BOLD, S("null"));
	case JSON_BOOL:
		return colored(in, PAINT_YELLOW, v->boolean ? S("true") : S("false"));
	case JSON_NUMBER:
		return inspect_number(in, v->number);
	case JSON_STRING:
		return inspect_string(in, v->string);
	default:
		return inspect_container(in, v, level);
	}
}

void ui_inspect(struct str_buf *out, const struct json *v, const struct inspect_opts *opts)
{
	ARENA_SCOPE(tmp);
	struct inspect in = { .arena = tmp, .opts = opts };

	buf_add(out, inspect_value(&in, v, 0));
}
