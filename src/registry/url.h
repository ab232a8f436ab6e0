/* SPDX-License-Identifier: MIT
 * The one parser of http and https URLs: origins are compared, credentials chosen and redirects
 * followed on its normal form and on nothing else (threats.md T27, T31, T32). */
#pragma once
#include "cpm/base/str.h"

struct url {
	str scheme;    /* "http" or "https" */
	str userinfo;  /* as written, or null */
	str host;      /* lower case; IPv6 keeps its brackets */
	unsigned port; /* the scheme's own where none is written */
	str path;      /* begins with '/'; dot segments resolved, percent-encoded ones too */
	str query;     /* without '?', or null; a fragment is dropped */
};

/* False for other schemes, an empty or percent-encoded host, control bytes, blanks and backslashes.
 * Lives in @a. */
bool url_parse(struct arena *a, str text, struct url *out);
/* A Location header's value seen from @base. */
bool url_resolve(struct arena *a, const struct url *base, str location, struct url *out);

bool url_same_origin(const struct url *a, const struct url *b);
/* "host" or "host:port" when the port is not the scheme's own. */
str url_host_port(struct arena *a, const struct url *u);
/* Text without user info: what is sent and shown. */
str url_format(struct arena *a, const struct url *u);
/* "scheme://host:port", always with the port: a map key. */
str url_origin(struct arena *a, const struct url *u);
