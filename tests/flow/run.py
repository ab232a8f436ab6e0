#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs flow scenarios against a cpm binary, or against npm itself to see that a scenario tells the truth.

    run.py --cpm build/dev/cpm                       all scenarios
    run.py --cpm build/dev/cpm install/first.test    some
    run.py --cpm 'node .../npm-cli.js' --peer        npm, which may fail where a scenario has a line `differs`

Exit status: 0 all hold, 1 some do not, 77 nothing could be run here.
"""

import argparse
import ctypes
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import actions
import checks
import scenario as scenarios
import terminal
from world import World

PASSED, FAILED, SKIPPED = 0, 1, 77
IN_NAMESPACE = "CPM_FLOW_IN_NAMESPACE"


def main():
    options = parse_arguments()
    files = options.files or sorted(HERE.glob("*/*.test"))
    if len(files) == 1:
        return run_one(files[0], options)
    with ThreadPoolExecutor(options.jobs) as pool:
        statuses = list(pool.map(lambda file: run_in_process(file, options), files))
    print(f"{statuses.count(PASSED)} passed, {statuses.count(FAILED)} failed, {statuses.count(SKIPPED)} skipped")
    return FAILED if FAILED in statuses else PASSED


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpm", required=True, help="the program, with leading arguments if it takes any")
    parser.add_argument("--peer", action="store_true", help="the program is npm: scenarios that differ must fail")
    parser.add_argument("--signer", help="the program that signs packages (support/signer.c); else such scenarios are skipped")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("-v", "--verbose", action="store_true", help="show what the runs printed even where all holds")
    parser.add_argument("files", nargs="*", type=Path)
    return parser.parse_args()


def run_in_process(file, options):
    """A scenario may need its own user, mounts or time limit: each gets a process."""
    flags = ["--peer"] * options.peer + ["--verbose"] * options.verbose
    flags += ["--signer", options.signer] if options.signer else []
    done = subprocess.run(
        [sys.executable, __file__, "--cpm", options.cpm, *flags, file], capture_output=True, text=True, check=False
    )
    print(done.stdout + done.stderr, end="", flush=True)
    return done.returncode if done.returncode in (PASSED, SKIPPED) else FAILED


def run_one(file, options):
    scenario = scenarios.read(file)
    name = f"{file.resolve().parent.name}/{file.stem}"
    if reason := lacks(scenario, options):
        print(f"skipped {name}: {reason}")
        return SKIPPED
    if scenario.has("space") and IN_NAMESPACE not in os.environ:
        return enter_namespace(name)
    failure = play(scenario, options)
    differs = scenario.first("differs") if options.peer else None
    if differs and not failure:
        failure = f"{file}:{differs.number}: npm does not differ"
    elif differs:
        print(f"ok      {name}: npm differs: {' '.join(differs.args)}")
        return PASSED
    print(f"{'FAILED ' if failure else 'ok     '} {name}: {scenario.claim}")
    if failure:
        print(failure)
    return FAILED if failure else PASSED


def lacks(scenario, options):
    """What cannot be had here that the scenario needs, or None."""
    if scenario.has("sandbox") and not can_confine():
        return "this kernel cannot confine scripts"
    if scenario.has("signing") and not Path(options.signer or "nowhere").exists():
        return "needs --signer, the program that signs"
    if scenario.has("types") and not terminal.can_open():
        return "no terminals can be opened"
    return None


def can_confine():
    """Landlock that also guards against truncating, asked as the program itself asks."""
    create_ruleset, want_version = 444, 1
    version = ctypes.CDLL(None).syscall(create_ruleset, None, ctypes.c_size_t(0), want_version)
    return version >= 3 and os.uname().machine in ("x86_64", "aarch64")


def enter_namespace(name):
    """Starts over where mounting is allowed and seen by nobody else."""
    unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    try:
        probe = subprocess.run([*unshare, "true"], capture_output=True, text=True, check=False)
        reason = probe.stderr.strip() if probe.returncode else None
    except FileNotFoundError:
        reason = "there is no unshare(1)"
    if reason:
        print(f"skipped {name}: cannot mount a small file system: {reason}")
        return SKIPPED
    os.environ[IN_NAMESPACE] = "1"
    os.execvp(unshare[0], [*unshare, sys.executable, *sys.argv])


def play(scenario, options):
    """Goes through the lines; gives the failure as text, or None."""
    world = World(shlex.split(options.cpm), options.signer)
    try:
        for line in scenario.lines:
            step(world, line)
    except (checks.CheckFailed, scenarios.ScenarioError) as error:
        return f"{scenario.path}:{line.number}: {line.word}: {error}\n{transcript(world)}"
    finally:
        if options.verbose:
            print(transcript(world))
        world.close()
    return None


def step(world, line):
    if line.word == "differs":
        return
    action = actions.WORDS.get(line.word) or checks.WORDS.get(line.word)
    if not action:
        raise scenarios.ScenarioError("no such word")
    if action is checks.WORDS.get(line.word) and not world.run:
        raise scenarios.ScenarioError("nothing was run yet")
    filled = scenarios.Line(line.number, line.word, [*map(world.expand, line.args)], [*map(world.expand, line.body)])
    action(world, filled)
    if world.run:
        checks.sound(world)


def transcript(world):
    """What a person needs to see why a scenario failed."""
    if not world.run:
        return ""
    asked = world.registry.requests[world.run.first_request :]
    parts = [f"exit status {world.run.exit}", "--- stdout", world.run.stdout, "--- stderr", world.run.stderr]
    parts += ["--- requests", *(f"{request.method} {request.path}" for request in asked)]
    return "\n".join(part.rstrip("\n") for part in parts)


if __name__ == "__main__":
    sys.exit(main())
