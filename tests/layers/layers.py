#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the layering: who may include whom, who alone sees a library, and that a file's name is enough to find it.

The layers are what cpm_module() declares in CMake, one line `module:used,used` each. The rest of the rules are the
tables below.

    layers.py LAYERS_FILE SOURCE_FOLDER
"""

import fnmatch
import re
import sys
from collections import defaultdict
from pathlib import Path

# Third-party headers and the only files that may include them.
OWNERS = {
    "cjson/": ["src/base/json.c"],
    "openssl/": ["src/base/digest.c", "src/base/signature.c", "src/base/certificate.c", "src/base/certificate_priv.h", "src/base/timestamp.c",
                 "src/base/trust_store.c", "src/base/crypto_lazy.c"],
    "libdeflate.h": ["src/base/gunzip.c", "src/base/gzip.c"],
    "isa-l/": ["src/base/gunzip_stream.c", "src/base/isal_lazy.c"],
    "zlib.h": [],
    "curl/": ["src/registry/http*.[ch]", "src/registry/curl_lazy.c"],
    "git2": ["src/registry/source_git*.c", "src/registry/git_history.c", "src/registry/git_changes.c", "src/registry/git2_lazy.c"],
    "sqlite3.h": ["src/store/store_db*.[ch]", "src/store/advisory_db.c", "src/store/sqlite_lazy.c"],
    "archive": ["src/store/zip.c", "src/store/archive_lazy.c"],
}

# Where a module may see only some of a lower one's headers.
NARROW = {("tree", "registry"): {"cpm/registry/source.h", "cpm/registry/package_source.h", "cpm/registry/packument.h"}}

# The one sibling of the modules: it calls the top one and may speak of errors.
PROGRAM = ("src/main.c", {"cmd", "base"})

GENERATED = {"cpm/build_config.h", "cpm/build_vendor.h"}

_INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


def main():
    layers = read_layers(Path(sys.argv[1]))
    root = Path(sys.argv[2])
    problems = list(check_names(root))
    checked = 0
    for path in sorted([*root.glob("src/**/*.[ch]"), *root.glob("include/**/*.h"), *root.glob("include/**/*.def")]):
        name = path.relative_to(root).as_posix()
        includes = _INCLUDE.findall(path.read_text(encoding="utf-8"))
        problems += check_file(root, name, includes, layers)
        checked += 1
    for problem in problems:
        print(problem)
    print(f"{checked} files, {len(problems)} problems")
    return 1 if problems or not checked else 0


def read_layers(path):
    lines = path.read_text().split()
    return {module: {module, *filter(None, used.split(","))} for module, used in (line.split(":") for line in lines)}


def module_of(name):
    """The module a source or header belongs to; None for the program itself."""
    parts = name.removeprefix("include/cpm/").removeprefix("src/").split("/")
    return parts[0] if len(parts) > 1 else None


def check_file(root, name, includes, layers):
    for bracket, header in includes:
        if bracket == "<":
            yield from check_library(name, header)
        elif header.startswith("cpm/"):
            yield from check_layer(name, header, layers)
        elif not is_private_header(root, module_of(name), header):
            yield f"{name}: \"{header}\" is in another module: private headers stay in theirs"
    yield from check_own_header(root, name, includes)


def is_private_header(root, module, header):
    folder = root / "src" / (module or "")
    return (folder / header).exists() or any(folder.glob(f"*/{header}"))


def check_layer(name, header, layers):
    if header in GENERATED:
        return
    module, used = module_of(name), header.split("/")[1]
    allowed = PROGRAM[1] if name == PROGRAM[0] else layers.get(module, set())
    if used not in allowed:
        yield f"{name}: '{module}' may not include '{header}': CMakeLists.txt does not declare it"
    narrow = NARROW.get((module, used))
    if narrow and header not in narrow:
        yield f"{name}: of '{used}', '{module}' may include {sorted(narrow)} alone, not '{header}'"


def check_library(name, header):
    for prefix, owners in OWNERS.items():
        if header.startswith(prefix) and not any(fnmatch.fnmatch(name, owner) for owner in owners):
            yield f"{name}: <{header}> belongs to {' '.join(owners) or 'nobody'}"


def check_own_header(root, name, includes):
    """A file's own header, or the private one that stands on it, comes first, which proves that it stands alone."""
    own = f"cpm/{module_of(name)}/{Path(name).stem}.h"
    if not name.endswith(".c") or not (root / "include" / own).exists():
        return
    first = includes[0][1] if includes else ""
    if first != own and not first.endswith("_priv.h"):
        yield f"{name}: the first include is not \"{own}\""


def check_names(root):
    """File names are unique, so that a log line or a stack needs no path."""
    places = defaultdict(list)
    for folder in ("src", "include", "tests"):
        for path in root.glob(f"{folder}/**/*"):
            if path.suffix in (".c", ".h", ".def", ".py"):
                places[path.name].append(path.relative_to(root).as_posix())
    for found in places.values():
        if len(found) > 1:
            yield f"one name, several files: {' '.join(sorted(found))}"


if __name__ == "__main__":
    sys.exit(main())
