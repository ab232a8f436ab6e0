/* SPDX-License-Identifier: MIT
 * The window moves over the inflated archive: what the reader is done with goes, what it asks for
 * comes. It stays in the processor's own cache, and the next archive that this thread unpacks gets
 * the same memory (arena.c): inflated contents touch no memory but that of the files they become.
 */
#include "tar_window.h"

#define ROOM_BYTES ((size_t)256 << 10)
/* Of a large file: with what is left of the window before it, and what comes behind it. */
#define PIECE_BYTES (ROOM_BYTES / 2)

/* Only for an extension header: files come in pieces. As far as bytes have arrived, whatever it
 * claims. */
static void grow(struct tar_window *w)
{
	w->p = arena_grow(w->arena, w->p, w->room, 2 * w->room);
	w->room *= 2;
}

static struct err *fill(struct tar_source *source, str *bytes, size_t *at, uint64_t need)
{
	struct tar_window *w = (struct tar_window *)source;
	size_t len = bytes->len - *at, made;

	if (len)
		memmove(w->p, bytes->p + *at, len);
	while (len < need && !w->is_over) {
		if (len == w->room)
			grow(w);
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
	*out = (struct tar_window){ .source = { fill, PIECE_BYTES },
				    .arena = a,
				    .room = ROOM_BYTES };
	TRY(gunzip_stream_open(a, bytes, cap_bytes, &out->gzip));
	*is_possible = out->gzip != NULL;
	if (*is_possible)
		out->p = arena_alloc_raw(a, out->room);
	return NULL;
}

struct err *tar_window_finish(struct tar_window *w)
{
	for (size_t made = 1; !w->is_over && made;)
		TRY(gunzip_stream_read(w->gzip, w->p, w->room, &made));
	return NULL;
}
