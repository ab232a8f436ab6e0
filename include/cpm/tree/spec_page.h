/* SPDX-License-Identifier: MIT
 * The pages that hosts of repositories have for people. */
#pragma once
#include "cpm/base/str.h"

enum spec_page { SPEC_PAGE_BUGS, SPEC_PAGE_README };
/* The page of the repository that @text names; null when it names none on a known host, or the host has no such page. */
str spec_repository_page(struct arena *a, str text, enum spec_page page);
/* The repository itself, or @folder of it. */
str spec_repository_folder(struct arena *a, str text, str folder);
/* What a browser would be shown for the URL of any other repository: https, host and path. Null when it is no URL. */
str spec_url_page(struct arena *a, str text);
