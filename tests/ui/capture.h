/* SPDX-License-Identifier: MIT
 * What a piece of code writes to a descriptor, as text. */
#pragma once
#include <unistd.h>

#include "check.h"

struct capture {
	int fd, saved, file;
};

static inline struct capture capture_begin(int fd)
{
	char name[] = "/tmp/cpm-capture-XXXXXX";
	struct capture c = { .fd = fd };

	fflush(NULL);
	c.saved = dup(fd);
	c.file = mkstemp(name);
	CHECK(c.saved >= 0 && c.file >= 0, "capture");
	unlink(name);
	dup2(c.file, fd);
	return c;
}

static inline str capture_end(struct arena *a, struct capture *c)
{
	char *text = arena_alloc(a, 1 << 16);
	ssize_t n = pread(c->file, text, 1 << 16, 0);

	dup2(c->saved, c->fd);
	close(c->saved);
	close(c->file);
	return str_of(text, n > 0 ? (size_t)n : 0);
}
