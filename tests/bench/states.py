# SPDX-License-Identifier: MIT
"""The states of cache, lockfile and tree that a tool is timed in, and how a work folder is brought into each."""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class State:
    name: str
    has_cache: bool
    has_lock: bool
    has_tree: bool
    is_frozen: bool  # timed with the tool's `ci`
    changes_manifest: bool = False

    @property
    def is_warm(self):
        """Nothing is left to ask the network for."""
        return self.has_cache and self.has_lock and not self.changes_manifest


STATES = [
    State("nothing", False, False, False, False),
    State("cache", True, False, False, False),
    State("lockfile", False, True, False, True),
    State("cache+lockfile", True, True, False, True),
    State("tree", False, False, True, False),
    State("cache+tree", True, False, True, False),
    State("lockfile+tree", False, True, True, False),
    State("all", True, True, True, False),
    State("update", True, True, True, False, changes_manifest=True),
    State("ci-over-tree", True, True, True, True),
]


def by_name(names):
    known = {state.name: state for state in STATES}
    return [known[name] for name in names]


class Workplace:
    """One tool's folders below a common one: project, cache, and a master copy of its lockfile."""

    def __init__(self, base, name, project):
        self.base = Path(base)
        self.project = self.base / name
        self.cache = self.base / f"{name}.cache"
        self.lock_copy = self.base / f"{name}.lock"
        self._source = Path(project)
        self._trash = self.base / ".trash"
        self._trashed = 0

    def prepare(self, tool, state):
        """Brings everything into @state. A tree or cache that is wanted must exist from an earlier run."""
        if not state.has_cache:
            self.set_aside(self.cache)
        if not state.has_tree:
            self.set_aside(self.project / "node_modules")
            self.set_aside(self.project / ".yarn")
        self.project.mkdir(parents=True, exist_ok=True)
        self._write_manifest(state.changes_manifest)
        lock = self.project / tool.lockfile
        if state.has_lock:
            shutil.copy(self.lock_copy, lock)
        else:
            self.set_aside(lock)
            if tool.needs_empty_lock:
                lock.touch()

    def keep_lock(self, tool):
        shutil.copy(self.project / tool.lockfile, self.lock_copy)

    def has_tree(self):
        return (self.project / "node_modules").is_dir()

    def missing_packages(self):
        """Direct dependencies that the tree lacks: [] for a complete one."""
        manifest = json.loads((self.project / "package.json").read_text())
        names = [name for field in ("dependencies", "devDependencies") for name in manifest.get(field, {})]
        return [name for name in names if not (self.project / "node_modules" / name / "package.json").is_file()]

    def file_count(self):
        return sum(len(files) for _, _, files in os.walk(self.project / "node_modules"))

    def set_aside(self, path):
        """Moves a file or tree to the trash: deleting it now would slow down what is measured next."""
        if path.is_symlink() or path.exists():
            self._trashed += 1
            self._trash.mkdir(parents=True, exist_ok=True)
            path.rename(self._trash / f"{self.project.name}.{self._trashed}")

    def _write_manifest(self, widen_one):
        text = (self._source / "package.json").read_text()
        if widen_one:
            manifest = json.loads(text)
            name = next(name for name, spec in manifest["dependencies"].items() if spec.startswith("^"))
            manifest["dependencies"][name] = ">=" + manifest["dependencies"][name][1:]
            text = json.dumps(manifest, indent=2) + "\n"
        (self.project / "package.json").write_text(text)


def empty_trash(base):
    shutil.rmtree(Path(base) / ".trash", ignore_errors=True)
    os.sync()
