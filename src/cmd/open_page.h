/* SPDX-License-Identifier: MIT
 * A page for the user to look at: opened in a browser, or told. */
#pragma once
#include "cmd_priv.h"

/**
 * open_page - shows @url in the browser that `browser` names, else in the desktop's own.
 * @title: "Funding available at the following URL", what stands above the address where it is told instead
 *
 * With --browser=false, or where there is no browser to start, the address is printed; with --json as {title,url}.
 * Errors: E_GENERIC for an address that is not http or https; the browser's exit status.
 * Source: npm's open-url.js.
 */
MUST_CHECK_ERR open_page(struct cmd_ctx *ctx, str url, str title);

/* Prints the address under its title, or gives it as {title,url} with --json. */
void open_page_tell(struct cmd_ctx *ctx, str url, str title);
