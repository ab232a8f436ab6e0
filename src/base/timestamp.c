/* SPDX-License-Identifier: MIT
 * Signed times. OpenSSL does the verification; what it would do for the time of today is done for
 * the time that is claimed, since certificates of authorities expire and their words do not. */
#include "cpm/base/timestamp.h"

#include "certificate_priv.h"

#include <openssl/err.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>
#include <time.h>

static TS_RESP *parse(str der)
{
	const unsigned char *at = (const unsigned char *)der.p;
	TS_RESP *response = der.len ? d2i_TS_RESP(NULL, &at, (long)der.len) : NULL;

	if (response && at != (const unsigned char *)der.p + der.len) {
		TS_RESP_free(response);
		response = NULL;
	}
	return response;
}

static bool read_time(TS_TST_INFO *info, int64_t *time_sec)
{
	const ASN1_GENERALIZEDTIME *said = TS_TST_INFO_get_time(info);
	struct tm tm;

	if (!said || ASN1_TIME_to_tm(said, &tm) != 1)
		return false;
	*time_sec = (int64_t)timegm(&tm);
	return true;
}

/* A hash that can be forged proves nothing. */
static bool has_strong_hash(TS_TST_INFO *info)
{
	const ASN1_OBJECT *algorithm = NULL;

	X509_ALGOR_get0(&algorithm, NULL, NULL,
			TS_MSG_IMPRINT_get_algo(TS_TST_INFO_get_msg_imprint(info)));
	int nid = algorithm ? OBJ_obj2nid(algorithm) : NID_undef;
	return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512;
}

/* What is set belongs to @ctx from then on, and goes with it. */
static bool prepare(TS_VERIFY_CTX *ctx, str message, const str *chain, size_t nchain,
		    int64_t time_sec)
{
	X509_STORE *roots = X509_STORE_new();
	STACK_OF(X509) *between = sk_X509_new_null();
	BIO *data = BIO_new_mem_buf(message.p, (int)message.len);

	TS_VERIFY_CTX_set_store(ctx, roots);
	TS_VERIFY_CTX_set_certs(ctx, between);
	TS_VERIFY_CTX_set_data(ctx, data);
	TS_VERIFY_CTX_set_flags(ctx, TS_VFY_VERSION | TS_VFY_SIGNATURE | TS_VFY_DATA);
	if (!roots || !between || !data || !certificate_add_chain(roots, between, chain, nchain))
		return false;
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(roots), (time_t)time_sec);
	return true;
}

bool timestamp_verify(str response, str message, const str *chain, size_t nchain, int64_t *time_sec)
{
	TS_RESP *parsed = message.len <= INT32_MAX ? parse(response) : NULL;
	TS_TST_INFO *info = parsed ? TS_RESP_get_tst_info(parsed) : NULL;
	TS_VERIFY_CTX *ctx = info ? TS_VERIFY_CTX_new() : NULL;
	bool is_valid = ctx && read_time(info, time_sec) && has_strong_hash(info) &&
			prepare(ctx, message, chain, nchain, *time_sec) &&
			TS_RESP_verify_response(ctx, parsed) == 1;

	TS_VERIFY_CTX_free(ctx);
	TS_RESP_free(parsed);
	ERR_clear_error();
	return is_valid;
}
