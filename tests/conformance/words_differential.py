#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs flow scenarios with npm and with cpm, and compares all that either said and left behind after each run.

    words_differential.py --cpm build/dev/cpm --npm 'node .../npm-cli.js' [-k WORD] FILE.test...

Scenarios that say that they differ are left out. The checks of the others are passed over: what npm does is what is wanted. So scenarios for this need nothing but a claim, a
world and runs; those of tests/flow do too, but where they show what only cpm has. Compared are exit status, standard
output, standard error, manifests, lockfiles and every path in the project. Times, where logs are, lists of options, ways out of
conflicts, and what is logged at levels above the usual are left out. words/ has scenarios that only this script runs.
"""

import argparse
import os
import re
import shlex
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE.parent / "flow")]

import actions
import scenario as scenarios
from compare import compare
from tree_listing import list_tree
from world import World

SHOWN_SUFFIXES = ("package.json", "package-lock.json", "npm-shrinkwrap.json", ".npmrc")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpm", required=True, type=shlex.split)
    parser.add_argument("--npm", required=True, type=shlex.split)
    parser.add_argument("-k", help="only scenarios whose path has this in it")
    parser.add_argument("--quiet", action="store_true", help="only the names of those that differ")
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    files = [file for file in options.files if not options.k or options.k in str(file)]
    with ThreadPoolExecutor(2) as pool:
        found = [*pool.map(lambda file: report(file, options), files)]
    print(f"{found.count(False)} the same, {found.count(True)} differ")
    return 1 if any(found) else 0


def report(file, options):
    scenario = scenarios.read(file)
    if any(map(scenario.has, ("space", "signing", "kill", "differs", "runtime"))):
        return None
    text = "".join(differences(scenario, options))
    if text:
        print(f"DIFFERS {file}: {scenario.claim}\n{'' if options.quiet else text}", end="", flush=True)
    return bool(text)


def differences(scenario, options):
    """What differs after each of the runs, as text."""
    worlds = [World([*command]) for command in (options.npm, options.cpm)]
    for world in worlds:  # global packages have a place in there, too
        world.env["npm_config_prefix"] = str(world.root / "prefix")
    try:
        for line in scenario.lines:
            if line.word not in actions.WORDS:
                continue
            for world in worlds:
                act(world, line)
            if line.word == "run":
                theirs, ours = map(result, worlds)
                found = compare(theirs, ours)
                if found:
                    yield f"  {line.number}: {shlex.join(line.args)}\n{found}"
    finally:
        for world in worlds:
            world.close()


def act(world, line):
    try:
        filled = scenarios.Line(line.number, line.word, [*map(world.expand, line.args)], [*map(world.expand, line.body)])
        actions.WORDS[line.word](world, filled)
    except (OSError, scenarios.ScenarioError, KeyError) as error:
        print(f"cannot {line.word}: {error}", file=sys.stderr)


def result(world):
    """What the last run said and left behind, as text by name."""
    run, root = world.run, str(world.root)
    tidied = lambda text: tidy(text, world)
    state = {"exit": f"{run.exit}\n", "stdout": tidied(run.stdout), "stderr": tidied(run.stderr)}
    for folder, names, files in os.walk(world.project):
        names[:] = [name for name in names if name not in (".git", "node_modules")]
        for name in files:
            path = Path(folder) / name
            if name in SHOWN_SUFFIXES and path.is_file():
                state[str(path.relative_to(world.project))] = tidied(path.read_text(errors="backslashreplace"))
    hidden = world.project / "node_modules/.package-lock.json"
    if hidden.exists():
        state["hidden lock"] = tidied(hidden.read_text())
    state["files"] = list_tree(world.project, root, "ROOT") if world.project.exists() else ""
    return {name: re.sub(r"127\.0\.0\.1:\d+", "REGISTRY", text) for name, text in state.items()} | {"files": unlocked(state["files"])}


def unlocked(listing):
    """Lockfiles are shown as text; their digests depend on the registry's port."""
    return "".join(line for line in listing.splitlines(True) if not line.partition("\t")[0].endswith((".package-lock.json", *SHOWN_SUFFIXES)))


def tidy(text, world):
    text = re.sub(r" in \d+(?:\.\d+)?(?:ms|s|m)\b", "", text)
    text = re.sub(r".*A complete log of this run.*\n|.*Log files were not written.*\n|npm error\s+/\S*_logs/\S*\n", "", text)
    text = re.sub(r"^npm error No version of .*?\nnpm error\n(?=npm error code)", "", text, flags=re.M | re.S)
    text = re.sub(r"^(?:npm|cpm) (?:verbose|info|http|silly|timing)\b.*\n", "", text, flags=re.M)
    text = re.sub(r"Usage:.*?Options:.*?Run \\?\W{1,3}npm help", "Usage: Run npm help", text.replace("cpm help", "npm help"), flags=re.S)
    text = re.sub(r"^cpm ", "npm ", text, flags=re.M).replace("`cpm ", "`npm ").replace(world.registry.url.rstrip("/"), "REGISTRY")
    text = re.sub(r"\S*-debug-0\.log", "LOG", text)
    return text.replace(str(world.root), "ROOT")


if __name__ == "__main__":
    sys.exit(main())
