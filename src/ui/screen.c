/* SPDX-License-Identifier: MIT
 * Output with a live line. The line is erased with "return, clear to end" and nothing cleverer:
 * every terminal knows it. */
#include "cpm/ui/screen.h"

#include <errno.h>
#include <unistd.h>

static void write_all(int fd, str text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.p, text.len);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return;
		text = str_from(text, (size_t)n);
	}
}

void screen_hide_line(struct screen *s)
{
	if (s->line_len == 0)
		return;
	write_all(STDERR_FILENO, S("\r\033[K"));
	s->line_len = 0;
}

void screen_write(struct screen *s, int fd, str text)
{
	screen_hide_line(s);
	write_all(fd, text);
}

/* The longest beginning of @line that fits in @columns. */
static str cut_to_width(str line, unsigned columns)
{
	size_t end = MIN(line.len, (size_t)SCREEN_LINE_MAX_BYTES - 16);

	for (;;) {
		while (end > 0 && end < line.len && ((unsigned char)line.p[end] & 0xc0) == 0x80)
			end--;
		if (end == 0 || term_width(str_slice(line, 0, end)) <= columns)
			return str_slice(line, 0, end);
		end--;
	}
}

void screen_show_line(struct screen *s, str line)
{
	if (!s->term.can_redraw)
		return;
	line = cut_to_width(line, s->term.columns > 1 ? s->term.columns - 1 : 1);
	if (str_eq(line, str_of(s->line, s->line_len)))
		return;
	write_all(STDERR_FILENO, S("\r\033[K"));
	write_all(STDERR_FILENO, line);
	memcpy(s->line, line.p, line.len);
	s->line_len = line.len;
}
