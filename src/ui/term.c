/* SPDX-License-Identifier: MIT
 * Terminal capabilities. Colour never carries meaning alone, so getting it wrong costs beauty and
 * nothing else. */
#include "cpm/ui/term.h"

#include "cpm/base/log.h"

#include <sys/ioctl.h>
#include <unistd.h>

static unsigned columns_of(int fd)
{
	struct winsize ws;
	return ioctl(fd, TIOCGWINSZ, &ws) == 0 ? ws.ws_col : 0;
}

struct term term_detect(void)
{
	struct term t = { .out_is_tty = isatty(STDOUT_FILENO),
			  .err_is_tty = isatty(STDERR_FILENO) };

	if (t.err_is_tty)
		t.columns = columns_of(STDERR_FILENO);
	if (t.columns == 0 && t.out_is_tty)
		t.columns = columns_of(STDOUT_FILENO);
	if (t.columns == 0)
		t.columns = 80;
	return t;
}

void term_apply(struct term *t, const struct cfg *cfg)
{
	bool always = str_eq(cfg_text(cfg, CFG_COLOR), S("always"));

	t->out_color = always || (cfg_bool(cfg, CFG_COLOR) && t->out_is_tty);
	t->err_color = always || (cfg_bool(cfg, CFG_COLOR) && t->err_is_tty);
	t->is_unicode = cfg_bool(cfg, CFG_UNICODE);
	t->can_redraw = cfg_bool(cfg, CFG_PROGRESS) && t->err_is_tty && t->out_is_tty &&
			!cfg_bool(cfg, CFG_JSON) &&
			!str_eq(cfg_text(cfg, CFG_LOGLEVEL), S("silent")) &&
			!str_eq(cfg_getenv(cfg, "TERM"), S("dumb"));
}

static const char *const paint_codes[] = {
	[PAINT_RESET] = "\033[0m",
	[PAINT_BOLD] = "\033[1m",
	[PAINT_DIM] = "\033[2m",
	[PAINT_RED] = "\033[31m",
	[PAINT_GREEN] = "\033[32m",
	[PAINT_YELLOW] = "\033[33m",
	[PAINT_BLUE] = "\033[34m",
	[PAINT_MAGENTA] = "\033[35m",
	[PAINT_CYAN] = "\033[36m",
	[PAINT_BRIGHT_RED] = "\033[91m",
	[PAINT_BRIGHT_BLUE] = "\033[94m",
	[PAINT_BRIGHT_CYAN] = "\033[96m",
	[PAINT_BOLD_UNDERLINE] = "\033[1m\033[4m",
	[PAINT_CYAN_UNDERLINE] = "\033[4m\033[36m",
};

const char *paint(bool is_on, enum paint p)
{
	return is_on ? paint_codes[p] : "";
}

size_t paint_code_len(str s)
{
	for (size_t i = 0; i < ARRAY_LEN(paint_codes); i++)
		if (str_starts(s, str_view(paint_codes[i])))
			return strlen(paint_codes[i]);
	return 0;
}

void paint_text(struct str_buf *out, bool is_on, enum paint p, str text)
{
	ARENA_SCOPE(tmp);
	bool is_painted = is_on && p != PAINT_RESET;

	buf_add_cstr(out, paint(is_painted, p));
	buf_add(out, log_escape(tmp, log_redact(tmp, text)));
	buf_add_cstr(out, paint(is_painted, PAINT_RESET));
}

/* Decodes one character of well-formed UTF-8. */
static uint32_t next_char(str *s)
{
	unsigned char c = (unsigned char)s->p[0];
	size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t code = len == 1 ? c : c & (0x7fu >> len);

	len = MIN(len, s->len);
	for (size_t i = 1; i < len; i++)
		code = code << 6 | ((unsigned char)s->p[i] & 0x3f);
	*s = str_from(*s, len);
	return code;
}

static bool is_combining(uint32_t c)
{
	return (c >= 0x300 && c < 0x370) || (c >= 0x200b && c < 0x2010) ||
	       (c >= 0xfe00 && c < 0xfe10);
}

static bool is_wide(uint32_t c)
{
	return (c >= 0x1100 && c < 0x1160) || (c >= 0x2e80 && c < 0xa4d0) ||
	       (c >= 0xac00 && c < 0xd7a4) || (c >= 0xf900 && c < 0xfb00) ||
	       (c >= 0xfe30 && c < 0xfe70) || (c >= 0xff00 && c < 0xff61) ||
	       (c >= 0x1f300 && c < 0x1fb00) || (c >= 0x20000 && c < 0x40000);
}

unsigned term_width(str s)
{
	unsigned width = 0;

	while (s.len > 0) {
		uint32_t c = next_char(&s);
		width += is_combining(c) ? 0 : is_wide(c) ? 2 : 1;
	}
	return width;
}
