/* SPDX-License-Identifier: MIT
 * Members as a picture to look at in a browser or to put into a README: it follows the reader's
 * light or dark scheme, and under the pointer only a member's own links stay bright. All of that is
 * CSS: pictures with scripts are shown nowhere. */
#include "member_drawing.h"

#include "cpm/base/path.h"
#include "cpm/ui/term.h"
#include "member_layout.h"

#define BOX_HEIGHT    46.0
#define BOX_GAP       16.0
#define BOX_MIN_WIDTH 96.0
#define LETTER_WIDTH  7.4 /* of the larger font, generously */
#define PADDING       14.0
#define BACK_ASIDE    10.0
#define COLUMN_GAP    72.0
#define MARGIN        28.0
#define HEAD_HEIGHT   44.0
#define FOOT_HEIGHT   40.0
#define MAX_CHARS     44
#define MAX_HOVERED   500 /* rules for the pointer, one a member */
#define NHUES         8

static const char style[] =
	"svg{--paper:#fff;--ink:#1f2328;--soft:#6e7781;--line:#8c959f;--box:#f6f8fa;color-scheme:"
	"light dark}"
	"@media(prefers-color-scheme:dark){svg{--paper:#0d1117;--ink:#e6edf3;--soft:#8b949e;"
	"--line:#6e7681;--box:#161b22}}"
	".p{fill:var(--paper)}text{font:600 13px system-ui,-apple-system,'Segoe UI',sans-serif;"
	"fill:var(--ink)}text.v,text.f{font-weight:400;font-size:11px;fill:var(--soft)}"
	"text.t{font-size:17px}.b{fill:var(--box);stroke-width:1.5}"
	".l{fill:none;stroke:var(--line);stroke-width:1.4;transition:opacity .15s}"
	".dev{stroke-dasharray:6 4}.peer{stroke-dasharray:1.5 4;stroke-linecap:round}"
	".broken{stroke:#d1242f}#a{fill:var(--line)}";

static const unsigned hues[NHUES] = { 212, 150, 280, 28, 340, 180, 60, 250 };

struct picture {
	struct str_buf *out;
	struct arena *tmp;
	const struct project_graph *project;
	struct layout layout;
	double *x, *width; /* of each column */
	str *folder_names;
	size_t nfolders;
};

/* ---- text ---- */

static void add_xml(struct picture *p, str text)
{
	str rest = log_escape(p->tmp, text);

	for (size_t i = 0; i < rest.len; i++) {
		char c = rest.p[i];

		if (c == '&')
			buf_add_cstr(p->out, "&amp;");
		else if (c == '<')
			buf_add_cstr(p->out, "&lt;");
		else if (c == '>')
			buf_add_cstr(p->out, "&gt;");
		else if (c == '"')
			buf_add_cstr(p->out, "&quot;");
		else
			buf_add_char(p->out, c);
	}
}

/* At most MAX_CHARS bytes, cut between characters. */
static str shortened(struct arena *a, str text)
{
	size_t len = MAX_CHARS;

	if (text.len <= MAX_CHARS)
		return text;
	while (len > 0 && ((unsigned char)text.p[len] & 0xc0) == 0x80)
		len--;
	return str_concat(a, str_slice(text, 0, len), S("…"));
}

static str second_line(struct picture *p, const struct member *m)
{
	str version = member_version(m), folder = m->location.len ? m->location : S(".");

	return str_printf(p->tmp, STR_FMT "%s" STR_FMT, STR_ARG(version), version.len ? " · " : "",
			  STR_ARG(folder));
}

/* ---- measures ---- */

static double box_width(struct picture *p, const struct member *m)
{
	double name = term_width(shortened(p->tmp, m->name)) * LETTER_WIDTH;
	double below = term_width(shortened(p->tmp, second_line(p, m))) * LETTER_WIDTH * 0.86;

	double text = MAX(name, below);

	return MAX(BOX_MIN_WIDTH, text + 2 * PADDING);
}

