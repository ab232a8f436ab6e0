# SPDX-License-Identifier: MIT
"""node_modules as text: every path with its kind, mode and digest, so that two trees can be compared with diff."""

import hashlib
import os
import stat
from pathlib import Path


OUR_NOTES = ".cpm-state"  # npm has no such file, and looks past it


def list_tree(folder, address, placeholder):
    """One line for each path; the registry's address is left out of what is hashed."""
    lines = []
    for place, names, files in os.walk(folder):
        names.sort()
        for name in sorted(names + [name for name in files if name != OUR_NOTES]):
            path = os.path.join(place, name)
            lines.append(f"{os.path.relpath(path, folder)}\t{_facts(path, address.encode(), placeholder.encode())}\n")
    return "".join(sorted(lines))


def _facts(path, address, placeholder):
    info = os.lstat(path)
    if stat.S_ISLNK(info.st_mode):
        return f"link\t\t{os.readlink(path)}"
    mode = f"{info.st_mode & 0o777:o}"
    if stat.S_ISDIR(info.st_mode):
        return f"folder\t{mode}\t"
    data = Path(path).read_bytes().replace(address, placeholder)
    return f"file\t{mode}\t{hashlib.sha256(data).hexdigest()}"
