#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares cpm with itself on small random registries and projects: one side may remember resolutions (ADR 13), from the
other's cache they are taken away before each run. Exit status, output, lockfiles, package.json and all of node_modules must
be the same.

    memo_differential.py --cpm build/dev/cpm [--cases 500] [--seed N]

A case installs a project three times from nothing, so that the last time it is remembered, then changes something and installs
again, a few times. Needs no npm. Says how often the one side did remember, which must not be never.
"""

import argparse
import hashlib
import os
import random
import re
import shlex
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from registry import Registry
from tree_cases import FLAGS, LOCK_ONLY, VERSIONS, Maker
from tree_differential import OURS, Side, explain, play, scenario

RUN_LIMIT_SEC = 60
HIT = "nothing has changed since this was last resolved"
# What a run with a resolution that is remembered does not say: how it came to its packuments.
UNSAID = re.compile(r"npm (verbose|http|info|timing|silly) .*\n?")
TOOK = re.compile(r"\bin \d+m?s\b|\d{4}-\d\d-\d\dT[\d_]+Z")
EXTRA_FLAGS = ["--tag=next", "--prefer-offline", "--offline", "--prefer-online", "--before=2999-01-01", "--cpu=ia32", "--libc=musl"]


class Watched(Side):
    """One cpm and its surroundings."""

    def install(self, cpm, args):
        done = subprocess.run(
            [*cpm, "install", *args, "--loglevel=verbose"], cwd=self.project, env=self.env, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=RUN_LIMIT_SEC, check=False,
        )
        said = TOOK.sub("a while", UNSAID.sub("", done.stderr)).replace(str(self.root), "")
        state = {"status": str(done.returncode), "stdout": TOOK.sub("a while", done.stdout), "stderr": said}
        return HIT in done.stderr, state | self.state()

    def start_over(self):
        for name in ("package-lock.json", "node_modules"):
            self.act("delete", (name,))

    def forget(self):
        path = self.root / "cache" / "_cpm" / "cache.db"
        if path.exists():
            with sqlite3.connect(path) as cache:
                cache.execute("DELETE FROM entries WHERE CAST(key AS TEXT) LIKE 'resolution:%'")
            cache.close()

    def _installed(self):
        top = self.project / "node_modules"
        for folder, names, files in os.walk(top):
            for name in sorted(names + files):
                path = Path(folder) / name
                if name in OURS or path.is_symlink():
                    continue
                is_file = path.is_file()
                what = hashlib.sha1(path.read_bytes()).hexdigest() if is_file else "folder"
                yield f"{path.relative_to(top)} {path.stat().st_mode:o} {what}"
        yield from (f"{path.relative_to(top)} -> {os.readlink(path)}" for path in sorted(top.rglob("*")) if path.is_symlink())


class Bench:
    """Both sides, ready for one case after the other."""

    def __init__(self, cpm):
        self._cpm = cpm
        self.runs = self.hits = 0

    def difference(self, case):
        with tempfile.TemporaryDirectory(prefix="cpm-memo-") as temp, Registry() as registry:
            sides = [Watched(Path(temp) / name, registry.url) for name in ("one", "two")]
            return play(case, registry, sides, self._compare_run)

    def _compare_run(self, sides, words):
        for side in sides:
            side.start_over()
        sides[1].forget()
        (is_hit, ours), (_, wanted) = (side.install(self._cpm, words[1:]) for side in sides)
        self.runs += 1
        self.hits += is_hit
        found = explain(wanted, ours)
        return bool(found), found


class MemoMaker(Maker):
    """Cases of three runs that are the same, and others after a change. Most projects can be installed."""

    def _range(self):
        return super()._range() if self._happens(0.1) else self._chance.choice(("*", "*", ">=1.0.0", "latest"))

    def _override(self):
        return super()._override() if self._happens(0.3) else f"dev:{self._chance.choice(self._names)}@*"

    def case(self):
        lines = list(super().case())
        start = next(i for i, line in enumerate(lines) if line[0] == "run")
        lines = lines[: start + 1]
        flags = [flag for flag in lines[start][2:] if flag != LOCK_ONLY]
        lines[start:] = [("run", "install", *flags)] * 3
        wishes = lines[start - 1][1:]
        for _ in range(self._chance.randint(1, 4)):
            lines += self._change(wishes, flags)
        return tuple(lines)

    def _change(self, wishes, flags):
        chance = self._chance
        kind = chance.choice(("wishes", "flag", "other flag", "nothing", "registry"))
        if kind == "wishes":
            yield ("manifest", *self._changed(wishes))
        if kind == "registry":
            yield ("registry", f"{chance.choice(self._names)}@{chance.choice(VERSIONS)[0]}.9.{chance.randint(0, 9)}")
            flags = [*flags, chance.choice(("--prefer-online", "--prefer-offline"))]
        if kind == "flag":
            flags = [*flags, chance.choice(FLAGS)]
        if kind == "other flag":
            flags = [*flags, chance.choice(EXTRA_FLAGS)]
        for _ in range(chance.randint(1, 3)):
            yield ("run", "install", *flags)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpm", required=True, type=shlex.split)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    bench, maker = Bench(options.cpm), MemoMaker(random.Random(options.seed))
    for number in range(options.cases):
        case = maker.case()
        found = bench.difference(case)
        if found:
            print(f"\n# case {number}: {found}\n{scenario(case)}", flush=True)
            return 1
    print(f"{options.cases} cases, {bench.runs} runs, {bench.hits} of them remembered")
    return 0 if bench.hits else 1


if __name__ == "__main__":
    sys.exit(main())
