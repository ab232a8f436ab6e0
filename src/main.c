/* SPDX-License-Identifier: MIT
 * Process start and end; everything else is cmd/. */
#include "cpm/cmd/cmd.h"

#include <unistd.h>

int main(int argc, char **argv)
{
	(void)argc;
	return cmd_main((const char *const *)argv + 1, (const char *const *)environ, argv[0]);
}
