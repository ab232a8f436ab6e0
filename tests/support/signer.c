/* SPDX-License-Identifier: MIT
 * What the loopback registry of the flow tests signs with: Python alone has no ECDSA.
 *
 *     signer key NAME              the public key, base64
 *     signer sign NAME MESSAGE     a signature, base64
 */
#include "signing.h"

#include "cpm/base/digest.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	ARENA_SCOPE(a);
	str out;

	if (argc == 3 && strcmp(argv[1], "key") == 0)
		out = signing_spki(a, argv[2]);
	else if (argc == 4 && strcmp(argv[1], "sign") == 0)
		out = signing_sign(a, argv[2], str_view(argv[3]));
	else
		return 2;
	out = base64_encode(a, out);
	printf(STR_FMT "\n", STR_ARG(out));
	return 0;
}
