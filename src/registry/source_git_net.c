/* SPDX-License-Identifier: MIT
 * What a dependency may make us connect to, and as whom (T17). Over ssh the agent's keys are
 * offered, then those that ssh itself would take, and only hosts are spoken to whose key the user's
 * known_hosts has: npm accepts unknown ones. Nothing ever asks for a password. */
#include "source_git_net.h"

#include "cpm/base/fs.h"
#include "cpm/base/proc.h"
#include "source_git.h"

#include <git2.h>

#include <stdlib.h>

/* ---- addresses ---- */

static bool has_control(str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

/* The part between "scheme://" and the path; for "user@host:path" that in front of the colon. */
static str authority_of(str url)
{
	size_t scheme = str_find(url, S("://"));

	if (scheme == STR_NPOS)
		return str_slice(url, 0, str_find_char(url, ':'));
	url = str_from(url, scheme + 3);
	return str_slice(url, 0, str_find_any(url, "/?#"));
}

/* Neither user nor host may look like an option of a program. */
static bool is_harmless(str url)
{
	str authority = authority_of(url);
	size_t at = str_rfind_char(authority, '@');
	str host = at == STR_NPOS ? authority : str_from(authority, at + 1);

	return host.len && host.p[0] != '-' && authority.p[0] != '-' && !has_control(url);
}

struct err *git_url_check(str url, bool is_own)
{
	static const char *const schemes[] = { "https://", "http://", "ssh://", "git://" };
	bool is_scp = str_find(url, S("://")) == STR_NPOS && str_find_char(url, ':') != STR_NPOS,
	     is_known = is_scp;

	if (str_starts(url, S("file://")) && is_own && !has_control(url))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		is_known |= str_starts(url, str_view(schemes[i]));
	if (is_known && is_harmless(url))
		return NULL;
	return err_new(
		E_BAD_PROTOCOL,
		"cannot use the repository '" STR_FMT "': only https, http, ssh and git addresses "
		"are fetched%s",
		STR_ARG(url),
		str_starts(url, S("file://")) ? ", and this machine's for the project itself only"
					      : "");
}

bool git_is_commit(str text)
{
	if (text.len < 40 || text.len > 64)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!((text.p[i] >= '0' && text.p[i] <= '9') ||
		      (text.p[i] >= 'a' && text.p[i] <= 'f')))
			return false;
	return true;
}

/* ---- credentials ---- */

static int offer_key_file(git_credential **out, const char *user, const char *name)
{
	ARENA_SCOPE(tmp);
	const char *home = getenv("HOME");
	const char *path = str_cstr(tmp, str_printf(tmp, "%s/.ssh/%s", home ? home : "", name));

	if (!home || !fs_is_file(AT_FDCWD, path))
		return GIT_PASSTHROUGH;
	return git_credential_ssh_key_new(out, user, NULL, path, NULL);
}

/* Called again after each refusal: the next thing that ssh would try. */
static int offer_ssh(git_credential **out, const char *user, struct git_connection *c)
{
	static const char *const files[] = { "id_ed25519", "id_ecdsa", "id_rsa" };
	int result = GIT_PASSTHROUGH;

	while (result == GIT_PASSTHROUGH && c->attempts <= ARRAY_LEN(files)) {
		unsigned attempt = c->attempts++;

		if (attempt > 0)
			result = offer_key_file(out, user, files[attempt - 1]);
		else if (getenv("SSH_AUTH_SOCK"))
			result = git_credential_ssh_key_from_agent(out, user);
	}
	if (result == GIT_PASSTHROUGH) {
		git_error_set_str(GIT_ERROR_SSH, "no ssh key is accepted");
		return GIT_EAUTH;
	}
	return result;
}

static int on_credentials(git_credential **out, const char *url, const char *user, unsigned allowed,
			  void *ctx)
{
	(void)url;
	if (!user || !*user)
		user = "git";
	if (allowed & GIT_CREDENTIAL_USERNAME)
		return git_credential_username_new(out, user);
	if (allowed & GIT_CREDENTIAL_SSH_KEY)
		return offer_ssh(out, user, ctx);
	git_error_set_str(GIT_ERROR_HTTP, "the repository does not exist, or a login is needed");
	return GIT_EAUTH;
}

/* ---- hosts ---- */

static int on_certificate(git_cert *cert, int valid, const char *host, void *ctx)
{
	ARENA_SCOPE(tmp);
	str text;

	(void)ctx;
	if (valid)
		return 0;
	text = cert->cert_type == GIT_CERT_HOSTKEY_LIBSSH2
		       ? str_printf(tmp,
				    "the host key of %s is not in known_hosts, or differs: connect "
				    "to it with ssh once, and "
				    "compare the key",
				    host)
		       : str_printf(tmp, "the certificate of %s is not trusted", host);
	git_error_set_str(GIT_ERROR_NET, str_cstr(tmp, text));
	return GIT_ECERTIFICATE;
}

/* ---- signals and silence ---- */

static int on_progress(const git_indexer_progress *progress, void *ctx)
{
	struct git_connection *c = ctx;

	(void)progress;
	if (proc_stop_signal() || git_watch_is_over(&c->watch))
		return GIT_EUSER;
	git_watch_touch(&c->watch);
	return 0;
}

static int on_message(const char *text, int len, void *ctx)
{
	(void)text;
	(void)len;
	return on_progress(NULL, ctx);
}

void git_connection_begin(struct git_connection *c, git_remote_callbacks *callbacks,
			  int64_t limit_ms)
{
	*c = (struct git_connection){ 0 };
	callbacks->version = GIT_REMOTE_CALLBACKS_VERSION;
	callbacks->credentials = on_credentials;
	callbacks->certificate_check = on_certificate;
	callbacks->transfer_progress = on_progress;
	callbacks->sideband_progress = on_message;
	callbacks->payload = c;
	git_watch_begin(&c->watch, limit_ms);
}

struct err *git_connection_end(struct git_connection *c, bool failed, const char *what, str url)
{
	bool was_silent = git_watch_is_over(&c->watch);

	git_watch_end(&c->watch);
	if (failed && was_silent && !proc_stop_signal())
		return err_new(E_TIMEOUT,
			       "%s the repository " STR_FMT ": it was silent for %lld ms", what,
			       STR_ARG(url), (long long)c->watch.limit_ms);
	return failed ? git_failure(what, url) : NULL;
}

struct err *git_failure(const char *what, str url)
{
	const git_error *last = git_error_last();

	TRY(proc_check_stop());
	return err_new(E_GIT, "%s the repository " STR_FMT ": %s", what, STR_ARG(url),
		       last && last->message ? last->message : "libgit2 does not say why");
}
