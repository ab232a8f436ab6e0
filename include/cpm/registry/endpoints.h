/* SPDX-License-Identifier: MIT
 * Single questions to a registry, for commands that show what it answers. Nothing here goes through
 * the resolver's source or its cache. */
#pragma once
#include "cpm/base/json.h"
#include "cpm/registry/http.h"

/**
 * registry_fetch_document - the whole packument of @name as its registry sends it.
 *
 * Always asks: npm revalidates what it shows to people. Lives in @a.
 * Errors: E_BAD_NAME, E_NOT_CACHED with `offline`, E_BAD_RESPONSE when the answer is no JSON
 * object; those of http_fetch(). Cost: one request and a parsed document, up to 256 MiB of text.
 */
MUST_CHECK_ERR registry_fetch_document(struct arena *a, const struct cfg *cfg, struct http *http,
				       str name, struct json **out);

/* Receives the packument of names[at], or NULL when it cannot be had. It lives until the function returns. */
typedef void (*registry_document_fn)(void *ctx, size_t at, const struct json *document);
/**
 * registry_fetch_documents - the same of several names at once, each handed over as it comes.
 *
 * A name that is refused, or whose registry has no answer, is NULL. Errors: E_INTERRUPTED. Cost: one request each, as
 * many under way as `maxsockets` allows; one parsed document at a time.
 */
MUST_CHECK_ERR registry_fetch_documents(const struct cfg *cfg, struct http *http, const str *names, size_t count,
					registry_document_fn receive, void *ctx);

/* A document that is asked of a registry, or sent to one. */
struct registry_call {
	const char *method; /* "GET" when NULL */
	str url;
	str body;	    /* JSON; null: none */
	str subject;	    /* "name@version" for messages, and whose credentials go along */
	str otp;	    /* a one-time password; null or empty: the setting's */
	str authorization;  /* "Basic ..." in the place of the configured credential; or null */
};
/**
 * registry_call - one request, and the document that answers it.
 * @out: null JSON for an answer without a body or one that is no JSON; may be NULL
 *
 * Errors: E_UNAUTHORIZED shown as EOTP when a one-time password is wanted; E_NOT_CACHED with `offline`; those of
 * http_fetch().
 */
MUST_CHECK_ERR registry_call(struct arena *a, const struct cfg *cfg, struct http *http,
			     const struct registry_call *call, struct json **out);

/* What came back, of a refusal too. */
struct registry_answer {
	int status;		/* 0: there was no answer */
	struct json *body;	/* null JSON for none, or for one that is no JSON */
	int64_t retry_after_ms; /* -1: not said */
	struct err *err;	/* the receiver's; NULL: it was not refused */
};
/* registry_call() for who wants to know more. Errors: E_NOT_CACHED with `offline`, E_INTERRUPTED. */
MUST_CHECK_ERR registry_exchange(struct arena *a, const struct cfg *cfg, struct http *http,
				 const struct registry_call *call, struct registry_answer *out);
/* The two halves of it, for who watches something else meanwhile. @owner: any address of the caller's. */
MUST_CHECK_ERR registry_begin(struct arena *a, const struct cfg *cfg, struct http *http,
			      const struct registry_call *call, const void *owner);
/* Waits for the answer, or until @wake_fd is readable (-1: none); then is_there is false and it is to be called again.
 * Errors: E_INTERRUPTED. */
MUST_CHECK_ERR registry_hear(struct arena *a, struct http *http, const void *owner, int wake_fd,
			     struct registry_answer *out, bool *is_there);

/* What became of a question about advisories. */
struct advisory_answer {
	struct json *advisories;	/* an object; NULL: the endpoint failed */
	str failure;			/* ... and this is what there is to say about it */
	str url;
	int status;			/* 0: there was no answer */
	str body, content_type;		/* of a failed answer; null when there was none */
	unsigned attempts;
};

/**
 * registry_ask_advisories - asks the default registry what is known about {"name":["1.0.0"]}.
 * @owner: whose question it is, for registry_hear_advisories(); any address of the caller's
 *
 * Returns at once: the answer is waited for while other things are done. Asked once, as npm does.
 */
MUST_CHECK_ERR registry_ask_advisories(const struct cfg *cfg, struct http *http, const struct json *question,
				       const void *owner);
/* Waits for the answer. Errors: E_INTERRUPTED; a failure of the endpoint is part of the answer. Lives in @a. */
MUST_CHECK_ERR registry_hear_advisories(struct arena *a, struct http *http, const void *owner,
					struct advisory_answer *out);

/* E_NOT_FOUND as npm reports it: the message, and that @what could not be found. */
struct err *registry_not_found(str what, const char *fmt, ...) PRINTF_LIKE(2, 3) MUST_CHECK;
