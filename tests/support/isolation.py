# SPDX-License-Identifier: MIT
"""Surroundings in which a run of cpm or npm touches nothing of the user's and no network but the loopback interface."""

import os

# Retries must not make tests slow, and nothing may ask the registry for more than the install itself.
SETTINGS = """\
registry={registry}
fetch-retry-mintimeout=10
fetch-retry-maxtimeout=50
audit=false
fund=false
update-notifier=false
"""


def isolate(root, registry_url, settings=""):
    """Makes home, cache, tmp and the global settings below `root`; gives the environment for runs."""
    for name in ("home", "cache", "tmp"):
        (root / name).mkdir()
    (root / "global.npmrc").write_text(SETTINGS.format(registry=registry_url) + settings)
    kept = {name: os.environ[name] for name in ("PATH", "ASAN_OPTIONS", "TSAN_OPTIONS") if name in os.environ}
    return kept | {
        "LANG": "C.UTF-8",
        "HOME": str(root / "home"),
        "TMPDIR": str(root / "tmp"),
        "npm_config_cache": str(root / "cache"),
        "npm_config_userconfig": str(root / "home" / ".npmrc"),
        "npm_config_globalconfig": str(root / "global.npmrc"),
    }
