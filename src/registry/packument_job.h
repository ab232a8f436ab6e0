/* SPDX-License-Identifier: MIT
 * A registry's answer on its way into the form that the cache keeps, on a worker. */
#pragma once
#include "cpm/base/err.h"

struct packument_job {
	void *tag;	 /* the sender's */
	str name, url;	 /* of the package, and where it was asked for */
	/* the answer */
	char *body;	 /* heap; gone when the job is back */
	size_t body_len;
	bool is_gzip;
	str etag, last_modified;
	int64_t now_sec, max_age_sec; /* when it came, and how long it is good for */
	/* what became of it */
	char *head, *manifests; /* of the frozen form: heap; NULL with a failure */
	size_t head_len, manifests_len;
	struct err *failure;
};

/* Inflates, scans and freezes. A pool's job: gives back @job. */
void *packument_job_run(void *job, struct arena *scratch);
