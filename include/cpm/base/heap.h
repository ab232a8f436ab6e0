/* SPDX-License-Identifier: MIT
 * A word to the C library's allocator before work that needs much memory. */
#pragma once

/**
 * heap_expect_much - from now on, memory will be wanted by the tens of megabytes.
 *
 * Asks for the heap to be laid on huge pages, shared by all threads and kept until the end: without that, an install of
 * a thousand packages takes some sixty thousand page faults, a tenth of its time. Costs nothing until memory is used;
 * does nothing where the system does not offer it, or at the second call. Main thread, before the workers start.
 */
void heap_expect_much(void);

/* A stage that needed much is over: what it freed goes back to the system. */
void heap_give_back(void);

/* As heap_expect_much(), for one piece of memory that is about to be filled. */
void heap_expect_filled(void *p, unsigned long size);
