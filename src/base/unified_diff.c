/* SPDX-License-Identifier: MIT
 * A hunk is tried at the line it names, moved by what the hunks before it had to be moved, then one
 * line further up and down, and so on: the nearest place where all its old lines stand wins. Hunks
 * keep their order and never overlap. What this comes down to is what npm's library does with its
 * fuzz set to nothing. */
#include "cpm/base/unified_diff.h"

#include <ctype.h>

typedef VEC(str) line_vec;

static line_vec split(struct arena *a, str text)
{
	line_vec out = { 0 };

	for (;;) {
		size_t end = str_find_char(text, '\n');

		VEC_PUSH(a, &out, str_slice(text, 0, MIN(end, text.len)));
		if (end == STR_NPOS)
			return out;
		text = str_from(text, end + 1);
	}
}

/* ---- reading ---- */

struct diff_reader {
	struct arena *arena;
	line_vec lines;
	size_t at;
};

static str line_at(const struct diff_reader *r)
{
	return r->at < r->lines.len ? r->lines.items[r->at] : STR_NULL;
}

static bool is_word(str line, const char *word)
{
	size_t len = strlen(word);

	return str_starts(line, str_view(word)) && line.len > len &&
	       isspace((unsigned char)line.p[len]);
}

static bool ends_hunks(str line)
{
	return is_word(line, "Index:") || is_word(line, "diff") || is_word(line, "---") ||
	       is_word(line, "+++") || str_starts(line, S("=================================="));
}

static struct err *bad_line(size_t at)
{
	return err_new(E_GENERIC, "line %zu of the patch is not part of a unified diff", at + 1);
}

/* "--- a/file\t..." */
static void read_name(struct diff_reader *r, const char *word, str *out)
{
	str line = line_at(r), name;

	if (!is_word(line, word))
		return;
	r->at++;
	line = str_trim(str_from(line, strlen(word)));
	name = str_trim(str_slice(line, 0, MIN(str_find_char(line, '\t'), line.len)));
	if (name.len > 1 && name.p[0] == '"' && str_ends(name, S("\"")))
		name = str_slice(name, 1, name.len - 1);
	if (str_eq(name, S("/dev/null")))
		return;
	*out = str_starts(name, S("a/")) || str_starts(name, S("b/")) ? str_from(name, 2) : name;
}

/* "12,3" of "@@ -12,3 +12,4 @@" */
static bool read_span(str *rest, char sign, uint64_t *start, uint64_t *count)
{
	size_t end = 0;
	str both, first;

	if (rest->len == 0 || rest->p[0] != sign)
		return false;
	*rest = str_from(*rest, 1);
	while (end < rest->len && rest->p[end] != ' ')
		end++;
	both = str_slice(*rest, 0, end);
	*rest = str_from(*rest, MIN(end + 1, rest->len));
	*count = 1;
	if (str_find_char(both, ',') == STR_NPOS)
		return str_to_u64(both, start);
	return str_cut(&both, ',', &first) && str_to_u64(first, start) && str_to_u64(both, count);
}

static struct err *read_hunk(struct diff_reader *r, struct diff_hunk *out)
{
	uint64_t old_start, old_count, new_start, new_count, removed = 0, added = 0;
	size_t header = r->at;
	str line = str_from(line_at(r), 2);

	line = str_trim(line);
	if (!read_span(&line, '-', &old_start, &old_count) ||
	    !read_span(&line, '+', &new_start, &new_count))
		return bad_line(header);
	*out = (struct diff_hunk){ .old_start = old_start + (old_count == 0),
				   .old_lines = old_count };
	for (r->at++; r->at < r->lines.len; r->at++) {
		str at = line_at(r);
		bool is_last = r->at + 1 == r->lines.len;
		char sign = at.len ? at.p[0] : ' ';

		if (removed >= old_count && added >= new_count && sign != '\\')
			break;
		if ((sign != ' ' && sign != '+' && sign != '-' && sign != '\\') ||
		    (at.len == 0 && is_last))
			return bad_line(r->at);
		removed += sign == ' ' || sign == '-';
		added += sign == ' ' || sign == '+';
		VEC_PUSH(r->arena, &out->lines, at);
	}
	return removed == old_count && added == new_count ? NULL : bad_line(header);
}

static struct err *read_file(struct diff_reader *r, struct file_diff *out)
{
	*out = (struct file_diff){ .old_name = STR_NULL, .new_name = STR_NULL };
	while (r->at < r->lines.len && !is_word(line_at(r), "---") && !is_word(line_at(r), "+++") &&
	       !is_word(line_at(r), "@@"))
		r->at++;
	read_name(r, "---", &out->old_name);
	read_name(r, "+++", &out->new_name);
	while (r->at < r->lines.len && !ends_hunks(line_at(r))) {
		struct diff_hunk hunk;

		if (line_at(r).len == 0) {
			r->at++;
			continue;
		}
		if (!str_starts(line_at(r), S("@@")))
			return bad_line(r->at);
		TRY(read_hunk(r, &hunk));
		VEC_PUSH(r->arena, &out->hunks, hunk);
	}
	return NULL;
}

struct err *unified_diff_parse(struct arena *a, str text, file_diff_vec *out)
{
	struct diff_reader r = { .arena = a, .lines = split(a, text) };

	*out = (file_diff_vec){ 0 };
	while (r.at < r.lines.len) {
		struct file_diff d;

		TRY(read_file(&r, &d));
		if (d.hunks.len || !str_is_null(d.old_name) || !str_is_null(d.new_name))
			VEC_PUSH(a, out, d);
	}
	return NULL;
}

