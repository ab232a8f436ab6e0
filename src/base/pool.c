/* SPDX-License-Identifier: MIT
 * Worker threads between two queues.
 *
 *	main: pool_send --> jobs --> workers --> results --> main: pool_receive
 *
 * One mutex guards both queues and all counters; it is held for a few instructions, never while a
 *job runs. `work` wakes workers, `done` wakes a receiver that waits, and the event descriptor
 *counts finished results for a main thread that sleeps in the network loop instead. Threads that
 *cannot be started (F33) are done without; with none at all the main thread runs the jobs itself.
*/
#include "cpm/base/pool.h"

#include "cpm/base/trace.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct task {
	struct task *next;
	pool_job_fn fn;
	void *job, *result;
};

struct queue {
	struct task *head, **tail;
};

struct pool {
	pthread_mutex_t lock; /* guards everything down to is_closing */
	pthread_cond_t work, done;
	struct queue jobs, results;
	bool is_closing;

	size_t npending;    /* main thread only, like what follows */
	struct task *spare; /* tasks to use again */
	struct arena tasks;
	int event_fd;
	pthread_t *threads;
	unsigned nthreads;
};

static void queue_init(struct queue *q)
{
	q->head = NULL;
	q->tail = &q->head;
}

static void queue_push(struct queue *q, struct task *t)
{
	t->next = NULL;
	*q->tail = t;
	q->tail = &t->next;
}

static struct task *queue_pop(struct queue *q)
{
	struct task *t = q->head;

	if (t) {
		q->head = t->next;
		if (!q->head)
			q->tail = &q->head;
	}
	return t;
}

/* Puts a finished job among the results. The lock is held. The descriptor is readable while there
 * are any, so only the first one has to say so. */
static void give_result(struct pool *p, struct task *t)
{
	if (!p->results.head)
		eventfd_write(p->event_fd, 1);
	queue_push(&p->results, t);
	pthread_cond_signal(&p->done);
}

static void run_task(struct task *t, struct arena *scratch)
{
	TRACE(JOB);

	t->result = t->fn(t->job, scratch);
	arena_fini(scratch);
}

static void *worker_main(void *arg)
{
	struct pool *p = arg;
	struct arena scratch = { 0 };

	pthread_mutex_lock(&p->lock);
	for (;;) {
		struct task *t = queue_pop(&p->jobs);

		if (!t && p->is_closing)
			break;
		if (!t) {
			pthread_cond_wait(&p->work, &p->lock);
			continue;
		}
		pthread_mutex_unlock(&p->lock);
		run_task(t, &scratch);
		pthread_mutex_lock(&p->lock);
		give_result(p, t);
	}
	pthread_mutex_unlock(&p->lock);
	trace_end_thread();
	return NULL;
}

/* Signals belong to the main thread: workers block them all. */
static void start_threads(struct pool *p, unsigned workers)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (p->nthreads < workers &&
	       !pthread_create(&p->threads[p->nthreads], NULL, worker_main, p))
		p->nthreads++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

struct err *pool_new(unsigned workers, struct pool **out)
{
	int event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct arena tasks = { 0 };
	struct pool *p;

	if (event_fd < 0)
		return err_sys(errno, "eventfd", S("worker pool"));
	workers = workers ? workers : cpu_quota();
	p = ARENA_NEW(&tasks, struct pool);
	p->threads = ARENA_ARRAY(&tasks, pthread_t, workers);
	p->tasks = tasks;
	p->event_fd = event_fd;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->done, NULL);
	queue_init(&p->jobs);
	queue_init(&p->results);
	start_threads(p, workers);
	*out = p;
	return NULL;
}

/* With no workers at all, runs one queued job, or all of them, here and now. */
static void run_without_threads(struct pool *p, bool all)
{
	ARENA_SCOPE(scratch);

	while (!p->nthreads && pool_help(p, scratch) && all)
		;
}

void pool_free(struct pool *p)
{
	struct arena tasks;

	if (!p)
		return;
	run_without_threads(p, true);
	pthread_mutex_lock(&p->lock);
	p->is_closing = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->nthreads; i++)
		pthread_join(p->threads[i], NULL);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->work);
	pthread_cond_destroy(&p->done);
	close(p->event_fd);
	tasks = p->tasks; /* holds *p too */
	arena_fini(&tasks);
}

unsigned pool_workers(const struct pool *p)
{
	return p->nthreads;
}

void pool_send(struct pool *p, pool_job_fn fn, void *job)
{
	struct task *t = p->spare;

	if (t)
		p->spare = t->next;
	else
		t = ARENA_NEW(&p->tasks, struct task);
	t->fn = fn;
	t->job = job;
	p->npending++;
	pthread_mutex_lock(&p->lock);
	queue_push(&p->jobs, t);
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
}

static void await_result(struct pool *p)
{
	TRACE(WAIT);

	pthread_cond_wait(&p->done, &p->lock);
}

/* The next result, or NULL. The lock is held; with @wait it is let go while something is still
 * running. */
static struct task *take_result(struct pool *p, bool wait)
{
	struct task *t;
	eventfd_t ignored;

	while (!(t = queue_pop(&p->results)) && wait)
		await_result(p);
	if (t && !p->results.head)
		eventfd_read(p->event_fd, &ignored);
	return t;
}

bool pool_receive(struct pool *p, bool wait, void **result)
{
	struct task *t;

	if (!p->npending)
		return false;
	if (wait)
		run_without_threads(p, false);
	pthread_mutex_lock(&p->lock);
	t = take_result(p, wait);
	pthread_mutex_unlock(&p->lock);
	if (!t)
		return false;
	*result = t->result;
	t->next = p->spare;
	p->spare = t;
	p->npending--;
	return true;
}

size_t pool_pending(const struct pool *p)
{
	return p->npending;
}

int pool_event_fd(const struct pool *p)
{
	return p->event_fd;
}

bool pool_help(struct pool *p, struct arena *scratch)
{
	struct task *t;

	pthread_mutex_lock(&p->lock);
	t = queue_pop(&p->jobs);
	pthread_mutex_unlock(&p->lock);
	if (!t)
		return false;
	run_task(t, scratch);
	pthread_mutex_lock(&p->lock);
	give_result(p, t);
	pthread_mutex_unlock(&p->lock);
	return true;
}
