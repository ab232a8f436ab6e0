#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares `audit` and `audit fix` of cpm with those of a real npm: what is printed, exit statuses, package.json files
and the lockfile. All advisories are made up, of the shapes that a real registry answers with.

    audit_differential.py --cpm build/dev/cpm --npm FOLDER_OF_NPM --recordings FOLDER [--only NAME,...] [--seed N]
    audit_differential.py --cpm build/dev/cpm --npm FOLDER_OF_NPM --cases 200 [--seed N]

The first form takes lockfiles of real projects, with the packuments that belong to them: FOLDER/corpus/NAME/package.json,
FOLDER/golden/NAME/package-lock.json and FOLDER/store/packuments/NAME.json.gz. The second makes small random registries
and projects, as tree_differential.py does. Both sides ask the same loopback registry.
"""

import argparse
import gzip
import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import audit_cases
from faults import Answer
from isolation import isolate
from loopback import LoopbackServer, json_answer
from registry import ABBREVIATED_TYPE, ADVISORIES_PATH, Registry
from tree_cases import LOCK_ONLY, Maker
from tree_differential import manifest_of, scenario

RUN_LIMIT_SEC = 200
RECORDED_URL = "http://127.0.0.1:4873/"  # where recorded lockfiles say that tarballs are
SETTINGS = "loglevel=warn\nlogs-max=0\n"

# What is compared, one after the other; each begins with the project as it was.
RUNS = [
    ("audit",),
    ("audit", "--json"),
    ("audit", "--omit=dev", "--audit-level=critical"),
    ("audit", "fix", "--dry-run"),
    ("audit", "fix", "--dry-run", "--json"),
    ("audit", "fix", LOCK_ONLY),
    ("audit", "fix", LOCK_ONLY, "--json", "--omit=dev"),
    ("audit", "fix", LOCK_ONLY, "--force"),
]


class Recording(LoopbackServer):
    """A recorded registry, and advisories beside it."""

    def __init__(self, store, advisories):
        super().__init__()
        self._store = store
        self._advisories = advisories

    def serve(self, method, path, headers):
        if method == "POST" and path.endswith(ADVISORIES_PATH):
            return json_answer(self._advisories)
        text = packument_text(self._store, path[1:])
        if text is None:
            return json_answer({"error": "Not found"}, 404)
        body = gzip.compress(text.replace("@@REG@@/", self.url).encode(), 1)
        return Answer(body=body, headers={"content-type": ABBREVIATED_TYPE, "content-encoding": "gzip",
                                          "cache-control": "public, max-age=300"})


def packument_text(store, name):
    path = store / "packuments" / (name.replace("/", "%2f") + ".json.gz")
    return gzip.decompress(path.read_bytes()).decode() if path.is_file() else None


class Side:
    """One program, its surroundings and its copy of the project."""

    def __init__(self, root, registry_url, command):
        self._project = root / "project"
        self._original = root / "original"
        self._command = command
        root.mkdir()
        self._env = isolate(root, registry_url, SETTINGS)

    def start(self, fill):
        """Makes the project, which every run begins with."""
        self._original.mkdir()
        fill(self._original)

    def prepare(self, args):
        """Runs in the original itself; false when that fails, or never ends, as npm may with overrides."""
        try:
            return self._run(self._original, args).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def audit(self, args):
        """Everything that came of it, by name."""
        shutil.rmtree(self._project, ignore_errors=True)
        # npm remembers what it made of an advisory, and the second time comes to other results for aliases.
        shutil.rmtree(Path(self._env["npm_config_cache"]) / "_cacache", ignore_errors=True)
        shutil.copytree(self._original, self._project, symlinks=True)
        done = self._run(self._project, args)
        found = {"exit status": str(done.returncode), "stdout": shown(done.stdout, args), "stderr": warnings(done.stderr)}
        for path in sorted(self._project.rglob("package*.json")):
            if "node_modules" not in path.parts:
                found[str(path.relative_to(self._project))] = path.read_text()
        return found

    def _run(self, folder, args):
        return subprocess.run(
            [*self._command, *args], cwd=folder, env=self._env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=RUN_LIMIT_SEC, check=False,
        )


def shown(text, args):
    """Without times and the place of this run. In a dry run npm shows places in the tree as it would be, among them none
    at all and some of packages that were only considered; cpm shows where the packages are."""
    text = re.sub(r" in \d+(ms|[smh])$", " in TIME", text, flags=re.M)
    text = re.sub(r'"/[^"]*?/project/', '"/PROJECT/', text)
    if "--dry-run" in args and "--json" in args:
        text = re.sub(r'"nodes": \[[^\]]*\]|"isDirect": \w+', "", text)
    elif "--dry-run" in args:
        text = re.sub(r"^ *(\S*node_modules/\S+)?\n", "", text, flags=re.M)
    return text


def warnings(text):
    """What was said about the audit; each once, since npm repeats itself, and in any order, since npm works on several at once."""
    lines = re.findall(r"^npm (?:warn|error) audit .*(?:\n(?!npm ).*)*", text, flags=re.M)
    code = re.search(r"^npm error code .*", text, flags=re.M)
    return "\n".join(sorted(set(lines)) + ([code.group()] if code else []))


class Bench:
    def __init__(self, options):
        self._keep = options.keep
        npm = [options.node, "--require", str(HERE / "npm_in_order.cjs"), str(Path(options.npm) / "bin" / "npm-cli.js")]
        self._commands = {"npm": npm, "cpm": options.cpm}

    def compare(self, registry, fill, runs, before=()):
        """The first difference of each run, as (arguments, words)."""
        with tempfile.TemporaryDirectory(prefix="cpm-audit-") as temp:
            sides = [Side(Path(temp) / name, registry.url, command) for name, command in self._commands.items()]
            for side in sides:
                side.start(fill)
            for args in before:
                if not all([side.prepare(args) for side in sides]):
                    return None
            found = []
            for args in runs:
                results = self._compare_run(*sides, args)
                if self._keep:
                    keep(self._keep / "_".join(args).replace("/", "-"), results)
                found += [(args, words) for words in differences(*results)]
            return found

    def _compare_run(self, npm, cpm, args):
        """What both make of it."""
        ours = cpm.audit(args)
        try:
            return npm.audit(args), ours
        except subprocess.TimeoutExpired:
            print(f"    {shlex.join(args)}: npm does not end", flush=True)
            return ours, ours


def keep(folder, results):
    """For a diff by hand."""
    for side, result in zip(("npm", "cpm"), results):
        for name, text in result.items():
            path = folder / side / name.replace("/", "-")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def differences(theirs, ours):
    for name in [*theirs, *(name for name in ours if name not in theirs)]:
        one, other = theirs.get(name), ours.get(name)
        if one != other:
            yield f"{name}: {explain(one, other)}"


def explain(theirs, ours):
    if theirs is None or ours is None:
        return "only npm has it" if ours is None else "only cpm has it"
    lines = [text.splitlines() for text in (theirs, ours)]
    for number, (one, other) in enumerate(zip(*lines), 1):
        if one != other:
            return f"line {number}: npm has {one!r}, cpm {other!r}"
    return f"npm has {len(lines[0])} lines, cpm {len(lines[1])}: {[*lines[0], *lines[1]][-1:]}"


# ---- recorded projects ----

def recorded_case(folder, name, chance):
    """The advisories of a case, and what makes its project."""
    lock = (folder / "golden" / name / "package-lock.json").read_text()
    manifest = json.loads((folder / "corpus" / name / "package.json").read_text())
    overridden = manifest.get("overrides", {})
    advisories = audit_cases.of_lock(
        json.loads(lock), overridden, chance, lambda package: versions_of(folder / "store", package)
    )

    def fill(url):
        def copy(project):
            shutil.copytree(folder / "corpus" / name, project, dirs_exist_ok=True)
            (project / "package-lock.json").write_text(lock.replace(RECORDED_URL, url))

        return copy

    return advisories, fill


def versions_of(store, name):
    text = packument_text(store, name)
    return [*json.loads(text)["versions"]] if text else []


def compare_recordings(bench, options):
    folder, failed = options.recordings, 0
    names = options.only or sorted(path.parent.name for path in folder.glob("golden/*/package-lock.json"))
    for name in names:
        advisories, fill = recorded_case(folder, name, random.Random(f"{options.seed} {name}"))
        with Recording(folder / "store", advisories) as registry:
            found = bench.compare(registry, fill(registry.url), options.runs or RUNS)
        failed += bool(found)
        print(f"{'FAILED' if found else 'ok'}  {name}: {sum(map(len, advisories.values()))} advisories", flush=True)
        for args, words in found:
            print(f"    {shlex.join(args)}: {words}", flush=True)
    return len(names), failed


# ---- random projects ----

def random_case(chance):
    """Lines as tree_differential.py has them, and advisories about their packages."""
    lines = Maker(chance).case()
    first_run = next(index for index, line in enumerate(lines) if line[0] == "run")
    lines = lines[: first_run]
    return lines, audit_cases.of_packages({line[1] for line in lines if line[0] == "registry"}, chance)


def compare_random(bench, options):
    chance, failed, number = random.Random(options.seed), 0, 0
    for number in range(1, options.cases + 1):
        lines, advisories = random_case(chance)
        words = compare_one(bench, lines, advisories, options.runs or RUNS)
        if words:
            failed += 1
            lines, advisories = shrink(bench, lines, advisories, words[0][0])
            show_case(number, lines, advisories, compare_one(bench, lines, advisories, [words[0][0]]))
        if failed == options.show:
            break
    return number, failed


def compare_one(bench, lines, advisories, runs):
    """Nothing where the project cannot even be installed."""
    with Registry() as registry:
        for word, *args in lines:
            if word == "registry":
                registry.add(args)
        for name, said in advisories:
            registry.warn(name, said)

        def fill(project):
            for word, *args in lines:
                if word == "manifest":
                    write(project / "package.json", manifest_of("project", args))
                elif word == "member":
                    write(project / args[0] / "package.json", manifest_of(Path(args[0]).name, args[1:]))

        with_remote = "--allow-remote=all"
        return bench.compare(registry, fill, [(*run, with_remote) for run in runs], [("install", LOCK_ONLY, "--no-audit")])


def write(path, document):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n")


def shrink(bench, lines, advisories, run):
    """Takes away lines and advisories while the run still differs."""
    run = tuple(word for word in run if word != "--allow-remote=all")
    smaller = True
    while smaller:
        smaller = False
        for kind in ("lines", "advisories"):
            whole = lines if kind == "lines" else advisories
            for index in range(len(whole) - 1, -1, -1):
                if kind == "lines" and whole[index][0] == "manifest":
                    continue
                less = whole[:index] + whole[index + 1 :]
                one, other = (less, advisories) if kind == "lines" else (lines, less)
                if compare_one(bench, one, other, [run]):
                    lines, advisories, whole, smaller = one, other, less, True
    return lines, advisories


def show_case(number, lines, advisories, words):
    print(f"\n# case {number}")
    print(scenario(lines))
    for name, said in advisories:
        print(f"advisory   {name} {json.dumps(said)}")
    for args, text in words or []:
        print(f"    {shlex.join(args)}: {text}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpm", required=True, type=shlex.split)
    parser.add_argument("--npm", required=True, help="npm's folder")
    parser.add_argument("--node", default=shutil.which("node") or "node")
    parser.add_argument("--recordings", type=Path)
    parser.add_argument("--only", type=lambda text: text.split(","), help="names of recordings")
    parser.add_argument("--cases", type=int, default=0, help="random ones")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--show", type=int, default=5, help="differences to stop after")
    parser.add_argument("--run", dest="runs", action="append", type=lambda text: tuple(shlex.split(text)), help="instead of all")
    parser.add_argument("--keep", type=Path, help="what came of the last project's runs goes to this folder")
    options = parser.parse_args()
    options.cpm[0] = os.path.abspath(options.cpm[0])
    print(f"seed {options.seed}", flush=True)
    compare = compare_recordings if options.recordings else compare_random
    count, failed = compare(Bench(options), options)
    print(f"{count - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
