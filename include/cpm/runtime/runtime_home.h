/* SPDX-License-Identifier: MIT
 * Where Node.js builds lie unpacked: with the user, or beside the program, where packaging put them. */
#pragma once
#include "cpm/runtime/runtime_pins.h"

/* cpm's data folder: $XDG_DATA_HOME/cpm, else ~/.local/share/cpm, else, without a home that one may write to,
 * "_cpm/data" in the cache. It may not exist. */
str runtime_data_dir(struct arena *a, const struct cfg *cfg);
/* The folder of the user's builds in it. */
str runtime_home_dir(struct arena *a, const struct cfg *cfg);
/* <prefix>/lib/cpm/runtime of the running program. */
str runtime_beside_dir(struct arena *a);

/* The folder of an unpacked build: beside the program, else the user's; null when it is in neither. */
str runtime_find_build(struct arena *a, const struct cfg *cfg, const struct runtime_pin *pin);
/* Its Node.js, for any folder of a build. */
str runtime_node_of(struct arena *a, str dir);
/* The running program, links resolved; "cpm" where that cannot be told. */
str runtime_own_program(struct arena *a);
