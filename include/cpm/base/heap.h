/* SPDX-License-Identifier: MIT
 * A word to the C library's allocator before work that needs much memory. */
#pragma once

/**
 * heap_expect_much - from now on, memory will be wanted by the tens of megabytes.
 *
 * One heap for all threads, which grows in large steps and keeps what is freed. Costs nothing until memory is used; the
 * second call changes nothing. Main thread, before the workers start.
 */
void heap_expect_much(void);

/* A stage that needed much is over: what it freed goes back to the system. */
void heap_give_back(void);
