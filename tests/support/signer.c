/* SPDX-License-Identifier: MIT
 * What the loopback registry of the flow tests signs with: Python alone has no ECDSA.
 *
 *     signer key NAME                                 the public key, base64
 *     signer sign NAME MESSAGE                        a signature, base64
 *     signer root                                     the trusted root, JSON
 *     signer attest NAME VERSION SHA512-HEX [KEY=VALUE]...   a bundle, JSON; keys: kind, bundle, key, spoil,
 *                                                     time (signed; alone: the log promises none), log (2: of the second generation)
 *
 * Keys and the ways to spoil are those of signing.h and sigstore_maker.h. */
#include "sigstore_maker.h"

#include <stdio.h>

/* False when there is no such key. */
static bool set(struct made *m, char *word)
{
	char *value = strchr(word, '=');

	if (!value)
		return false;
	*value++ = '\0';
	if (strcmp(word, "kind") == 0)
		m->kind = value;
	else if (strcmp(word, "bundle") == 0)
		m->bundle = value[0] - '0';
	else if (strcmp(word, "key") == 0)
		m->key = value;
	else if (strcmp(word, "time") == 0)
		m->is_timed = true, m->is_unpromised = strcmp(value, "alone") == 0;
	else if (strcmp(word, "log") == 0)
		m->is_second = value[0] == '2';
	else if (strcmp(word, "spoil") == 0)
		m->spoil = value;
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	ARENA_SCOPE(a);
	const char *what = argc > 1 ? argv[1] : "";
	str out;

	if (strcmp(what, "key") == 0 && argc == 3) {
		out = base64_encode(a, signing_spki(a, argv[2]));
	} else if (strcmp(what, "sign") == 0 && argc == 4) {
		out = base64_encode(a, signing_sign(a, argv[2], str_view(argv[3])));
	} else if (strcmp(what, "root") == 0 && argc == 2) {
		out = made_trusted_root(a);
	} else if (strcmp(what, "attest") == 0 && argc >= 5) {
		struct made m = { .name = argv[2], .version = argv[3], .sha512_hex = str_view(argv[4]) };
		for (int i = 5; i < argc; i++)
			if (!set(&m, argv[i]))
				return 2;
		out = made_bundle(a, &m);
	} else {
		return 2;
	}
	printf(STR_FMT "\n", STR_ARG(out));
	return 0;
}
