/* SPDX-License-Identifier: MIT
 * Workers: a queue in, a queue out, and the only locks in the program. Sending gives ownership of the job away,
 * receiving takes the result. A job does pure work: it reads what it was given and returns a value. */
#pragma once
#include "cpm/base/err.h"

struct pool;

/* Runs on a worker with that worker's scratch arena (emptied after each job). Returns the result. */
typedef void *(*pool_job_fn)(void *job, struct arena *scratch);

/* @workers: 0 asks for one per CPU this process may use (cgroup quota and affinity, at least 1). */
MUST_CHECK_ERR pool_new(unsigned workers, struct pool **out);
/* Finishes what is queued, then joins. Results not received are lost: receive them first. NULL is fine. */
void pool_free(struct pool *p);
unsigned pool_workers(const struct pool *p);

void pool_send(struct pool *p, pool_job_fn fn, void *job);
/* The next finished result in order of completion. @wait: block until there is one. False: none (waiting: none left
 * anywhere). Main thread only. */
bool pool_receive(struct pool *p, bool wait, void **result);
/* Jobs sent and not yet received. */
size_t pool_pending(const struct pool *p);
/* Readable while results wait: for the network loop to sleep on. */
int pool_event_fd(const struct pool *p);
/* Runs one queued job on the calling thread; false when the queue is empty. For a main thread with nothing to do. */
bool pool_help(struct pool *p, struct arena *scratch);

/* CPUs this process may use. */
unsigned cpu_quota(void);
