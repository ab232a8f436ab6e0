#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares cpm with npm on a recorded project, byte for byte.

    compare.py record FOLDER --project DIR --registry URL --npm 'node .../npm-cli.js'
    compare.py check FOLDER... --cpm build/dev/cpm
    compare.py check FOLDER... --cpm build/dev/cpm --npm 'node .../npm-cli.js'

`record` runs npm on a project through a recorder. FOLDER then holds

    project/          the project
    registry/         what was asked for, see tests/support/recording.py
    golden/<step>/    package.json, package-lock.json, tree.tsv and, where npm failed, error.txt after each step

`check` runs cpm on that and compares with golden/ or, with --npm, with a fresh run of npm.
"""

import argparse
import difflib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from isolation import isolate
from recording import Recording, RecordingServer
from tree_listing import list_tree

# What every run goes through in one copy of the project, each step on what the one before left.
STEPS = {
    "lock": ["install", "--package-lock-only"],
    "install": ["install"],
    "ci": ["ci"],
    "production": ["ci", "--omit=dev"],
    "again": ["install"],
}

PLACEHOLDER = "{registry}"
STEP_LIMIT_SEC = 300
RECORDING_LIMIT_SEC = 3600  # everything comes from far away then
SHOWN_LINES = 20


def main():
    options = parse_arguments()
    return options.action(options)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    actions = parser.add_subparsers(required=True)
    recorder = actions.add_parser("record")
    recorder.add_argument("folder", type=Path)
    recorder.add_argument("--project", type=Path, help="without it, the project that FOLDER has is recorded again")
    recorder.add_argument("--registry", required=True)
    recorder.add_argument("--npm", required=True, type=shlex.split)
    recorder.set_defaults(action=record)
    checker = actions.add_parser("check")
    checker.add_argument("folders", type=Path, nargs="+")
    checker.add_argument("--cpm", required=True, type=shlex.split)
    checker.add_argument("--npm", type=shlex.split)
    checker.set_defaults(action=check)
    return parser.parse_args()


def record(options):
    folder = options.folder
    if options.project:
        shutil.copytree(options.project, folder / "project", ignore=shutil.ignore_patterns("node_modules"))
    for made in ("registry", "golden"):
        shutil.rmtree(folder / made, ignore_errors=True)
    for step, files in run_steps(folder, options.npm, options.registry).items():
        (folder / "golden" / step).mkdir(parents=True)
        for name, text in files.items():
            (folder / "golden" / step / name).write_text(text)
    print(f"recorded {folder}: {len(Recording(folder / 'registry').names())} packages")
    return 0


def check(options):
    differences = 0
    for folder in options.folders:
        wanted = run_steps(folder, options.npm) if options.npm else read_golden(folder)
        got = run_steps(folder, options.cpm)
        for step, files in wanted.items():
            difference = compare(files, got[step])
            print(f"{'DIFFERS' if difference else 'same   '} {folder.name}: {step}")
            print(difference, end="")
            differences += bool(difference)
    return 1 if differences else 0


def read_golden(folder):
    golden = {step: {file.name: file.read_text() for file in (folder / "golden" / step).glob("*")} for step in STEPS}
    if not all(golden.values()):
        sys.exit(f"{folder} is no complete recording")
    return golden


def compare(wanted, got):
    """What differs, as the first lines of a diff; empty when nothing does."""
    shown = ""
    for name in sorted(wanted.keys() | got.keys()):
        before, after = wanted.get(name, "").splitlines(), got.get(name, "").splitlines()
        lines = difflib.unified_diff(before, after, f"npm/{name}", f"cpm/{name}", lineterm="", n=1)
        shown += "".join(f"    {line}\n" for line in [*lines][:SHOWN_LINES])
    return shown


def run_steps(folder, program, upstream=None):
    """Runs all steps in a fresh copy of the project; gives each step's results as file names and texts."""
    recording = Recording(folder / "registry", upstream)
    with tempfile.TemporaryDirectory(prefix="cpm-conformance-") as temp, RecordingServer(recording) as server:
        project = Path(temp) / "project"
        shutil.copytree(folder / "project", project, symlinks=True)
        environment = isolate(Path(temp), server.url, "ignore-scripts=true\n")
        limit_sec = RECORDING_LIMIT_SEC if upstream else STEP_LIMIT_SEC
        return {step: run_step(project, [*program, *args], environment, server.url, limit_sec) for step, args in STEPS.items()}


def run_step(project, command, environment, address, limit_sec):
    done = subprocess.run(
        command, cwd=project, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=limit_sec, umask=0o022, check=False,
    )
    results = {}
    if done.returncode:
        code = re.search(r"error code (\S+)", done.stderr)
        results["error.txt"] = f"exit {done.returncode}, code {code.group(1) if code else 'none'}\n"
    for name in ("package.json", "package-lock.json"):
        if (project / name).exists():
            results[name] = (project / name).read_text().replace(address, PLACEHOLDER)
    if (project / "node_modules").is_dir():
        results["tree.tsv"] = list_tree(project / "node_modules", address, PLACEHOLDER)
    return results


if __name__ == "__main__":
    sys.exit(main())
