/* SPDX-License-Identifier: MIT
 * The window moves over the inflated archive: what the reader is done with goes, what it asks for
 * comes. It grows only as far as bytes have arrived, whatever a header claims. */
#include "tar_window.h"

#include <errno.h>

#define ROOM_FIRST_BYTES ((size_t)1 << 20)

static struct err *grow(struct tar_window *w)
{
	char *grown = realloc(w->p, 2 * w->room);

	if (!grown)
		return err_sys(ENOMEM, "allocate", S("archive contents"));
	w->p = grown;
	w->room *= 2;
	return NULL;
}

static struct err *fill(struct tar_source *source, str *bytes, size_t *at, uint64_t need)
{
	struct tar_window *w = (struct tar_window *)source;
	size_t len = bytes->len - *at, made;

	if (len)
		memmove(w->p, bytes->p + *at, len);
	while (len < need && !w->is_over) {
		if (len == w->room)
			TRY(grow(w));
		TRY(gunzip_stream_read(w->gzip, w->p + len, w->room - len, &made));
		w->is_over = made == 0;
		len += made;
	}
	*bytes = str_of(w->p, len);
	*at = 0;
	return NULL;
}

struct err *tar_window_open(struct arena *a, str bytes, uint64_t cap_bytes, struct tar_window *out,
			    bool *is_possible)
{
	*out = (struct tar_window){ .source = { fill }, .room = ROOM_FIRST_BYTES };
	TRY(gunzip_stream_open(a, bytes, cap_bytes, &out->gzip));
	*is_possible = out->gzip != NULL;
	if (!*is_possible)
		return NULL;
	out->p = malloc(out->room);
	return out->p ? NULL : err_sys(ENOMEM, "allocate", S("archive contents"));
}

struct err *tar_window_finish(struct tar_window *w)
{
	for (size_t made = 1; !w->is_over && made;)
		TRY(gunzip_stream_read(w->gzip, w->p, w->room, &made));
	return NULL;
}

void tar_window_close(struct tar_window *w)
{
	free(w->p);
	w->p = NULL;
}
