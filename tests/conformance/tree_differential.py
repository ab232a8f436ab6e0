#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares cpm's lockfiles with those of a real npm on small random registries and projects.

    tree_differential.py --cpm build/dev/cpm --npm FOLDER_OF_NPM [--cases 500] [--seed N] [--node PROGRAM]

A case is a handful of packages that depend on each other in every way there is (peers, optional ones, aliases, tags,
other systems, overrides), and a project, which is resolved from nothing and then, changed, from its own lockfile.
A difference is shrunk to the fewest words that still show it and printed in the form of a flow scenario.
"""

import argparse
import json
import random
import re
import select
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

import package
from isolation import isolate
from registry import Registry

HERE = Path(__file__).resolve().parent
RUN_LIMIT_SEC = 60
ORACLE_LIMIT_SEC = 10
SHOWN = 5

VERSIONS = ["1.0.0", "1.1.0", "1.2.3", "2.0.0", "2.1.0", "3.0.0-beta.1"]
NAMES = ["a", "b", "c", "d", "e", "f", "g", "@s/x", "@s/y", "z.z"]
# How the options are called on the command line and in npm's tree builder.
FLAGS = {
    "--legacy-peer-deps": {"legacyPeerDeps": True},
    "--strict-peer-deps": {"strictPeerDeps": True},
    "--force": {"force": True},
    "--prefer-dedupe": {"preferDedupe": True},
    "--install-strategy=nested": {"installStrategy": "nested"},
}


_CODE = re.compile(r"ok|E[A-Z]+")


@dataclass(frozen=True)
class Case:
    """All words as scenarios write them: packages with theirs, the project before and after its change, a flag."""

    packages: tuple  # of (spec, words)
    projects: tuple  # of words, each resolved on what the one before left
    flag: str = ""

    def scenario(self):
        lines = [f"registry   {shlex.join([spec, *words])}" for spec, words in self.packages]
        for words in self.projects:
            lines += [f"manifest   {shlex.join(words)}", f"run        install --package-lock-only {self.flag}".rstrip()]
        return "\n".join(lines)


class Maker:
    """Random cases."""

    def __init__(self, chance):
        self._chance = chance

    def case(self):
        chance = self._chance
        names = chance.sample(NAMES, chance.randint(3, 8))
        packages = []
        for name in names:
            for version in sorted(chance.sample(VERSIONS, chance.randint(1, 4))):
                packages.append((f"{name}@{version}", self._package_words(names)))
        project = self._project_words(names)
        flag = chance.choice(list(FLAGS)) if chance.random() < 0.3 else ""
        projects = [project, *([self._changed(project, names)] if chance.random() < 0.5 else [])]
        return Case(tuple(packages), tuple(projects), flag)

    def _package_words(self, names):
        chance = self._chance
        count = chance.choice((0, 1, 1, 2, 2, 3))
        kinds = chance.choices(("dep", "peer", "peer-optional", "optional"), (60, 25, 6, 9), k=count)
        words = {self._dependency(kind, names) for kind in kinds}
        if chance.random() < 0.06:
            words.add(f"os:{chance.choice(('win32', 'linux', '!linux'))}")
        if chance.random() < 0.06:
            words.add("tag:next")
        if chance.random() < 0.05:
            words.add("deprecated:old")
        if chance.random() < 0.05:
            words.add("engine:node=>=99")
        return tuple(sorted(words))

    def _project_words(self, names):
        chance = self._chance
        kinds = chance.choices(("dep", "dev", "optional", "peer"), (60, 20, 10, 10), k=chance.randint(1, 5))
        words = {self._dependency(kind, names) for kind in kinds}
        if chance.random() < 0.1:
            words.add(f"override:{chance.choice(names)}={self._range()}")
        return tuple(sorted(words))

    def _changed(self, words, names):
        kept = [word for word in words if self._chance.random() < 0.7]
        return tuple(sorted({*kept, *self._project_words(names)[:2]}))

    def _dependency(self, kind, names):
        name = self._chance.choice(names)
        if self._chance.random() < 0.04:
            return f"{kind}:alias-{self._chance.randint(1, 2)}@npm:{name}@{self._range()}"
        return f"{kind}:{name}@{self._range()}"

    def _range(self):
        chance = self._chance
        version = chance.choice(VERSIONS)
        major = version.partition(".")[0]
        weights = {
            f"^{version}": 6, f"^{major}": 6, f"~{version}": 2, version: 2, "*": 5, f">={version}": 2, f"<={version}": 1,
            f"{major}.x": 2, "latest": 1, "next": 1, "^1 || ^2": 2,
        }
        return chance.choices([*weights], [*weights.values()])[0]


class Oracle:
    """npm's tree builder in a process of its own, begun anew when a case drives it in circles."""

    def __init__(self, options):
        self._command = [options.node, HERE / "tree_oracle.js", options.npm]
        self._process = None

    def ask(self, job):
        """The error's code, "ok", or what else came of it."""
        if not self._process:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        print(json.dumps(job), file=self._process.stdin, flush=True)
        if select.select([self._process.stdout], [], [], ORACLE_LIMIT_SEC)[0]:
            return json.loads(self._process.stdout.readline())
        self.close()
        return "no answer"

    def close(self):
        if self._process:
            self._process.kill()
            self._process.communicate()
        self._process = None


