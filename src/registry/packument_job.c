/* SPDX-License-Identifier: MIT
 * While the tree is resolved the main thread is what everything waits for: it decides, and it works
 * the network. Half of what an answer costs needs neither: inflating it, finding the versions in it
 * and putting them into the form that is kept. All that comes back is two pieces of bytes. */
#include "packument_job.h"

#include "cpm/base/gunzip.h"
#include "cpm/base/trace.h"
#include "http_priv.h"
#include "packument_priv.h"

static struct err *inflate(struct arena *a, const struct packument_job *job, str *body)
{
	struct err *e;

	*body = str_of(job->body, job->body_len);
	if (!job->is_gzip || !body->len)
		return NULL;
	e = gunzip_into(a, *body, PACKUMENT_MAX_BYTES, false, body);
	if (!e || e->code == E_TOO_BIG)
		return e;
	err_ignore(e);
	return err_new(E_BAD_RESPONSE, "the answer of " STR_FMT " is damaged gzip data",
		       STR_ARG(job->url));
}

/* @p moved to where it takes no more room than it needs. */
static char *on_heap(char *p, size_t len)
{
	p = realloc(p, len + 1);
	if (!p)
		out_of_memory();
	return p;
}

/* What answers instead of a registry is known by its address. */
static struct err *scan(struct packument_job *job, struct arena *a, str body, char *room,
			struct packument **out)
{
	struct err *e = packument_scan_to(a, job->name, body, room, out), *shown;

	if (!err_is(e, E_BAD_RESPONSE))
		return e;
	shown = http_no_json(job->url, str_cstr(a, e->message));
	err_free(e);
	return shown;
}

static struct err *freeze(struct packument_job *job, struct arena *a, struct packument *p)
{
	str head;

	p->fetched_at_sec = job->now_sec;
	p->max_age_sec = job->max_age_sec;
	p->etag = job->etag;
	p->last_modified = job->last_modified;
	head = packument_freeze(a, p);
	if (str_is_null(head))
		return err_new(E_TOO_BIG, "the packument of " STR_FMT " is too large",
			       STR_ARG(job->name));
	job->head_len = head.len;
	job->head = memcpy(on_heap(NULL, head.len), head.p, head.len);
	return NULL;
}

static struct err *convert(struct packument_job *job, struct arena *a)
{
	struct packument *p;
	struct err *e;
	char *room;
	str body;

	TRY(inflate(a, job, &body));
	room = on_heap(NULL, PACKUMENT_ROOM(body));
	e = scan(job, a, body, room, &p);
	if (!e)
		e = freeze(job, a, p);
	if (e) {
		free(room);
		return e;
	}
	job->manifests_len = p->manifests.len;
	job->manifests = on_heap(room, p->manifests.len);
	return NULL;
}

void *packument_job_run(void *arg, struct arena *scratch)
{
	struct packument_job *job = arg;
	TRACE_PACKAGE(SCAN, job->name, STR_NULL);

	job->failure = convert(job, scratch);
	free(job->body);
	job->body = NULL;
	return job;
}
