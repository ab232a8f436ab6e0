/* SPDX-License-Identifier: MIT
 * Progress. Nothing here may cost time that the work needs: an event updates numbers, and only ten
 * times a second is a line made of them. */
#include "cpm/ui/progress.h"

#include "cpm/base/log.h"

#include <time.h>

#define FIRST_DRAW_MS 200
#define REDRAW_MS     100

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static const char *stage_name(enum event_stage stage)
{
	static const char *const names[] = {
		[STAGE_LOAD] = "reading the project", [STAGE_RESOLVE] = "resolving dependencies",
		[STAGE_FETCH] = "fetching packages",  [STAGE_LINK] = "writing node_modules",
		[STAGE_BUILD] = "running scripts",
		[STAGE_COMMIT] = "finishing",         [STAGE_DONE] = "done",
	};
	return names[stage];
}

static void add_bytes(struct str_buf *out, double bytes)
{
	if (bytes >= 1e6)
		buf_printf(out, "%.1f MB", bytes / 1e6);
	else
		buf_printf(out, "%.0f kB", bytes / 1e3);
}

void progress_format(struct str_buf *out, const struct progress *p, int64_t elapsed_ms)
{
	static const char *const dots[] = { "⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏" };
	static const char *const bars[] = { "-", "\\", "|", "/" };
	bool is_unicode = p->screen->term.is_unicode;

	buf_printf(out, "%s %s",
		   is_unicode ? dots[p->frame % ARRAY_LEN(dots)] : bars[p->frame % ARRAY_LEN(bars)],
		   stage_name(p->stage));
	if (p->stage == STAGE_RESOLVE && p->requests > 0)
		buf_printf(out, " %llu requests", (unsigned long long)p->requests);
	if (p->total > 0)
		buf_printf(out, " %llu/%llu", (unsigned long long)p->done,
			   (unsigned long long)p->total);
	if (p->bytes >= 1000) {
		buf_add_cstr(out, ", ");
		add_bytes(out, (double)p->bytes);
		if (elapsed_ms > 0) {
			buf_add_cstr(out, ", ");
			add_bytes(out, (double)p->bytes * 1000 / (double)elapsed_ms);
			buf_add_cstr(out, "/s");
		}
	}
}

static void draw(struct progress *p)
{
	int64_t now = now_ms();

	if (!p->screen->term.can_redraw || now - p->started_ms < FIRST_DRAW_MS ||
	    now - p->drawn_ms < REDRAW_MS)
		return;
	ARENA_SCOPE(tmp);
	struct str_buf line = str_buf(tmp, SCREEN_LINE_MAX_BYTES);
	p->frame++;
	p->drawn_ms = now;
	progress_format(&line, p, now - p->started_ms);
	screen_show_line(p->screen, buf_view(&line));
}

static void take_event(void *ctx, const struct event *e)
{
	struct progress *p = ctx;

	switch (e->kind) {
	case EVENT_STAGE:
		p->stage = e->stage;
		if (e->stage == STAGE_DONE)
			screen_hide_line(p->screen);
		else if (!p->screen->term.can_redraw)
			log_info("stage", "%s", stage_name(e->stage));
		break;
	case EVENT_TOTAL:
		p->total = e->count;
		break;
	case EVENT_PACKAGE_DONE:
		p->done++;
		break;
	case EVENT_BYTES:
		p->bytes += e->bytes;
		break;
	case EVENT_REQUEST:
		p->requests++;
		break;
	}
	if (p->stage != STAGE_DONE)
		draw(p);
}

void progress_init(struct progress *p, struct screen *screen)
{
	*p = (struct progress){ .screen = screen, .started_ms = now_ms() };
	event_subscribe(take_event, p);
}

void progress_fini(struct progress *p)
{
	event_subscribe(NULL, NULL);
	screen_hide_line(p->screen);
}
