/* SPDX-License-Identifier: MIT
 * Whom we trust. Our own store reads of a bundle only what a connection needs (trust_store.h).
 * Where libcurl has another TLS library than OpenSSL, or the bundle holds more than certificates,
 * libcurl reads it: for every connection (30 ms of CPU each), unless exactly one thing holds: a
 * bundle *file* and no certificate folder. Then one parsed store serves them all (speed.md 10.1.2).
 */
#include "http_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "cpm/base/trust_store.h"

#include <sys/mman.h>

#define CA_FILE_MAX_BYTES ((size_t)16 << 20)

/* Where distributions keep the bundle, for a libcurl that was built elsewhere. */
static const char *const system_bundles[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
	"/etc/ssl/cert.pem",
};

static const char *system_bundle(void)
{
	const char *built_in = curl_version_info(CURLVERSION_NOW)->cainfo;

	if (built_in && fs_is_file(AT_FDCWD, built_in))
		return built_in;
	for (size_t i = 0; i < ARRAY_LEN(system_bundles); i++)
		if (fs_is_file(AT_FDCWD, system_bundles[i]))
			return system_bundles[i];
	return NULL;
}

static str read_file_or_null(struct arena *a, const char *path)
{
	str text = STR_NULL;

	err_ignore(fs_read_all(a, AT_FDCWD, path, CA_FILE_MAX_BYTES, &text));
	return text;
}

/* Certificates that are in no file of their own, as one: libcurl copies texts for every request,
 * and parses them for every connection, but a file once. */
static const char *file_of_text(struct arena *a, str pem, struct http_settings *out)
{
	int fd = memfd_create("certificates", MFD_CLOEXEC);
	struct err *e = NULL;

	if (fd < 0)
		return NULL;
	e = fs_write_all(fd, pem, "certificates");
	if (e) {
		err_free(e);
		close(fd);
		return NULL;
	}
	if (out->ca_fd >= 0)
		close(out->ca_fd);
	out->ca_fd = fd;
	return str_cstr(a, str_printf(a, "/proc/self/fd/%d", fd));
}

/* As Node.js does: certificates of this file are trusted besides the usual ones. */
static void add_extra_certificates(struct arena *a, struct http_settings *out)
{
	const char *path = getenv("NODE_EXTRA_CA_CERTS");
	str extra, usual = STR_NULL;
	ARENA_SCOPE(tmp);

	if (!path || !*path || (out->ca_file && strcmp(path, out->ca_file) == 0))
		return;
	extra = read_file_or_null(tmp, path);
	if (str_is_null(extra)) {
		log_warn("tls", "ignoring extra certificates from '%s': the file cannot be read",
			 path);
		return;
	}
	if (out->ca_file)
		usual = read_file_or_null(tmp, out->ca_file);
	out->ca_file = file_of_text(
		a, str_printf(tmp, STR_FMT "\n" STR_FMT, STR_ARG(usual), STR_ARG(extra)), out);
}

void http_tls_read(struct arena *a, const struct cfg *cfg, struct http_settings *out)
{
	size_t count;
	const str *ca = cfg_list(cfg, CFG_CA, &count);
	const char *cafile = str_is_empty(cfg_text(cfg, CFG_CAFILE))
				     ? NULL
				     : str_cstr(a, cfg_text(cfg, CFG_CAFILE));

	out->verify_tls = cfg_bool(cfg, CFG_STRICT_SSL);
	if (!out->verify_tls)
		log_warn("tls", "strict-ssl is off: anybody on the way can read and change what is "
				"fetched");
	if (cafile && fs_is_file(AT_FDCWD, cafile)) {
		out->ca_file = cafile;
	} else if (count > 0 && !str_is_empty(ca[0])) {
		out->ca_file = file_of_text(a, str_join(a, ca, count, S("\n")), out);
	} else {
		out->ca_file = system_bundle();
		add_extra_certificates(a, out);
	}
}

/* The first request that needs it pays: a registry on plain HTTP has no use for it. */
static struct trust_store *trust_of(struct http_settings *set)
{
	const char *library = curl_version_info(CURLVERSION_NOW)->ssl_version;
	ARENA_SCOPE(tmp);

	if (set->has_read_trust)
		return set->trust;
	set->has_read_trust = true;
	if (set->ca_file && library && str_starts(str_view(library), S("OpenSSL/3")))
		set->trust = trust_store_new(read_file_or_null(tmp, set->ca_file));
	return set->trust;
}

static CURLcode on_context(CURL *easy, void *ssl_context, void *trust)
{
	(void)easy;
	trust_store_lend(trust, ssl_context);
	return CURLE_OK;
}

void http_tls_apply(CURL *easy, struct http_settings *set, bool is_https)
{
	struct trust_store *trust = is_https && set->verify_tls ? trust_of(set) : NULL;

	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, set->verify_tls ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, set->verify_tls ? 2L : 0L);
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(easy, CURLOPT_CAINFO, trust ? NULL : set->ca_file);
	if (trust) {
		curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_context);
		curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, trust);
	}
}

static struct curl_blob borrowed_blob(const char *p, size_t len)
{
	return (struct curl_blob){ .data = (void *)(uintptr_t)p,
				   .len = len,
				   .flags = CURL_BLOB_NOCOPY };
}

void http_tls_apply_client(CURL *easy, const struct http_settings *set, struct arena *tmp,
			   str certfile, str keyfile)
{
	if (certfile.p && keyfile.p) {
		curl_easy_setopt(easy, CURLOPT_SSLCERT, str_cstr(tmp, certfile));
		curl_easy_setopt(easy, CURLOPT_SSLKEY, str_cstr(tmp, keyfile));
	} else if (set->cert_pem && set->key_pem) {
		struct curl_blob cert = borrowed_blob(set->cert_pem, strlen(set->cert_pem));
		struct curl_blob key = borrowed_blob(set->key_pem, strlen(set->key_pem));

		curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &cert);
		curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &key);
	}
}
