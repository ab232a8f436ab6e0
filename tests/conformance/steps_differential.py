#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares cpm with a real npm on random sequences of commands in recorded real projects: exit status, package.json,
lockfile, what lies in node_modules, and what was printed.

    steps_differential.py --cpm build/dev/cpm --npm 'node .../npm-cli.js' --store FOLDER --projects FOLDER [--install]
                          [--cases 50] [--seed N] [--replay FILE]

FOLDERs are recordings: packuments as tests/support/recording.py keeps them, and folders with package.json files. With
--install trees are really built, out of tarballs that hold just the package.json of the packument; else only lockfiles
are. A difference is shrunk to the fewest words that still show it.
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

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

import tarball
from isolation import isolate
from recording import Recording, RecordingServer
from steps_cases import LOCK_ONLY, Catalogue, Maker, reductions
from tree_differential import HIDDEN_LOCK, OURS, explain, parse_scenario, scenario

RUN_LIMIT_SEC = 300
NPM_FELL_OVER = "npm fell over"
SETTINGS = "logs-max=0\nprefer-offline=true\nignore-scripts=true\nprogress=false\ncolor=false\n"


class ThinRecording(Recording):
    """The registry, with tarballs that hold little, so that none has to be recorded."""

    def __init__(self, folder):
        super().__init__(folder)
        self._made = {}

    def packument(self, name):
        if name not in self._made:
            packed = super().packument(name)
            if packed:
                document = json.loads(gzip.decompress(packed))
                for manifest in document["versions"].values():
                    for key in ("bundleDependencies", "bundledDependencies"):
                        manifest.pop(key, None)
                    manifest["dist"] = {"tarball": manifest["dist"]["tarball"]}
                packed = gzip.compress(json.dumps(document).encode(), 1)
            self._made[name] = packed
        return self._made[name]

    def tarball(self, where):
        name, _, _ = where.partition("/-/")
        packed = self.packument(name)
        for manifest in json.loads(gzip.decompress(packed))["versions"].values() if packed else ():
            if manifest["dist"]["tarball"].endswith("/" + where):
                manifest = {key: value for key, value in manifest.items() if key != "dist"}
                return tarball.build([tarball.Entry("package/package.json", json.dumps(manifest)), *self._programs(manifest)])
        return None

    @staticmethod
    def _programs(manifest):
        bins = manifest.get("bin") or {}
        paths = {bins} if isinstance(bins, str) else {path for path in bins.values() if isinstance(path, str)}
        return [tarball.Entry(f"package/{os.path.normpath(path)}", "#!/usr/bin/env node\n") for path in sorted(paths)]


class Side:
    """One program's copy of the project, and its surroundings."""

    def __init__(self, command, root, registry_url):
        self._command = command
        self._env = isolate(root, registry_url, SETTINGS) | {"npm_config_fund": "true"}
        self._project = root / "project"
        self._projects = None

    def begin(self, word, argument, projects):
        shutil.rmtree(self._project, ignore_errors=True)
        if word == "project":
            shutil.copytree(projects / argument, self._project)
        else:
            self._project.mkdir()
            self._write(json.loads(argument))

    def _write(self, manifest):
        (self._project / "package.json").write_text(json.dumps(manifest, indent=2) + "\n")

    def act(self, word, *args):
        path = self._project / args[0]
        if word == "delete":
            shutil.rmtree(path, ignore_errors=True)
            path.unlink(missing_ok=True)
            return
        manifest = json.loads((self._project / "package.json").read_text())
        if word == "put":
            manifest.setdefault(args[0], {})[args[1]] = args[2]
        else:
            manifest.get(args[0], {}).pop(args[1], None)
        self._write(manifest)

    def run(self, args):
        """What the run left behind and said, as text by name."""
        done = subprocess.run(
            [*self._command, *args], cwd=self._project, env=self._env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=RUN_LIMIT_SEC, check=False, umask=0o022,
        )
        state = {"status": status_of(done)}
        for path in sorted([*self._project.glob("package*.json"), *self._project.glob("*/package.json"), *self._project.glob("packages/*/package.json")]):
            state[str(path.relative_to(self._project))] = path.read_text()
        hidden = self._project / HIDDEN_LOCK
        if LOCK_ONLY not in args and "--dry-run" not in args:  # npm then writes into node_modules what is not there
            if hidden.exists():
                state[HIDDEN_LOCK] = hidden.read_text()
            state["node_modules"] = "\n".join(self._installed())
        else:
            hidden.unlink(missing_ok=True)
        if done.returncode == 0:
            state["stdout"] = said(done.stdout, self._project)
            state["stderr"] = "\n".join(sorted(warned(done.stderr, self._project)))
        return state

    def _installed(self):
        for folder, names, files in os.walk(self._project):
            names[:] = sorted(name for name in names if name != ".git")
            inside = "node_modules" in Path(folder).relative_to(self._project).parts
            for name in sorted(names + files) if inside else ():
                path = Path(folder) / name
                if name not in OURS:
                    target = f" -> {os.readlink(path)}" if path.is_symlink() else ""
                    yield f"{path.relative_to(self._project)}{target}"


