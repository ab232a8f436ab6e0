/* SPDX-License-Identifier: MIT
 * Questions of init to whoever is at stdin. */
#include "init_questions.h"

#include "prompt.h"

#include <unistd.h>

static struct err *nobody(void)
{
	return err_new(E_GENERIC,
		       "init was canceled: nobody answered.\n"
		       "Run it in a terminal, or use `cpm init --yes` to take what it guesses.");
}

struct err *init_prompt(struct init *in, const char *question, str guess, str *answer)
{
	struct arena *a = in->ctx->arena;
	str shown = guess.len > 0 ? str_printf(a, "(" STR_FMT ") ", STR_ARG(guess)) : S("");

	screen_write(in->ctx->screen, STDOUT_FILENO,
		     log_escape(a, str_printf(a, "%s " STR_FMT, question, STR_ARG(shown))));
	TRY(prompt_read_line(a, answer));
	if (str_is_null(*answer))
		return nobody();
	if (answer->len == 0)
		*answer = guess.len > 0 ? guess : S("");
	return NULL;
}
