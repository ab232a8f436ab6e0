/* SPDX-License-Identifier: MIT
 * What the http driver calls of libcurl, bound when first called (lazy.h). libcurl's variadic functions take exactly one
 * value behind the option: a pointer, a long or a curl_off_t, each of which is one register wide where we run. */
#define CURL_DISABLE_TYPECHECK
#include "cpm/base/lazy.h"

#include <stdarg.h>

#include <curl/curl.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt
#undef curl_share_setopt

_Static_assert(sizeof(long) == sizeof(void *) && sizeof(curl_off_t) == sizeof(void *), "one register holds any option's value");

static struct lazy_library curl = { .soname = "libcurl.so.4", .package = "libcurl4" };

/* LAZY for a variadic function: @last is the parameter before the value. */
#define LAZY_OPTION(type, name, params, last, args)                                                \
	type name params                                                                           \
	{                                                                                          \
		va_list ap;                                                                        \
		void *value;                                                                       \
		va_start(ap, last);                                                                \
		value = va_arg(ap, void *);                                                        \
		va_end(ap);                                                                        \
		LAZY_BIND(&curl, name);                                                            \
		return lazy_function_ args;                                                        \
	}

LAZY(&curl, CURLcode, curl_global_init, (long flags), (flags))
LAZY(&curl, curl_version_info_data *, curl_version_info, (CURLversion age), (age))
LAZY(&curl, CURL *, curl_easy_init, (void), ())
LAZY_VOID(&curl, curl_easy_cleanup, (CURL *easy), (easy))
LAZY_VOID(&curl, curl_easy_reset, (CURL *easy), (easy))
LAZY_OPTION(CURLcode, curl_easy_setopt, (CURL *easy, CURLoption option, ...), option, (easy, option, value))
LAZY_OPTION(CURLcode, curl_easy_getinfo, (CURL *easy, CURLINFO info, ...), info, (easy, info, value))
LAZY(&curl, const char *, curl_easy_strerror, (CURLcode code), (code))
LAZY(&curl, char *, curl_easy_unescape, (CURL *easy, const char *text, int len, int *out_len), (easy, text, len, out_len))
LAZY_VOID(&curl, curl_free, (void *p), (p))
LAZY(&curl, time_t, curl_getdate, (const char *text, const time_t *unused), (text, unused))
LAZY(&curl, CURLM *, curl_multi_init, (void), ())
LAZY(&curl, CURLMcode, curl_multi_cleanup, (CURLM *multi), (multi))
LAZY_OPTION(CURLMcode, curl_multi_setopt, (CURLM *multi, CURLMoption option, ...), option, (multi, option, value))
LAZY(&curl, CURLMcode, curl_multi_add_handle, (CURLM *multi, CURL *easy), (multi, easy))
LAZY(&curl, CURLMcode, curl_multi_remove_handle, (CURLM *multi, CURL *easy), (multi, easy))
LAZY(&curl, CURLMcode, curl_multi_assign, (CURLM *multi, curl_socket_t socket, void *p), (multi, socket, p))
LAZY(&curl, CURLMcode, curl_multi_perform, (CURLM *multi, int *running), (multi, running))
LAZY(&curl, CURLMcode, curl_multi_socket_action, (CURLM *multi, curl_socket_t socket, int events, int *running), (multi, socket, events, running))
LAZY(&curl, CURLMsg *, curl_multi_info_read, (CURLM *multi, int *left), (multi, left))
LAZY(&curl, CURLSH *, curl_share_init, (void), ())
LAZY(&curl, CURLSHcode, curl_share_cleanup, (CURLSH *share), (share))
LAZY_OPTION(CURLSHcode, curl_share_setopt, (CURLSH *share, CURLSHoption option, ...), option, (share, option, value))
LAZY(&curl, struct curl_slist *, curl_slist_append, (struct curl_slist *list, const char *text), (list, text))
LAZY_VOID(&curl, curl_slist_free_all, (struct curl_slist *list), (list))
