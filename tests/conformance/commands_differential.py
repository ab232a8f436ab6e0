#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Asks npm and cpm the same questions about an installed project and compares what they say.

    commands_differential.py --cpm build/dev/cpm --npm 'node .../npm-cli.js' --store FOLDER --projects FOLDER [-k NAME] [--thin]

Each project of a recording (see README.md) is installed once with npm; then `ls`, `explain`, `outdated`, `view`, `query`
and others are run by both in the same folder. Times are left out; nothing else is. --thin: tarballs are made of the
packuments, so that none has to be recorded.
"""

import argparse
import json
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from compare import compare
from isolation import isolate
from recording import Recording, RecordingServer
from steps_differential import SETTINGS, ThinRecording

RUN_LIMIT_SEC = 300
ASKED_ABOUT = 12

SELECTORS = [
    "*", ":root", ":root > *", ".dev", ".prod", ".optional", ".peer", ".bundled", ".workspace", ":link", ":private", ":extraneous",
    ":deduped", ":overridden", ":missing", ":invalid", ":empty", ":scope", ":root > .prod", ":root > .dev", "*:not(.dev)",
    "[name]", "[license=MIT]", "[name^=@]", "[name*=es]", "[name$=js]", "[license!=MIT]", "[version^=1]", "[name~=x]", "[name|=es]",
    ":attr([license=ISC])", ":attr(engines, [node])", ":attr(repository, [type=git])", ":attr(scripts, [test])", ":semver(^1)",
    ":semver(>=2 <5)", ":semver(1.x)", ":type(registry)", ":type(range)", ":type(git)", ":path(node_modules/*)", ":path(node_modules/@*/*)",
    ":is(.dev, .peer)", ":has(> .prod)", ":root > * > *", ":root *", "* ~ *", ":root > :not(:empty)", "#debug", "#ms", "#debug@4", "#x",
    ":root > .prod > :empty", ":outdated", ":outdated(major)", ":outdated(in-range)", ":not(:root):has(> #ms)", ".prod:not(.dev) > .prod",
    ".prod, .dev", ":type(version)", ":semver(^1, :attr(engines, [node]))", ":vuln", "[private]", "[name=debug i]",
]

PLAIN = [
    ["ls"], ["ls", "--all"], ["ls", "--json"], ["ls", "--all", "--json"], ["ls", "--parseable"], ["ls", "--all", "--parseable"],
    ["ls", "--long"], ["ls", "--all", "--long"], ["ls", "--long", "--json"], ["ls", "--parseable", "--long"], ["ls", "--depth=1"], ["ls", "--omit=dev"],
    ["ls", "--all", "--omit=dev", "--json"], ["ls", "--package-lock-only"], ["ls", "--package-lock-only", "--all", "--json"],
    ["ls", "--link"], ["ls", "--depth=0", "--json"], ["ls", "--include=dev", "--all"], ["ls", "not-there"], ["ls", "not-there", "--json"], ["ll"], ["la", "--depth=1"],
    ["outdated"], ["outdated", "--json"], ["outdated", "--all"], ["outdated", "--all", "--json"], ["outdated", "--long"],
    ["outdated", "--long", "--json"], ["outdated", "--parseable"], ["outdated", "--parseable", "--long"],
    ["root"], ["prefix"], ["pkg", "get"], ["pkg", "get", "name", "version"], ["pkg", "get", "scripts"], ["pkg", "get", "dependencies", "--json"],
    ["find-dupes"], ["find-dupes", "--json"], ["install", "--dry-run"], ["install", "--dry-run", "--json"], ["prune", "--dry-run"],
    ["explain", "not-there"], ["run"], ["run", "--json"],
]

VIEWED = [[], ["--json"], ["version"], ["versions"], ["versions", "--json"], ["dist-tags"], ["dependencies", "--json"], ["dist.tarball"], ["name", "version", "license"], ["time", "--json"]]


class Bench:
    def __init__(self, options, root, url):
        self._options = options
        self.project = root / "project"
        self._sides = {}
        for name, command in (("npm", options.npm), ("cpm", options.cpm)):
            (root / name).mkdir()
            self._sides[name] = (command, isolate(root / name, url, SETTINGS))
        self._differences = 0
        self._asked = 0

    def run(self, name, args):
        command, env = self._sides[name]
        done = subprocess.run(
            [*command, *args], cwd=self.project, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=RUN_LIMIT_SEC, check=False,
        )
        return {"status": f"{done.returncode}\n", "stdout": settle(args, tidy(done.stdout)), "stderr": tidy(done.stderr)}

    def ask(self, *args):
        theirs, ours = self.run("npm", args), self.run("cpm", args)
        self._asked += 1
        found = compare(theirs, ours)
        if found:
            self._differences += 1
            print(f"DIFFERS {self.project.name}: {shlex.join(args)}\n{found}", flush=True)

    def ask_all(self, chance):
        packages = json.loads((self.project / "package-lock.json").read_text())["packages"]
        places = sorted(place for place in packages if "node_modules/" in place)
        names = sorted({place.rpartition("node_modules/")[2] for place in places})
        for args in PLAIN:
            self.ask(*args)
        for selector in SELECTORS:
            self.ask("query", selector)
        some = chance.sample(names, min(ASKED_ABOUT, len(names)))
        for name in some:
            for more in ([], ["--json"]):
                self.ask("explain", name, *more)
                self.ask("ls", name, *more)
        for name in some[:4]:
            self.ask("query", f"#{name}")
            self.ask("outdated", name, "--json")
            for words in VIEWED:
                self.ask("view", name, *words)
            self.ask("view", f"{name}@^1", "version")
        for place in chance.sample(places, min(4, len(places))):
            self.ask("explain", place, "--json")
        self.ask("explain", *some[:3])
        self.ask("ls", *some[:3], "--json")

    def close(self):
        print(f"{self._asked} questions, {self._differences} differences")
        return 1 if self._differences else 0


def settle(args, text):
    """Lists that npm gives in the order in which files or answers came in."""
    if args[0] == "outdated" and "--json" not in args:
        return "".join(sorted(text.splitlines(True)))
    if args[0] not in ("query", "outdated") or text[:1] not in ("[", "{"):
        return text
    document = json.loads(text)
    for one in document if args[0] == "query" and isinstance(document, list) else ():
        one["from"].sort()
    if args[0] == "outdated":
        for name, value in document.items():
            if isinstance(value, list):
                document[name] = sorted(value, key=json.dumps)
    return json.dumps(document, indent=2) + "\n"


def tidy(text):
    text = re.sub(r" in \d+(?:\.\d+)?(?:ms|s|m)\b", "", text)
    text = re.sub(r"published (?:\S+ \S+ ago|just now)", "published some time ago", text)
    text = re.sub(r".*A complete log of this run.*\n|.*Log files were not written.*\n", "", text)
    text = re.sub(r"^cpm ", "npm ", text, flags=re.M)
    return re.sub(r"/(npm|cpm)/(?=cache|home|tmp)", "/SIDE/", text).replace("`cpm ", "`npm ")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpm", required=True, type=shlex.split)
    parser.add_argument("--npm", required=True, type=shlex.split)
    parser.add_argument("--store", required=True, type=Path)
    parser.add_argument("--projects", required=True, type=Path)
    parser.add_argument("--thin", action="store_true")
    parser.add_argument("-k", action="append", help="only this project")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    recording = (ThinRecording if options.thin else Recording)(options.store)
    with tempfile.TemporaryDirectory(prefix="cpm-commands-") as temp, RecordingServer(recording) as server:
        bench = Bench(options, Path(temp), server.url)
        for path in sorted(options.projects.iterdir()):
            if options.k and path.name not in options.k:
                continue
            bench.project = Path(temp) / path.name
            shutil.copytree(path, bench.project)
            if bench.run("npm", ["install", "--legacy-peer-deps"])["status"] == "0\n":
                bench.ask_all(chance)
        return bench.close()


if __name__ == "__main__":
    sys.exit(main())
