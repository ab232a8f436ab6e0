#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares cpm with a real npm on small random registries and projects: error codes, lockfiles, package.json, and for
some what lies in node_modules.

    tree_differential.py --cpm build/dev/cpm --npm FOLDER_OF_NPM [--cases 500] [--seed N] [--node PROGRAM]

A case is a flow scenario without checks (see tree_cases.py): a registry, a project, and a few commands one after the
other. A difference is shrunk to the fewest words that still show it and printed in that form.
"""

import argparse
import json
import os
import random
import re
import select
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

import package
from isolation import isolate
from registry import Registry
from tree_cases import LOCK_ONLY, Maker, reductions

HERE = Path(__file__).resolve().parent
RUN_LIMIT_SEC = 60
ORACLE_LIMIT_SEC = 10
SHOWN = 5
HIDDEN_LOCK = "node_modules/.package-lock.json"
OURS = {".cpm-state"}  # what cpm keeps in node_modules for itself
# Neither side may say more than what the lines below compare; nothing is kept for later.
QUIET = "loglevel=silent\nlogs-max=0\n"

_CODE = re.compile(r"ok|E[A-Z0-9_]+")
_OURS_ONLY = "ENOTSUP"  # cpm says so where it does not know how; counted, not compared
_NPM_BROKE_IT = "npm:null@"  # what npm saves for an optional package that it could not get


class Oracle:
    """npm in a process of its own, begun anew when a case drives it in circles."""

    def __init__(self, options):
        self._command = [options.node, HERE / "tree_oracle.js", options.npm]
        self._process = None

    def ask(self, job):
        """The error's code, "ok", or what else came of it; and the report of a peer conflict."""
        if not self._process:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
        print(json.dumps(job), file=self._process.stdin, flush=True)
        line = ""
        if select.select([self._process.stdout], [], [], ORACLE_LIMIT_SEC)[0]:
            line = self._process.stdout.readline()
        if line:
            answer = json.loads(line)
            return answer["code"], answer["report"]
        self.close()
        return "no answer", ""

    def close(self):
        if self._process:
            self._process.kill()
            self._process.communicate()
        self._process = None


class Side:
    """One program's copy of the project, and its surroundings."""

    def __init__(self, root, registry_url):
        self.root = root
        self.project = root / "project"
        self.project.mkdir(parents=True)
        self.env = isolate(root, registry_url, QUIET)

    def act(self, word, args):
        """Carries out a line that is no run."""
        if word == "manifest":
            self._write("package.json", manifest_of("project", args))
        elif word == "member":
            self._write(f"{args[0]}/package.json", manifest_of(Path(args[0]).name, args[1:]))
        elif word == "delete":
            path = self.project / args[0]
            shutil.rmtree(path, ignore_errors=True)
            path.unlink(missing_ok=True)

    def _write(self, name, document):
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=2) + "\n")

    def state(self):
        """What the run left behind, as text by name."""
        names = ("package-lock.json", HIDDEN_LOCK, "package.json")
        texts = {name: (self.project / name).read_text() for name in names if (self.project / name).exists()}
        for path in self.project.glob("packages/*/package.json"):
            texts[str(path.relative_to(self.project))] = path.read_text()
        return texts | {"node_modules": "\n".join(self._installed())}

    def _installed(self):
        top = self.project / "node_modules"
        for folder, names, files in os.walk(top):
            for name in sorted(names + files):
                if name in OURS:
                    continue
                path = Path(folder) / name
                target = f" -> {os.readlink(path)}" if path.is_symlink() else ""
                yield f"{path.relative_to(top)}{target}"


def manifest_of(name, words):
    manifest = {"name": name, "version": "1.0.0"}
    for text in words:
        package.describe(manifest, text)
    return manifest


def play(case, registry, sides, compare_run):
    """Carries out a case on both sides, as far as `compare_run` lets it: that says whether the case ends, and what differs."""
    for word, *args in case:
        if word == "registry":
            registry.add(args)
        elif word != "run":
            for side in sides:
                side.act(word, args)
        else:
            is_over, found = compare_run(sides, args)
            if is_over:
                return found
    return None


