/* SPDX-License-Identifier: MIT
 * The kinds of specs that are not a registry's: paths, repositories, URLs. spec.c decides, these fill in. */
#pragma once
#include "cpm/tree/spec.h"

/* ---- spec_url.c: as much of the WHATWG URL grammar as specs need ---- */

struct spec_url {
	str scheme;		/* lower case, without ':' */
	str username, password; /* "" when absent */
	str host;		/* lower case for http and kin */
	str port;		/* "" when absent or the scheme's own */
	str path;		/* normalised; without '?' and '#' */
	str query, hash;	/* with '?' and '#', or "" */
	bool has_authority;	/* "//" was there */
};

/* False when new URL(@text) would throw. Lives in @a. */
bool spec_url_parse(struct arena *a, str text, struct spec_url *out);
/* The text again, hash left out. */
str spec_url_format(struct arena *a, const struct spec_url *u);
/* Decodes %xx; false when decodeURIComponent() would throw. */
bool spec_url_decode(struct arena *a, str text, str *out);
/* encodeURIComponent(@text) == @text. */
bool spec_url_is_plain(str text);
/* Starts like a URL: letters and a colon, with or without "git+" in front. */
bool spec_url_has_scheme(str text);

/* ---- spec_git.c ---- */

/* Fills @s and returns true when its raw text names a repository on a known host. @e: set when the part after '#'
 * contradicts itself. */
bool spec_read_hosted(struct arena *a, struct spec *s, struct err **e);
/* The same for URLs of any other kind: git, http, or E_BAD_PROTOCOL. */
MUST_CHECK_ERR spec_read_url(struct arena *a, struct spec *s);
/* "git+ssh://..." or "git+https://..." of a hosted repository, hash included. */
str spec_hosted_url(struct arena *a, const struct spec *s);
/* @text as npm writes the repository that it names: "u/r" is "github:u/r"; null when it names none on a known host. */
str spec_hosted_text(struct arena *a, str text);
/* The same for the `repository` field, where shortcuts become URLs. */
str spec_repository_url(struct arena *a, str text);

/* ---- spec_file.c ---- */

bool spec_is_path(str text);		/* "./x", "~/x", "file:x" */
bool spec_is_tarball(str text);		/* ends like one */
void spec_read_path(struct arena *a, struct spec *s, str where);
