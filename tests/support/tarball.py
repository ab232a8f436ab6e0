# SPDX-License-Identifier: MIT
"""Package tarballs whose bytes depend on their content alone.

The same description always gives the same integrity, so lockfiles in scenarios may name it. Entries that no honest
packer writes (links, devices, paths that climb out) can be added, because the client must survive them.
"""

import gzip
import io
import tarfile
from dataclasses import dataclass

# What npm stamps on every entry: 1985-10-26T08:15:00Z.
PACK_TIME = 499162500

ENTRY_TYPES = {
    "file": tarfile.REGTYPE,
    "dir": tarfile.DIRTYPE,
    "symlink": tarfile.SYMTYPE,
    "hardlink": tarfile.LNKTYPE,
    "fifo": tarfile.FIFOTYPE,
    "device": tarfile.CHRTYPE,
}


@dataclass(frozen=True)
class Entry:
    """One archive member; `value` is a file's content or a link's target."""

    path: str
    value: str = ""
    kind: str = "file"
    mode: int = 0o644

    @classmethod
    def parse(cls, text):
        """`symlink:package/evil=../../out` into an entry."""
        kind, _, rest = text.partition(":")
        if kind not in ENTRY_TYPES:
            raise ValueError(f"unknown archive entry kind '{kind}'")
        path, _, value = rest.partition("=")
        return cls(path, value, kind)


def build(entries):
    """The .tgz with these entries in this order."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for entry in entries:
            _add(archive, entry)
    return gzip.compress(raw.getvalue(), mtime=0)


def _add(archive, entry):
    info = tarfile.TarInfo(entry.path)
    info.type = ENTRY_TYPES[entry.kind]
    info.mode = entry.mode
    info.mtime = PACK_TIME
    if entry.kind in ("symlink", "hardlink"):
        info.linkname = entry.value
    data = entry.value.encode() if entry.kind == "file" else b""
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))
