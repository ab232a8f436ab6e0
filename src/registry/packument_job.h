/* SPDX-License-Identifier: MIT
 * A registry's answer on its way into the form that the cache keeps, on a worker. */
#pragma once
#include "cpm/registry/http.h"

struct packument_job {
	void *tag;		    /* the sender's */
	str name;		    /* of the package */
	struct http_response *resp; /* the answer; the sender's, and left alone until the job is back */
	int64_t now_sec;	    /* when it came */
	/* what became of it */
	char *head, *manifests; /* of the frozen form: heap; NULL with a failure */
	size_t head_len, manifests_len;
	struct err *failure;
};

/* Inflates, scans and freezes. A pool's job: gives back @job. */
void *packument_job_run(void *job, struct arena *scratch);
