/* SPDX-License-Identifier: MIT
 * The pool's promises, most useful under ThreadSanitizer. */
#include "cpm/base/pool.h"

#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "cpm/base/digest.h"

static void *doubled(void *job, struct arena *scratch)
{
	arena_alloc(scratch, 100);
	return (void *)(2 * (intptr_t)job);
}

static void *hashed(void *job, struct arena *scratch)
{
	struct digest d;
	str text = str_printf(scratch, "%zd", (intptr_t)job);

	digest_of(DIGEST_SHA512, text, &d);
	return (void *)(intptr_t)d.bytes[0];
}

static bool is_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

TEST(every_job_comes_back_once)
{
	struct pool *p;
	intptr_t sum = 0;
	void *result;

	CHECK_OK(pool_new(4, &p));
	CHECK_EQ(pool_workers(p), 4, "as asked for");
	for (int round = 0; round < 20; round++) {
		for (intptr_t i = 1; i <= 500; i++)
			pool_send(p, doubled, (void *)i);
		while (pool_receive(p, true, &result))
			sum += (intptr_t)result;
		CHECK_EQ(pool_pending(p), 0, "round %d", round);
	}
	CHECK_EQ(sum, 20 * 500 * 501, "nothing lost, nothing twice");
	pool_free(p);
}

TEST(receiving_without_waiting_never_blocks)
{
	struct pool *p;
	void *result;

	CHECK_OK(pool_new(1, &p));
	CHECK(!pool_receive(p, false, &result));
	CHECK(!pool_receive(p, true, &result));
	pool_send(p, doubled, (void *)1);
	while (!pool_receive(p, false, &result))
		sched_yield();
	CHECK_EQ((intptr_t)result, 2, "the result");
	pool_free(p);
}

TEST(the_descriptor_is_readable_while_results_wait)
{
	struct pool *p;
	struct pollfd waiting = { .events = POLLIN };
	void *result;

	CHECK_OK(pool_new(2, &p));
	waiting.fd = pool_event_fd(p);
	CHECK(!is_readable(waiting.fd));
	for (intptr_t i = 0; i < 3; i++)
		pool_send(p, doubled, (void *)i);
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(poll(&waiting, 1, 10000), 1, "result %d", i);
		CHECK(pool_receive(p, false, &result));
	}
	CHECK(!is_readable(waiting.fd));
	pool_free(p);
}

TEST(the_main_thread_can_help)
{
	ARENA_SCOPE(scratch);
	struct pool *p;
	intptr_t sum = 0;
	void *result;

	CHECK_OK(pool_new(1, &p));
	CHECK(!pool_help(p, scratch));
	for (intptr_t i = 1; i <= 1000; i++)
		pool_send(p, hashed, (void *)i);
	while (pool_help(p, scratch))
		;
	CHECK_EQ(scratch->used_bytes, 0, "emptied after each job");
	while (pool_receive(p, true, &result))
		sum++;
	CHECK_EQ(sum, 1000, "all of them");
	pool_free(p);
}

static void *count_up(void *job, struct arena *scratch __attribute__((unused)))
{
	atomic_fetch_add((atomic_int *)job, 1);
	return NULL;
}

TEST(freeing_finishes_what_is_queued)
{
	atomic_int count = 0;
	struct pool *p;

	CHECK_OK(pool_new(2, &p));
	for (int i = 0; i < 100; i++)
		pool_send(p, count_up, &count);
	pool_free(p);
	CHECK_EQ(count, 100, "all of them");
	pool_free(NULL);
}

/* What a process that may start no thread does with a pool; its exit status is the number of results. */
static int work_without_threads(void)
{
	const struct rlimit none = { 0, 0 };
	struct pool *p;
	void *result;
	int n = 0;

	if (setrlimit(RLIMIT_NPROC, &none) || (geteuid() == 0 && setuid(65534)) || pool_new(2, &p))
		return 101;
	if (pool_workers(p))
		return 102;
	for (intptr_t i = 0; i < 5; i++)
		pool_send(p, doubled, (void *)i);
	while (pool_receive(p, true, &result))
		n++;
	pool_free(p);
	return n;
}

/* F33: the limit on processes counts threads too. */
TEST(without_threads_the_main_thread_does_the_work)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(work_without_threads());
	CHECK(waitpid(child, &status, 0) == child);
	CHECK_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 5, "results");
}

TEST(the_cpu_quota_respects_the_affinity_mask)
{
	cpu_set_t before, one;

	CHECK(sched_getaffinity(0, sizeof(before), &before) == 0);
	CHECK(cpu_quota() >= 1);
	CHECK(cpu_quota() <= (unsigned)CPU_COUNT(&before));
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE && !CPU_COUNT(&one); cpu++)
		if (CPU_ISSET(cpu, &before))
			CPU_SET(cpu, &one);
	CHECK(sched_setaffinity(0, sizeof(one), &one) == 0);
	CHECK_EQ(cpu_quota(), 1, "one CPU allowed");
	CHECK(sched_setaffinity(0, sizeof(before), &before) == 0);
}

UNIT_TESTS(TESTED(every_job_comes_back_once), TESTED(receiving_without_waiting_never_blocks),
	   TESTED(the_descriptor_is_readable_while_results_wait), TESTED(the_main_thread_can_help),
	   TESTED(freeing_finishes_what_is_queued), TESTED(without_threads_the_main_thread_does_the_work),
	   TESTED(the_cpu_quota_respects_the_affinity_mask))
