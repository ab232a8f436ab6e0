/* SPDX-License-Identifier: MIT
 * The few words our unit tests are written in, over cmocka: TEST(claim) { ... CHECK_STR(got, want, "row %zu", i); }
 * A CHECK that fails names its row and ends the test. UNIT_TESTS(TESTED(claim), ...) is the program. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cpm/base/err.h"

#define TEST(name)   static void name(void **state_ __attribute__((unused)))
#define TESTED(name) cmocka_unit_test(name)
#define UNIT_TESTS(...)                                                                            \
	int main(void)                                                                             \
	{                                                                                          \
		const struct CMUnitTest tests_[] = { __VA_ARGS__ };                                \
		return cmocka_run_group_tests(tests_, NULL, NULL);                                 \
	}

#define CHECK(condition, ...)                                                                      \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			print_error("%s:%d: %s:", __FILE__, __LINE__, #condition);                \
			print_error(" " __VA_ARGS__);                                               \
			print_error("\n");                                                         \
			fail();                                                                    \
		}                                                                                  \
	} while (0)

#define CHECK_EQ(got, want, ...)                                                                   \
	do {                                                                                       \
		long long got_ = (long long)(got), want_ = (long long)(want);                      \
		if (got_ != want_) {                                                               \
			print_error("%s:%d: %s is %lld, not %lld:", __FILE__, __LINE__, #got, got_, want_); \
			print_error(" " __VA_ARGS__);                                               \
			print_error("\n");                                                         \
			fail();                                                                    \
		}                                                                                  \
	} while (0)

#define CHECK_STR(got, want, ...)                                                                  \
	do {                                                                                       \
		str got_ = (got), want_ = (want);                                                  \
		if (!str_eq(got_, want_) || str_is_null(got_) != str_is_null(want_)) {             \
			print_error("%s:%d: %s is '" STR_FMT "', not '" STR_FMT "':", __FILE__, __LINE__, #got, \
				    (int)got_.len, got_.p ? got_.p : "", (int)want_.len, want_.p ? want_.p : "");                                \
			print_error(" " __VA_ARGS__);                                               \
			print_error("\n");                                                         \
			fail();                                                                    \
		}                                                                                  \
	} while (0)

/* The call succeeds; its error text is shown when it does not. */
#define CHECK_OK(call)                                                                             \
	do {                                                                                       \
		struct err *err_ = (call);                                                         \
		if (err_) {                                                                        \
			ARENA_SCOPE(text_);                                                        \
			str message_ = err_text(text_, err_);                                      \
			print_error("%s:%d: %s: " STR_FMT "\n", __FILE__, __LINE__, #call, STR_ARG(message_)); \
			fail();                                                                    \
		}                                                                                  \
	} while (0)

/* The call fails with this code. */
#define CHECK_FAILS(call, wanted)                                                                  \
	do {                                                                                       \
		struct err *err_ = (call);                                                         \
		CHECK(err_ != NULL, "%s", #call);                                                  \
		CHECK_EQ(err_->code, wanted, "%s", #call);                                         \
		err_free(err_);                                                                    \
	} while (0)
