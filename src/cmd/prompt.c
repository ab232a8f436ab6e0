/* SPDX-License-Identifier: MIT
 * A line from stdin. Answers may come from a pipe; then nobody can be asked to hurry, so a pipe
 * that stays silent counts as nobody. */
#include "prompt.h"

#include <errno.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "cpm/base/proc.h"

#define ANSWER_MAX_BYTES 4096
#define PIPE_WAIT_MS     10000

/* Until stdin has something to read; false when it will not. */
static bool wait_for_input(void)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	int n;

	do
		n = poll(&in, 1, isatty(STDIN_FILENO) ? -1 : PIPE_WAIT_MS);
	while (n < 0 && errno == EINTR && !proc_stop_signal());
	return n > 0;
}

/* Byte by byte: what follows the line belongs to somebody else. */
struct err *prompt_read_line(struct arena *a, str *out)
{
	struct str_buf line = str_buf(a, ANSWER_MAX_BYTES);
	char c;

	*out = STR_NULL;
	for (;;) {
		if (!wait_for_input())
			return proc_check_stop();
		ssize_t n = read(STDIN_FILENO, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return NULL;
		if (c == '\n')
			break;
		buf_add_char(&line, c);
	}
	*out = line.len ? buf_view(&line) : S("");
	if (str_ends(*out, S("\r")))
		out->len--;
	return NULL;
}

bool prompt_is_answered(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

struct err *prompt_ask(struct arena *a, struct screen *screen, str question, str *out)
{
	screen_write(screen, STDOUT_FILENO, question);
	return prompt_read_line(a, out);
}

/* The echo is off before the question is seen: nobody types ahead of what they have not read. */
struct err *prompt_ask_secret(struct arena *a, struct screen *screen, str question, str *out)
{
	struct termios shown, hidden;
	bool is_terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
	struct err *e;

	if (!is_terminal)
		return prompt_ask(a, screen, question, out);
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	e = prompt_ask(a, screen, question, out);
	tcsetattr(STDIN_FILENO, TCSANOW, &shown);
	screen_write(screen, STDOUT_FILENO, S("\n"));
	return e;
}
