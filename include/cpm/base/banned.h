/* SPDX-License-Identifier: MIT
 * Calls that hide a length, a shell or a locale become compile errors; each has a counterpart in base/. */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gets atoi atol atof system popen tmpnam mktemp