class Bench:
    """Both programs, ready to run one case after the other."""

    def __init__(self, options):
        self._cpm = options.cpm
        self._oracle = Oracle(options)
        self.skipped = 0

    def close(self):
        self._oracle.close()

    def difference(self, case):
        """What differs, in words; None when nothing does."""
        with tempfile.TemporaryDirectory(prefix="cpm-tree-") as temp, Registry() as registry:
            sides = [Side(Path(temp) / name, registry.url) for name in ("npm", "cpm")]
            return play(case, registry, sides, self._compare_run)

    def _compare_run(self, sides, args):
        """Whether the case ends here, and the difference."""
        theirs, wanted_report = self._ask_npm(sides[0], args)
        if not _CODE.fullmatch(theirs) or theirs == "ENOENT":  # npm itself fell over, or goes in circles
            self.skipped += 1
            return True, None
        ours, report = self._ask_cpm(sides[1], args)
        if ours == _OURS_ONLY:
            self.skipped += 1
            return True, None
        if theirs != ours:
            return True, f"npm says {theirs}, cpm says {ours}"
        if wanted_report != report:
            return True, f"npm reports\n{wanted_report}\ncpm reports\n{report}"
        states = [side.state() for side in sides]
        if LOCK_ONLY in args:  # npm then writes into node_modules what is not there
            for state in states:
                state.pop(HIDDEN_LOCK, None)
        if _NPM_BROKE_IT in states[0].get("package.json", ""):
            self.skipped += 1
            return True, None
        found = explain(*states)
        return bool(found) or theirs != "ok", found

    def _ask_npm(self, side, args):
        return self._oracle.ask({"args": args, "cwd": str(side.project), "env": side.env})

    def _ask_cpm(self, side, args):
        done = subprocess.run(
            [*self._cpm, *args, "--loglevel=error"], cwd=side.project, env=side.env, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=RUN_LIMIT_SEC, check=False,
        )
        code = re.search(r"error code (\S+)", done.stderr)
        return "ok" if done.returncode == 0 else code.group(1) if code else done.stderr[-600:], report_of(done.stderr)


def report_of(text):
    """The conflict's explanation, as npm words it, out of all that cpm printed."""
    match = re.search(r"npm error ERESOLVE .*\nnpm error\n((?:npm error.*\n)*?)(?:npm error\n){2}", text)
    return re.sub(r"^npm error ?", "", match.group(1), flags=re.M).rstrip("\n") if match else ""


def explain(theirs, ours):
    """The first difference between two states, in words; None when there is none."""
    for name in [*theirs, *(name for name in ours if name not in theirs)]:
        if theirs.get(name) != ours.get(name):
            return f"{name}: {explain_file(theirs.get(name), ours.get(name))}"
    return None


def explain_file(theirs, ours):
    if theirs is None or ours is None:
        return "only npm has it" if ours is None else "only cpm has it"
    is_lock = theirs.startswith("{") and '"packages"' in theirs and '"packages"' in ours
    pairs = [[*json.loads(text)["packages"].items()] if is_lock else text.splitlines() for text in (theirs, ours)]
    for one, other in zip(*pairs):
        if one != other:
            return f"npm has {json.dumps(one)}, cpm {json.dumps(other)}"
    return f"npm has {len(pairs[0])} entries, cpm {len(pairs[1])}, or their layout differs"


def shrink(bench, case):
    """Takes away one word or line after the other while the difference stays."""
    smaller = True
    while smaller:
        smaller = next((one for one in reductions(case) if bench.difference(one)), None)
        case = smaller or case
    return case


def scenario(case):
    return "\n".join(f"{word:<10} {shlex.join(args)}".rstrip() for word, *args in case)


def parse_scenario(text):
    return tuple(tuple(shlex.split(line)) for line in text.splitlines() if line and not line.startswith("#"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpm", required=True, type=shlex.split)
    parser.add_argument("--npm", required=True, help="npm's folder")
    parser.add_argument("--node", default=shutil.which("node") or "node")
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--show", type=int, default=SHOWN, help="differences to stop after")
    parser.add_argument("--replay", type=Path, help="a file with one case, as printed here")
    options = parser.parse_args()
    bench = Bench(options)
    if options.replay:
        print(bench.difference(parse_scenario(options.replay.read_text())))
        bench.close()
        return 0
    print(f"seed {options.seed}", flush=True)
    maker, found = Maker(random.Random(options.seed)), 0
    for number in range(options.cases):
        case = maker.case()
        if bench.difference(case):
            found += 1
            small = shrink(bench, case)
            print(f"\n# case {number}: {bench.difference(small)}\n{scenario(small)}", flush=True)
        if found == options.show:
            break
    bench.close()
    print(f"{number + 1 - found} passed, {found} failed; {bench.skipped} times one side could not tell")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
