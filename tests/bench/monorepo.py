#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A monorepo of 200 members with 2,000 packages, the same on every machine, and how long it takes to install it, to find
that nothing is to be done, and to run a script in all members.

    monorepo.py make FOLDER                                  # FOLDER/store and FOLDER/project
    monorepo.py run --rivals TOOLS --cpm PROGRAM --work /dev/shm/monorepo [--out result.json]
"""

import argparse
import gzip
import json
import random
import shutil
import sys
from pathlib import Path

import measure
import report
import server
import states
import tools

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import recording  # noqa: E402  (the path above must come first)
import package  # noqa: E402

MEMBERS, PACKAGES = 200, 2000
LAYERS = 8  # members of one layer need members of the layers below
NEEDED_MEMBERS, NEEDED_PACKAGES = 3, 10
DEFAULT_TOOLS = "cpm,bun,pnpm,npm"
RUN = "run build"  # beside the states of an install: the script in all members
STATES = ("nothing", "cache+lockfile", "all", RUN)


def package_name(number):
    return f"dep-{number:04}"


def member_name(number):
    return f"@mono/m{number:03}"


def member_folder(number):
    return f"packages/m{number:03}"


def make_store(folder):
    """Packages of a few small files, each needing up to three with higher numbers, as a recorded registry."""
    chance = random.Random(1)
    for path in ("packuments", "tarballs"):
        (folder / path).mkdir(parents=True)
    for number in range(PACKAGES):
        name = package_name(number)
        one = package.Package(name, "1.0.0")
        above = range(number + 1, min(number + 60, PACKAGES))
        for needed in sorted(chance.sample(above, min(len(above), chance.randrange(4)))):
            one.add_word(f"dep:{package_name(needed)}@^1.0.0")
        for text in range(4):
            one.add_word(f"file:lib/file{text}.js={'// ' + name + chr(10)} {'x' * chance.randrange(200, 4000)}")
        tarballs = folder / "tarballs" / name / "-"
        tarballs.mkdir(parents=True)
        (tarballs / one.file_name).write_bytes(one.tarball())
        document = {"name": name, "dist-tags": {"latest": "1.0.0"}, "modified": package.FIRST_PUBLISHED, "versions": {"1.0.0": one.document(recording.PLACEHOLDER + "/")}}
        (folder / "packuments" / f"{name}.json.gz").write_bytes(gzip.compress(json.dumps(document).encode(), mtime=0))


def make_project(folder):
    """Members in layers; together they need every package."""
    chance = random.Random(2)
    width = MEMBERS // LAYERS
    share = PACKAGES // MEMBERS
    for number in range(MEMBERS):
        below = range(number // width * width)
        needs = {member_name(one): "^1.0.0" for one in chance.sample(below, min(len(below), NEEDED_MEMBERS))}
        own = range(number * share, (number + 1) * share)
        needs |= {package_name(one): "^1.0.0" for one in own[:NEEDED_PACKAGES]}
        write_json(folder / member_folder(number) / "package.json",
                   {"name": member_name(number), "version": "1.0.0", "private": True, "scripts": {"build": ":"},
                    "dependencies": dict(sorted(needs.items()))})
    write_json(folder / "package.json", {"name": "monorepo", "version": "1.0.0", "private": True, "workspaces": ["packages/*"]})
    (folder / "pnpm-workspace.yaml").write_text("packages:\n  - 'packages/*'\nlinkWorkspacePackages: true\n")


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")


def make(folder):
    shutil.rmtree(folder, ignore_errors=True)
    make_store(folder / "store")
    make_project(folder / "project")


class MonorepoPlace(states.Workplace):
    """A work folder whose members keep their node_modules with the root's."""

    def prepare(self, tool, state):
        if not self.project.exists():
            shutil.copytree(self._source, self.project)
        if not state.has_tree:
            for folder in sorted(self.project.glob("packages/*/node_modules")):
                self.set_aside(folder)
        super().prepare(tool, state)

    def missing_packages(self):
        """Members without a way to one of their packages."""
        return [folder.name for folder in sorted(self.project.glob("packages/*")) if not self._is_complete(folder)]

    def _is_complete(self, folder):
        needs = json.loads((folder / "package.json").read_text())["dependencies"]
        places = (folder / "node_modules", self.project / "node_modules")
        return all(any((place / name / "package.json").is_file() for place in places) for name in needs)