class Bench:
    """Both programs, ready to resolve one case after the other."""

    def __init__(self, options):
        self._cpm = options.cpm
        self._oracle = Oracle(options)

    def close(self):
        self._oracle.close()

    def difference(self, case):
        """What differs, in words; None when nothing does."""
        with tempfile.TemporaryDirectory(prefix="cpm-tree-") as temp, Registry() as registry:
            for spec, words in case.packages:
                registry.add([spec, *words])
            sides = [Side(Path(temp) / name, registry.url) for name in ("npm", "cpm")]
            for words in case.projects:
                for side in sides:
                    side.want(words)
                wanted = self._ask_npm(sides[0], case.flag)
                if not _CODE.fullmatch(wanted[0]):  # npm itself fell over, or goes in circles
                    return None
                got = self._ask_cpm(sides[1], case.flag)
                if got != wanted:
                    return explain(wanted, got)
                if wanted[0] != "ok":
                    return None
        return None

    def _ask_npm(self, side, flag):
        job = {"path": str(side.project), "cache": str(side.root / "cache"), "registry": side.registry_url}
        return self._oracle.ask(job | FLAGS.get(flag, {})), side.lockfile()

    def _ask_cpm(self, side, flag):
        command = [*self._cpm, "install", "--package-lock-only", *([flag] if flag else [])]
        done = subprocess.run(
            command, cwd=side.project, env=side.env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=RUN_LIMIT_SEC, check=False,
        )
        code = re.search(r"error code (\S+)", done.stderr)
        outcome = "ok" if done.returncode == 0 else code.group(1) if code else done.stderr[-400:]
        return outcome, side.lockfile()


class Side:
    """One program's copy of the project, and its surroundings."""

    def __init__(self, root, registry_url):
        self.root = root
        self.registry_url = registry_url
        self.project = root / "project"
        self.project.mkdir(parents=True)
        self.env = isolate(root, registry_url)

    def want(self, words):
        manifest = {"name": "project", "version": "1.0.0"}
        for word in words:
            package.describe(manifest, word)
        (self.project / "package.json").write_text(json.dumps(manifest, indent=2) + "\n")

    def lockfile(self):
        path = self.project / "package-lock.json"
        return path.read_text() if path.exists() else ""


def explain(wanted, got):
    if wanted[0] != got[0]:
        return f"npm says {wanted[0]}, cpm says {got[0]}"
    theirs, ours = ([*json.loads(text)["packages"].items()] if text else [] for text in (wanted[1], got[1]))
    for one, other in zip(theirs, ours):
        if one != other:
            return f"npm locks {json.dumps(one)}, cpm {json.dumps(other)}"
    return f"npm locks {len(theirs)} packages, cpm {len(ours)}, or their layout differs"


def shrink(bench, case):
    """Takes away one word, package or step after the other while the difference stays."""
    smaller = True
    while smaller:
        smaller = next((one for one in reductions(case) if bench.difference(one)), None)
        case = smaller or case
    return case


def reductions(case):
    if case.flag:
        yield replace(case, flag="")
    for index in range(len(case.projects)):
        if len(case.projects) > 1:
            yield replace(case, projects=without(case.projects, index))
    for index in range(len(case.packages)):
        yield replace(case, packages=without(case.packages, index))
    for index, words in enumerate(case.projects):
        for at in range(len(words)):
            yield replace(case, projects=changed(case.projects, index, without(words, at)))
    for index, (spec, words) in enumerate(case.packages):
        for at in range(len(words)):
            yield replace(case, packages=changed(case.packages, index, (spec, without(words, at))))


def without(items, index):
    return items[:index] + items[index + 1 :]


def changed(items, index, item):
    return items[:index] + (item,) + items[index + 1 :]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpm", required=True, type=shlex.split)
    parser.add_argument("--npm", required=True, help="npm's folder")
    parser.add_argument("--node", default=shutil.which("node") or "node")
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    maker, bench, found = Maker(random.Random(options.seed)), Bench(options), 0
    for number in range(options.cases):
        case = maker.case()
        if bench.difference(case):
            found += 1
            small = shrink(bench, case)
            print(f"\n# case {number}: {bench.difference(small)}\n{small.scenario()}", flush=True)
        if found == SHOWN:
            break
    bench.close()
    print(f"{number + 1 - found} passed, {found} failed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
