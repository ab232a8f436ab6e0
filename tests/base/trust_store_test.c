/* SPDX-License-Identifier: MIT
 * Which texts are bundles. What connections make of one is for the flow tests of TLS. */
#include "cpm/base/trust_store.h"

#include "check.h"

#define BEGIN "-----BEGIN CERTIFICATE-----\n"
#define END   "-----END CERTIFICATE-----\n"
/* Signed by itself, made for these tests: "CN=made up". */
#define BODY                                                                 \
	"MIIBejCCASGgAwIBAgIUFb3ZTKEGeoy3PPYWlyI4VsmsPPcwCgYIKoZIzj0EAwIw\n" \
	"EjEQMA4GA1UEAwwHbWFkZSB1cDAgFw0yNjExMjQxNjM4NDZaGA8yMTI2MTAzMTE2\n" \
	"Mzg0NlowEjEQMA4GA1UEAwwHbWFkZSB1cDBZMBMGByqGSM49AgEGCCqGSM49AwEH\n" \
	"A0IABIhZTC5yTpWziZRXlFLwl8QAkDLHMrvBuDLWbnopPDLsQ+HvtsrKOawQNnLj\n" \
	"olpyCVLmnkg4JhLNZ6x0DLyLrwOjUzBRMB0GA1UdDgQWBBSV64spmMe2PVV3Oev1\n" \
	"l4aZRBs7RTAfBgNVHSMEGDAWgBSV64spmMe2PVV3Oev1l4aZRBs7RTAPBgNVHRMB\n" \
	"Af8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIDjtTnkVpIBSfCOBqGm8W1Z1UP4f\n" \
	"Q8eKS0v/tkdfmHPlAiA0JHrZ5iZ3qkmg5GKk2ST91FRqhWYTCXaRC5a5KbEXcw==\n"

static bool is_bundle(const char *pem)
{
	struct trust_store *store = trust_store_new(str_view(pem));

	trust_store_free(store);
	return store != NULL;
}

TEST(a_bundle_holds_certificates_and_text_between_them)
{
	CHECK(is_bundle(BEGIN BODY END));
	CHECK(is_bundle("Made up Inc.\n============\n" BEGIN BODY END "\n# another\n" BEGIN BODY END));
}

TEST(what_holds_anything_else_is_left_to_the_reader_that_says_what_is_wrong)
{
	CHECK(!is_bundle(""));
	CHECK(!is_bundle("no certificates here\n"));
	CHECK(!is_bundle(BEGIN "bm90IGEgY2VydGlmaWNhdGU=\n" END));
	CHECK(!is_bundle(BEGIN BODY END BEGIN "?\n" END));
	CHECK(!is_bundle(BEGIN BODY END BEGIN BODY));
	CHECK(!is_bundle(BEGIN BODY END "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n"));
}

TEST(failures_have_the_names_that_node_js_gives_them)
{
	CHECK_STR(str_view(trust_failure_name(10)), S("CERT_HAS_EXPIRED"));
	CHECK_STR(str_view(trust_failure_name(21)), S("UNABLE_TO_VERIFY_LEAF_SIGNATURE"));
	CHECK(!trust_failure_name(0));
}

UNIT_TESTS(TESTED(a_bundle_holds_certificates_and_text_between_them),
	   TESTED(what_holds_anything_else_is_left_to_the_reader_that_says_what_is_wrong),
	   TESTED(failures_have_the_names_that_node_js_gives_them))
