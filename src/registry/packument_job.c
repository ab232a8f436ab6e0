/* SPDX-License-Identifier: MIT
 * While the tree is resolved the main thread is what everything waits for: it decides, and it works
 * the network. Half of what an answer costs needs neither: inflating it, finding the versions in it
 * and putting them into the form that is kept. All that comes back is two pieces of bytes. */
#include "packument_job.h"

#include "cpm/base/gunzip.h"
#include "cpm/base/trace.h"
#include "http_priv.h"
#include "packument_priv.h"

static struct err *inflate(struct arena *a, const struct http_response *resp, str *body)
{
	struct err *e;

	*body = str_of(resp->body, resp->body_len);
	if (!resp->is_gzip || !resp->body_len)
		return NULL;
	e = gunzip_into(a, *body, PACKUMENT_MAX_BYTES, false, body);
	if (!e || e->code == E_TOO_BIG)
		return e;
	err_ignore(e);
	return err_new(E_BAD_RESPONSE, "the answer of " STR_FMT " is damaged gzip data",
		       STR_ARG(resp->url));
}

static char *on_heap(str bytes)
{
	char *p = malloc(bytes.len + 1);

	if (!p)
		out_of_memory();
	if (bytes.len)
		memcpy(p, bytes.p, bytes.len);
	return p;
}

/* What answers instead of a registry is known by its address. */
static struct err *scan(struct packument_job *job, struct arena *a, str body,
			struct packument **out)
{
	struct err *e = packument_scan(a, job->name, body, out), *shown;

	if (!err_is(e, E_BAD_RESPONSE))
		return e;
	shown = http_no_json(job->resp->url, str_cstr(a, e->message));
	err_free(e);
	return shown;
}

static struct err *convert(struct packument_job *job, struct arena *a)
{
	struct packument *p;
	str body, frozen, head;

	TRY(inflate(a, job->resp, &body));
	TRY(scan(job, a, body, &p));
	p->fetched_at_sec = job->now_sec;
	p->max_age_sec = job->resp->max_age_sec;
	p->etag = job->resp->etag;
	p->last_modified = job->resp->last_modified;
	frozen = packument_freeze(a, p);
	if (str_is_null(frozen))
		return err_new(E_TOO_BIG, "the packument of " STR_FMT " is too large",
			       STR_ARG(job->name));
	head = packument_head(frozen);
	job->head_len = head.len;
	job->head = on_heap(head);
	job->manifests_len = frozen.len - head.len;
	job->manifests = on_heap(str_from(frozen, head.len));
	return NULL;
}

void *packument_job_run(void *arg, struct arena *scratch)
{
	struct packument_job *job = arg;
	TRACE_PACKAGE(SCAN, job->name, STR_NULL);

	job->failure = convert(job, scratch);
	return job;
}