def status_of(done):
    code = re.search(r"error code (\S+)", done.stderr)
    if done.returncode == 0 or code:
        return code.group(1) if code and done.returncode else "ok"
    return NPM_FELL_OVER if re.search("Cannot read properties|is not a function", done.stderr) else done.stderr[-300:]


def said(text, project):
    text = re.sub(r" in \d+(?:\.\d+)?(?:ms|s|m)\b", "", text).replace("`cpm ", "`npm ")
    return text.replace(str(project), "PROJECT")


def warned(text, project):
    for line in said(text, project).splitlines():
        line = re.sub(r"^cpm ", "npm ", line)
        if line.startswith("npm warn") and "npm warn using --force" not in line:
            yield line


class Bench:
    """Both programs, ready to run one case after the other."""

    def __init__(self, options, root, url):
        self._projects = options.projects
        self._ignored = options.ignore
        self._sides = []
        for name, command in (("npm", options.npm), ("cpm", options.cpm)):
            (root / name).mkdir()
            self._sides.append(Side(command, root / name, url))

    def difference(self, case):
        """The first difference, in words; None when there is none."""
        for side in self._sides:
            side.begin(*case[0], self._projects)
        for word, *args in case[1:]:
            if word != "run":
                for side in self._sides:
                    side.act(word, *args)
                continue
            theirs, ours = [side.run(args) for side in self._sides]
            if theirs["status"].startswith(NPM_FELL_OVER):
                return None
            for state in (theirs, ours):
                for name in self._ignored:
                    state.pop(name, None)
            found = explain(theirs, ours)
            if found:
                return f"{shlex.join(args)}: {found}"
        return None


def shrink(bench, case):
    smaller = True
    while smaller:
        smaller = next((one for one in reductions(case) if bench.difference(one)), None)
        case = smaller or case
    return case


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpm", required=True, type=shlex.split)
    parser.add_argument("--npm", required=True, type=shlex.split)
    parser.add_argument("--store", required=True, type=Path)
    parser.add_argument("--projects", required=True, type=Path)
    parser.add_argument("--install", action="store_true", help="build trees, not only lockfiles")
    parser.add_argument("--ignore", action="append", default=[], help="stdout, stderr or another result not to compare")
    parser.add_argument("--cases", type=int, default=50)
    parser.add_argument("--first", type=int, default=0, help="the case to begin with")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--no-shrink", action="store_true")
    parser.add_argument("--replay", type=Path, help="a file with one case, as printed here")
    options = parser.parse_args()
    store = Recording(options.store)
    served = ThinRecording(options.store) if options.install else store
    with tempfile.TemporaryDirectory(prefix="cpm-steps-") as temp, RecordingServer(served) as server:
        bench = Bench(options, Path(temp), server.url)
        if options.replay:
            found = bench.difference(parse_scenario(options.replay.read_text()))
            print(found)
            return 1 if found else 0
        print(f"seed {options.seed}", flush=True)
        return search(options, bench, Maker(random.Random(options.seed), Catalogue(store, options.projects), not options.install))


def search(options, bench, maker):
    failed = 0
    for number in range(options.cases):
        case = maker.case()
        if number < options.first:
            continue
        found = bench.difference(case)
        if found:
            failed += 1
            if not options.no_shrink:
                case = shrink(bench, case)
                found = bench.difference(case)
            print(f"\n# case {number}: {found}\n{scenario(case)}", flush=True)
    print(f"{options.cases - options.first - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