static double measure_columns(struct picture *p)
{
	const struct layout *l = &p->layout;
	double x = MARGIN;

	p->x = ARENA_ARRAY(p->tmp, double, l->ncolumns + 1);
	p->width = ARENA_ARRAY(p->tmp, double, l->ncolumns + 1);
	VEC_EACH (struct layout_node, n, &l->nodes)
		if (n->member != LAYOUT_BEND)
			p->width[n->column] = MAX(
				p->width[n->column],
				box_width(p, &p->project->graph.items[n->member]));
	for (size_t i = 0; i < l->ncolumns; i++) {
		p->x[i] = x;
		x += p->width[i] + COLUMN_GAP;
	}
	return x - COLUMN_GAP + MARGIN;
}

/* Members of one folder have one colour. */
static size_t folder_of(struct picture *p, const struct member *m)
{
	str folder = m->location.len ? path_dirname(m->location) : S(".");

	for (size_t i = 0; i < p->nfolders; i++)
		if (str_eq(p->folder_names[i], folder))
			return i;
	p->folder_names[p->nfolders] = folder;
	return p->nfolders++;
}

/* ---- links ---- */

static const char *link_class(const struct member_link *l)
{
	if (l->is_broken)
		return "broken";
	if (l->type == EDGE_DEV)
		return "dev";
	return l->type == EDGE_PEER || l->type == EDGE_PEER_OPTIONAL ? "peer" : "prod";
}

/* What leads back runs beside what leads there. */
static double line_y(const struct picture *p, size_t node, bool is_backward)
{
	double aside = is_backward ? BACK_ASIDE : 0;

	return p->layout.nodes.items[node].y + MARGIN + HEAD_HEIGHT + aside;
}

/* On from where the pen is, level at both ends. */
static void add_curve(struct picture *p, double from_x, double from_y, double to_x, double to_y)
{
	double half = (from_x + to_x) / 2;

	buf_printf(p->out, " C%.1f %.1f %.1f %.1f %.1f %.1f", half, from_y, half, to_y, to_x, to_y);
}

/* Out of the left box, straight through each column that is passed, into the right one. */
static void add_way(struct picture *p, const struct layout_link *l)
{
	size_t last = l->nodes.len - 1;
	double x = 0, y = 0;

	for (size_t i = 0; i <= last; i++) {
		size_t node = l->nodes.items[i], column = p->layout.nodes.items[node].column;
		double left = p->x[column], right = left + p->width[column];

		if (i == 0) {
			buf_printf(p->out, "M%.1f %.1f", right, line_y(p, node, l->is_backward));
		} else {
			add_curve(p, x, y, i == last ? left - 1 : left,
				  line_y(p, node, l->is_backward));
			if (i < last)
				buf_printf(p->out, " H%.1f", right);
		}
		x = right;
		y = line_y(p, node, l->is_backward);
	}
}

/* Two boxes of one column: around on the right. */
static void add_loop(struct picture *p, const struct layout_link *l)
{
	size_t column = p->layout.nodes.items[l->nodes.items[0]].column;
	double x = p->x[column] + p->width[column];
	double to = line_y(p, l->nodes.items[0], false), from = line_y(p, l->nodes.items[1], false);

	buf_printf(p->out, "M%.1f %.1f C%.1f %.1f %.1f %.1f %.1f %.1f", x, from, x + COLUMN_GAP / 2,
		   from, x + COLUMN_GAP / 2, to, x, to);
}

static void add_link(struct picture *p, const struct layout_link *l)
{
	const struct layout_node *nodes = p->layout.nodes.items;
	bool is_loop = nodes[l->nodes.items[0]].column == nodes[l->nodes.items[1]].column;
	const struct member_graph *g = &p->project->graph;

	buf_printf(p->out, "<path class=\"l %s m%zu m%zu\" marker-%s=\"url(#h)\" d=\"",
		   link_class(l->link), l->from, l->to,
		   l->is_backward && !is_loop ? "start" : "end");
	if (is_loop)
		add_loop(p, l);
	else
		add_way(p, l);
	buf_add_cstr(p->out, "\"><title>");
	add_xml(p, str_printf(p->tmp, STR_FMT " needs " STR_FMT "@" STR_FMT " (" STR_FMT ")%s",
			      STR_ARG(g->items[l->from].name), STR_ARG(g->items[l->to].name),
			      STR_ARG(l->link->spec), STR_ARG(member_link_field(l->link)),
			      l->link->is_broken ? ", which closes a cycle" : ""));
	buf_add_cstr(p->out, "</title></path>\n");
}

/* ---- members ---- */