class Bench:
    def __init__(self, words, base, served):
        self._environment = tools.clean_environment(base)
        self._traffic = served.traffic
        self.places, self.tools = {}, {}
        for name in words.tools.split(","):
            place = MonorepoPlace(base / "work", name, base / "made" / "project")
            self.places[name] = place
            self.tools[name] = tools.make(name, served.url, str(place.cache), words.rivals, words.cpm, False)

    def prime(self):
        for name, tool in self.tools.items():
            self.places[name].prepare(tool, states.by_name(["nothing"])[0])
            sample = self._time(name, tool.install)
            print(f"# first run of {name}: {sample.wall_sec:.2f} s", file=sys.stderr, flush=True)
            if sample.status:
                raise SystemExit(sample.output[-2000:])
            self.places[name].keep_lock(tool)

    def round_robin(self, rounds, one):
        """@one(name) gives a row; the first turn warms file caches up and does not count."""
        cells = {name: [] for name in self.tools}
        for turn in range(rounds + 1):
            for name in self.tools:
                row = one(name)
                if turn:
                    cells[name].append(row)
        return cells

    def timing_of(self, state):
        if state == RUN:
            return self.run_script
        return lambda name: self.install(name, states.by_name([state])[0])

    def install(self, name, state):
        tool, place = self.tools[name], self.places[name]
        place.prepare(tool, state)
        sample = self._time(name, tool.frozen if state.is_frozen else tool.install)
        return self._row(sample, sample.status or place.missing_packages())

    def run_script(self, name):
        sample = self._time(name, self.tools[name].run_members)
        return self._row(sample, sample.status)

    def _row(self, sample, problem):
        row = sample.as_row()
        if problem:
            row["refused"] = f"{problem}: {sample.output[-300:]}"
            print(f"# {row['refused']}", file=sys.stderr)
        return row

    def _time(self, name, words):
        return measure.run(words, self.places[name].project, self._environment | self.tools[name].environment, self._traffic)


def run(words):
    base = Path(words.work)
    shutil.rmtree(base, ignore_errors=True)
    make(base / "made")
    with server.StaticServer(base / "made" / "store", words.port) as served:
        bench = Bench(words, base, served)
        bench.prime()
        results = {"project": "monorepo", "rounds": words.rounds, "tools": list(bench.tools), "cells": {}}
        print("| state | " + " | ".join(bench.tools) + " | ratio |", flush=True)
        for name in words.states.split(","):
            results["cells"][name] = bench.round_robin(words.rounds, bench.timing_of(name))
            print(report.row(name, {tool: report.summarise(cell) for tool, cell in results["cells"][name].items()}), flush=True)
    if words.out:
        Path(words.out).write_text(json.dumps(results, indent=1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("make")
    one.add_argument("folder", type=Path)
    one.set_defaults(run=lambda words: make(words.folder))
    one = commands.add_parser("run")
    one.add_argument("--tools", default=DEFAULT_TOOLS)
    one.add_argument("--rivals", required=True)
    one.add_argument("--cpm", default="cpm")
    one.add_argument("--work", required=True)
    one.add_argument("--rounds", type=int, default=5)
    one.add_argument("--states", default=",".join(STATES))
    one.add_argument("--port", type=int, default=4876)
    one.add_argument("--out", help="keep the samples as JSON")
    one.set_defaults(run=run)
    words = parser.parse_args()
    words.run(words)


if __name__ == "__main__":
    main()
