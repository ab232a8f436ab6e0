#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Kills installs at random moments and looks at what the next run makes of it (threats F1, F36).

    kill_anywhere.py --cpm build/dev/cpm [--kills 10] [--seed N] [--packages 60] [--signal 9]

A project with many small packages is installed once undisturbed, which gives the tree that is wanted and the time it
takes. Then each round starts a run, kills it after a random part of that time, and makes another, which must succeed and
leave exactly the wanted tree. Rounds go through `install` and `ci`, over nothing and over an older tree, mended by each.
"""

import argparse
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from isolation import isolate
from registry import Registry
from tree_listing import list_tree

RUN_LIMIT_SEC = 120
FILES_EACH = 30
COMMANDS = ("install", "ci")


class Workshop:
    """The project in its wanted and in its older state, and runs in it."""

    def __init__(self, root, program, packages):
        self.project = root / "project"
        self.program = program
        self.registry = Registry().__enter__()
        self.env = isolate(root, self.registry.url)
        self.names = [f"package-{number}" for number in range(packages)]
        for name in self.names:
            for version in ("1.0.0", "2.0.0"):
                files = [f"file:lib/file{number}.js={name}-{version}-{number}" for number in range(FILES_EACH)]
                self.registry.add([f"{name}@{version}", f"bin:{name}=lib/file0.js", *files])

    def begin(self, version):
        """An empty project that wants this version of everything."""
        shutil.rmtree(self.project, ignore_errors=True)
        self.project.mkdir()
        self.want(version)

    def want(self, version):
        wanted = ", ".join(f'"{name}": "{version}"' for name in self.names)
        manifest = '{ "name": "project", "version": "1.0.0", "dependencies": { ' + wanted + " } }\n"
        (self.project / "package.json").write_text(manifest)

    def start(self, *args):
        return subprocess.Popen(
            [*self.program, *args], cwd=self.project, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )

    def run(self, *args):
        process = self.start(*args)
        output, _ = process.communicate(timeout=RUN_LIMIT_SEC)
        if process.returncode:
            raise SystemExit(f"'{' '.join(args)}' failed with {process.returncode}:\n{output}")

    def tree(self):
        return list_tree(self.project / "node_modules", self.registry.url, "{registry}")


def main():
    options = parse_arguments()
    print(f"seed {options.seed}")
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="cpm-kill-") as root:
        workshop = Workshop(Path(root), options.cpm, options.packages)
        lockfile, wanted, took_sec = learn(workshop)
        failures = 0
        for number in range(options.kills):
            command, over_old_tree, mender = COMMANDS[number % 2], number // 2 % 2 == 1, COMMANDS[1 - number // 4 % 2]
            prepare(workshop, lockfile, over_old_tree)
            at_sec = chance.uniform(0, took_sec)
            ended = kill(workshop.start(command), at_sec, options.signal)
            workshop.run(mender)
            is_whole = workshop.tree() == wanted
            failures += not is_whole
            where = "an old tree" if over_old_tree else "nothing"
            verdict = "whole" if is_whole else "NOT WHOLE"
            print(f"{command} over {where}, {'killed' if ended else 'done'} at {at_sec:.3f} s, then {mender}: {verdict}", flush=True)
        print(f"{options.kills - failures} passed, {failures} failed")
        return 1 if failures else 0


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpm", required=True, type=shlex.split)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--packages", type=int, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--signal", type=int, default=signal.SIGKILL)
    return parser.parse_args()


def learn(workshop):
    """The lockfile and the tree of an undisturbed run, and how long one takes when everything is cached."""
    workshop.begin("2.0.0")
    workshop.run("install")
    lockfile = (workshop.project / "package-lock.json").read_text()
    wanted = workshop.tree()
    shutil.rmtree(workshop.project / "node_modules")
    begin = time.monotonic()
    workshop.run("ci")
    took_sec = time.monotonic() - begin
    if workshop.tree() != wanted:
        raise SystemExit("install and ci give different trees")
    return lockfile, wanted, took_sec


def prepare(workshop, lockfile, over_old_tree):
    workshop.begin("1.0.0")
    if over_old_tree:
        workshop.run("install")
    workshop.want("2.0.0")
    (workshop.project / "package-lock.json").write_text(lockfile)


def kill(process, at_sec, number):
    """True when the process was still at work."""
    time.sleep(at_sec)
    alive = process.poll() is None
    if alive:
        os.killpg(process.pid, number)
    process.communicate(timeout=RUN_LIMIT_SEC)
    return alive


if __name__ == "__main__":
    sys.exit(main())
