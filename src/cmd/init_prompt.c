/* SPDX-License-Identifier: MIT
 * Questions to whoever is at stdin. Answers may come from a pipe; then nobody can be asked to
 * hurry, so a pipe that stays silent counts as nobody. */
#include "init_questions.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "cpm/base/proc.h"

#define ANSWER_MAX_BYTES 4096
#define PIPE_WAIT_MS     10000

static struct err *nobody(void)
{
	return err_new(E_GENERIC,
		       "init was canceled: nobody answered.\n"
		       "Run it in a terminal, or use `cpm init --yes` to take what it guesses.");
}

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

/* Byte by byte: what follows the line belongs to the next question. */
static struct err *read_answer(struct arena *a, str *out)
{
	struct str_buf line = str_buf(a, ANSWER_MAX_BYTES);
	char c;

	for (;;) {
		if (!wait_for_input()) {
			TRY(proc_check_stop());
			return nobody();
		}
		ssize_t n = read(STDIN_FILENO, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return nobody();
		if (c == '\n')
			break;
		buf_add_char(&line, c);
	}
	*out = buf_view(&line);
	if (str_ends(*out, S("\r")))
		out->len--;
	return NULL;
}

struct err *init_prompt(struct init *in, const char *question, str guess, str *answer)
{
	struct arena *a = in->ctx->arena;
	str shown = guess.len > 0 ? str_printf(a, "(" STR_FMT ") ", STR_ARG(guess)) : S("");

	screen_write(in->ctx->screen, STDOUT_FILENO,
		     log_escape(a, str_printf(a, "%s " STR_FMT, question, STR_ARG(shown))));
	TRY(read_answer(a, answer));
	if (answer->len == 0)
		*answer = guess.len > 0 ? guess : S("");
	return NULL;
}