/* ---- applying ---- */

struct patching {
	struct arena *arena;
	line_vec lines, result;
	enum {
		EOL_AS_IT_IS,
		EOL_ADD,
		EOL_DROP
	} eol; /* what becomes of a patch's carriage returns */
};

static str content_of(const struct patching *p, str line)
{
	str content = line.len ? str_from(line, 1) : line;

	if (p->eol == EOL_DROP && str_ends(content, S("\r")))
		content.len--;
	return p->eol == EOL_ADD ? str_concat(p->arena, content, S("\r")) : content;
}

/* Every line but a last one without an end has this one. */
static bool has_only(const line_vec *lines, bool windows)
{
	for (size_t i = 0; i + 1 < lines->len; i++)
		if (str_ends(lines->items[i], S("\r")) != windows)
			return false;
	return lines->len > 1;
}

static bool patch_has_only(const struct file_diff *d, bool windows)
{
	bool any = false;

	VEC_EACH (const struct diff_hunk, h, &d->hunks)
		VEC_EACH (const str, line, &h->lines) {
			if (str_starts(*line, S("\\")))
				continue;
			if (str_ends(*line, S("\r")) != windows)
				return false;
			any = true;
		}
	return any;
}

static void settle_line_ends(struct patching *p, const struct file_diff *d)
{
	if (has_only(&p->lines, true) && patch_has_only(d, false))
		p->eol = EOL_ADD;
	else if (has_only(&p->lines, false) && patch_has_only(d, true))
		p->eol = EOL_DROP;
}

/* A file's last line end may come or go: only in the last hunk, and only when it can. */
static bool settle_last_line(struct patching *p, const struct file_diff *d)
{
	bool removes = false, adds = false, has_end = VEC_LAST(&p->lines).len == 0;
	char before = ' ';

	VEC_EACH (const str, line, &VEC_LAST(&d->hunks).lines) {
		char sign = line->len ? line->p[0] : ' ';

		removes |= sign == '\\' && before == '+';
		adds |= sign == '\\' && before == '-';
		before = sign;
	}
	if (removes && adds)
		return !has_end;
	if (removes) {
		p->lines.len -= has_end;
		return has_end;
	}
	if (adds && !has_end)
		VEC_PUSH(p->arena, &p->lines, S(""));
	return !adds || !has_end;
}

static bool fits(const struct patching *p, const struct diff_hunk *h, size_t at)
{
	VEC_EACH (const str, line, &h->lines) {
		char sign = line->len ? line->p[0] : ' ';

		if (sign == '+' || sign == '\\')
			continue;
		if (at >= p->lines.len || !str_eq(p->lines.items[at], content_of(p, *line)))
			return false;
		at++;
	}
	return true;
}

/* The fitting line nearest to @wanted, from @min on; STR_NPOS when there is none. */
static size_t find_place(const struct patching *p, const struct diff_hunk *h, size_t wanted,
			 size_t min)
{
	size_t max = p->lines.len >= h->old_lines ? p->lines.len - h->old_lines : 0;

	if (wanted >= min && wanted <= max && fits(p, h, wanted))
		return wanted;
	for (size_t distance = 1; distance <= p->lines.len + wanted; distance++) {
		size_t down = wanted + distance;

		if (down >= min && down <= max && fits(p, h, down))
			return down;
		if (distance <= wanted && wanted - distance >= min && wanted - distance <= max &&
		    fits(p, h, wanted - distance))
			return wanted - distance;
		if (down > max && (distance > wanted || wanted - distance < min))
			break;
	}
	return STR_NPOS;
}

/* What it keeps at its end is left to the next hunk. */
static size_t apply_hunk(struct patching *p, const struct diff_hunk *h, size_t at)
{
	size_t trailing = 0;

	VEC_EACH (const str, line, &h->lines) {
		char sign = line->len ? line->p[0] : ' ';

		if (sign == '\\')
			continue;
		if (sign == '+')
			VEC_PUSH(p->arena, &p->result, content_of(p, *line));
		else if (sign == ' ')
			VEC_PUSH(p->arena, &p->result, p->lines.items[at]);
		at += sign != '+';
		trailing = sign == ' ' ? trailing + 1 : 0;
	}
	p->result.len -= trailing;
	return at - trailing;
}

bool unified_diff_apply(struct arena *a, const struct file_diff *d, str source, str *out)
{
	struct patching p = { .arena = a, .lines = split(a, source) };
	size_t done = 0;
	int64_t moved = 0;

	*out = source;
	if (d->hunks.len == 0)
		return true;
	settle_line_ends(&p, d);
	if (!settle_last_line(&p, d))
		return false;
	VEC_EACH (const struct diff_hunk, h, &d->hunks) {
		int64_t wanted = (int64_t)h->old_start - 1 + moved;
		size_t at = find_place(&p, h, wanted < 0 ? 0 : (size_t)wanted, done);

		if (at == STR_NPOS)
			return false;
		for (; done < at; done++)
			VEC_PUSH(a, &p.result, p.lines.items[done]);
		moved = (int64_t)at + 1 - (int64_t)h->old_start;
		done = apply_hunk(&p, h, at);
	}
	for (; done < p.lines.len; done++)
		VEC_PUSH(a, &p.result, p.lines.items[done]);
	*out = str_join(a, p.result.items, p.result.len, S("\n"));
	return true;
}
