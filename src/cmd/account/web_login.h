/* SPDX-License-Identifier: MIT
 * Proof of who one is, given in a browser while we wait. */
#pragma once
#include "cmd_priv.h"

/**
 * web_login - has the user log in at the address that @registry hands out; *token is what it says then.
 *
 * *token is null where the registry knows no such way. Errors: E_BAD_RESPONSE for an answer that makes no sense; those of
 * registry_call(). Source: loginWeb() of npm-profile.
 */
MUST_CHECK_ERR web_login(struct cmd_ctx *ctx, str registry, str *token);
/**
 * web_confirm - tells of @url under @title, opens it when the user presses Enter, and asks @done_url until there is a token.
 *
 * Credentials go along only where they belong. Errors: as above.
 */
MUST_CHECK_ERR web_confirm(struct cmd_ctx *ctx, str title, str url, str done_url, str *token);
/* Claims that it is an address of a web page. */
bool web_is_url(str url);