static void add_box(struct picture *p, const struct layout_node *n)
{
	const struct member *m = &p->project->graph.items[n->member];
	double x = p->x[n->column], y = n->y - BOX_HEIGHT / 2 + MARGIN + HEAD_HEIGHT;

	buf_printf(p->out,
		   "<g id=\"m%zu\"><rect class=\"b\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
		   "height=\"%.1f\" rx=\"9\" stroke=\"hsl(%u 55%% 50%%)\"/><title>",
		   n->member, x, y, p->width[n->column], BOX_HEIGHT, hues[folder_of(p, m) % NHUES]);
	add_xml(p, str_printf(p->tmp, STR_FMT ": needs %zu, needed by %zu", STR_ARG(m->name),
			      m->needs.len, m->needed_by.len));
	buf_printf(p->out, "</title><text x=\"%.1f\" y=\"%.1f\">", x + PADDING, y + 20);
	add_xml(p, shortened(p->tmp, m->name));
	buf_printf(p->out, "</text><text class=\"v\" x=\"%.1f\" y=\"%.1f\">", x + PADDING, y + 36);
	add_xml(p, shortened(p->tmp, second_line(p, m)));
	buf_add_cstr(p->out, "</text></g>\n");
}

/* ---- around them ---- */

static void add_style(struct picture *p)
{
	const struct member_graph *g = &p->project->graph;

	buf_printf(p->out, "<style>%s", style);
	for (size_t i = 0; i < g->count && g->count <= MAX_HOVERED; i++)
		if (p->project->is_chosen[i])
			buf_printf(p->out, "\nsvg:has(#m%zu:hover) .l:not(.m%zu){opacity:.1}", i,
				   i);
	buf_add_cstr(p->out,
		     "</style>\n<defs><marker id=\"h\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" "
		     "markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" "
		     "orient=\"auto-start-reverse\"><path id=\"a\" d=\"M0 .5 8 4 0 7.5z\"/>"
		     "</marker></defs>\n");
}

static void add_head(struct picture *p, str title, double width, double height)
{
	buf_printf(p->out,
		   "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
		   "width=\"%.0f\" height=\"%.0f\" role=\"img\">\n<title>",
		   width, height, width, height);
	add_xml(p, title);
	buf_add_cstr(p->out, "</title>\n");
	add_style(p);
	buf_printf(p->out,
		   "<rect class=\"p\" width=\"100%%\" height=\"100%%\"/>\n"
		   "<text class=\"t\" x=\"%.1f\" y=\"%.1f\">",
		   MARGIN, MARGIN + 14);
	add_xml(p, title);
	buf_add_cstr(p->out, "</text>\n");
}

static void add_legend(struct picture *p, double y)
{
	static const char *const rows[][2] = { { "prod", "needs" },
					       { "dev", "for development" },
					       { "peer", "as a peer" },
					       { "broken", "closes a cycle" } };
	double x = MARGIN;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		buf_printf(p->out,
			   "<path class=\"l %s\" d=\"M%.1f %.1fh26\"/>"
			   "<text class=\"f\" x=\"%.1f\" y=\"%.1f\">%s</text>\n",
			   rows[i][0], x, y, x + 33, y + 4, rows[i][1]);
		x += 60 + (double)strlen(rows[i][1]) * 6.2;
	}
}

void member_draw_svg(struct str_buf *out, const struct project_graph *project, str title)
{
	ARENA_SCOPE(tmp);
	struct picture p = { .out = out, .tmp = tmp, .project = project };
	double legend_width = 420, width, height;

	p.folder_names = ARENA_ARRAY(tmp, str, project->graph.count + 1);
	member_layout_make(tmp, project, BOX_HEIGHT, BOX_GAP, &p.layout);
	width = MAX(measure_columns(&p), legend_width + 2 * MARGIN);
	height = p.layout.height + 2 * MARGIN + HEAD_HEIGHT + FOOT_HEIGHT;
	add_head(&p, title, width, height);
	VEC_EACH (struct layout_link, l, &p.layout.links)
		add_link(&p, l);
	VEC_EACH (struct layout_node, n, &p.layout.nodes)
		if (n->member != LAYOUT_BEND)
			add_box(&p, n);
	add_legend(&p, height - MARGIN);
	buf_add_cstr(out, "</svg>\n");
}
