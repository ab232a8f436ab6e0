/* SPDX-License-Identifier: MIT
 * libdeflate wants the whole of its output in memory, which costs more the less that memory has
 * been used before, and for the giants among packages (tens of megabytes) is more than all else
 * that an installation holds. ISA-L goes on where it stopped, at the same speed. The rules are
 * those of gunzip.c: caps on size and ratio, any number of members, then nothing or zero bytes. */
#include "cpm/base/gunzip.h"
#include "cpm/base/trace.h"
#include "cpm/build_config.h"
#include "gunzip_rules.h"
#include "isal_lazy.h"

#if CPM_HAS_ISAL
#include <isa-l/igzip_lib.h>

struct gunzip_stream {
	struct inflate_state state;
	uint64_t made, cap, caller_cap;
	bool is_over;
};

struct err *gunzip_stream_open(struct arena *a, str bytes, uint64_t cap_bytes,
			       struct gunzip_stream **out)
{
	struct gunzip_stream *s;

	*out = NULL;
	if (bytes.len > UINT32_MAX || !isal_is_installed())
		return NULL;
	if (!gunzip_is_gzip(bytes) || bytes.len < GUNZIP_MIN_MEMBER_BYTES)
		return gunzip_damaged();
	s = arena_alloc_raw(a, sizeof(*s)); /* its tables are large, and the library's to fill */
	s->caller_cap = cap_bytes;
	s->cap = gunzip_cap(bytes, cap_bytes);
	s->made = 0;
	s->is_over = false;
	isal_inflate_init(&s->state);
	s->state.crc_flag = ISAL_GZIP;
	s->state.next_in = (uint8_t *)bytes.p; /* it only reads */
	s->state.avail_in = (uint32_t)bytes.len;
	*out = s;
	return NULL;
}

/* A member has ended: what follows it decides whether that was the last one. */
static struct err *end_member(struct gunzip_stream *s)
{
	str rest = str_of((const char *)s->state.next_in, s->state.avail_in);
	uint8_t *next = s->state.next_in;

	if (!gunzip_is_gzip(rest)) {
		s->is_over = true;
		return gunzip_check_padding(rest);
	}
	isal_inflate_reset(&s->state);
	s->state.crc_flag = ISAL_GZIP;
	s->state.next_in = next;
	s->state.avail_in = (uint32_t)rest.len;
	return NULL;
}

/* One call of the library. */
static struct err *step(struct gunzip_stream *s, char *to, size_t room, size_t *made)
{
	struct inflate_state *state = &s->state;
	uint32_t before = state->avail_in;
	int result;

	state->next_out = (uint8_t *)to;
	state->avail_out = (uint32_t)MIN(room, (size_t)1 << 30);
	result = isal_inflate(state);
	*made = (size_t)((char *)state->next_out - to);
	s->made += *made;
	if (s->made > s->cap)
		return gunzip_too_big(s->cap, s->caller_cap);
	if (result != ISAL_DECOMP_OK)
		return gunzip_damaged();
	if (state->block_state == ISAL_BLOCK_FINISH)
		return end_member(s);
	/* Neither an end nor anything done: the input was cut short. */
	return *made || state->avail_in < before ? NULL : gunzip_damaged();
}

struct err *gunzip_stream_read(struct gunzip_stream *s, char *to, size_t room, size_t *made)
{
	TRACE(GUNZIP);

	*made = 0;
	while (!s->is_over && !*made)
		TRY(step(s, to, room, made));
	TRACE_BYTES(*made);
	return NULL;
}

#else

struct err *gunzip_stream_open(struct arena *a, str bytes, uint64_t cap_bytes,
			       struct gunzip_stream **out)
{
	(void)a;
	(void)bytes;
	(void)cap_bytes;
	*out = NULL;
	return NULL;
}

struct err *gunzip_stream_read(struct gunzip_stream *s, char *to, size_t room, size_t *made)
{
	(void)s;
	(void)to;
	(void)room;
	*made = 0;
	return NULL;
}
#endif
