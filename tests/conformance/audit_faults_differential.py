#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares what cpm and a real npm say when an audit cannot be made, or when settings decide about its outcome: answers that fail
in every way, levels, omitted kinds, no network.

    audit_faults_differential.py --cpm build/dev/cpm --npm FOLDER_OF_NPM [--only TEXT] [-v]

Beside npm's words cpm may say more on standard error, where silence would read as "no problems": lines that only cpm has are shown
with -v and are no difference.
"""

import argparse
import json
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

from faults import Fault
from isolation import isolate
from registry import ADVISORIES_PATH, Registry

LIMIT_SEC = 60
SETTINGS = "loglevel=warn\nlogs-max=0\naudit=true\nfetch-timeout=1500\nfetch-retries=1\nallow-remote=all\n"
SEVERITIES = ("info", "low", "moderate", "high", "critical", "none")

FAULTS = {
    f"status {status}": [f"status:{status}"] for status in (400, 401, 402, 403, 404, 405, 410, 413, 418, 429, 451, 500, 501, 502, 503, 504)
} | {
    "no content": ["status:204", "body:"],
    "no route": ["status:404", "body:"],
    "404 text": ["status:404", "header:content-type=text/plain", "body:404 page not found\n"],
    "404 html": ["status:404", "html"],
    "404 message": ["status:404", 'body:{"message":"no such endpoint","code":404}'],
    "404 array": ["status:404", 'body:["a",{"b":[1,2,{"c":{"d":{}}}]}]'],
    "404 string": ["status:404", 'body:"gone"'],
    "404 null": ["status:404", "body:null"],
    "500 reason": ["status:500", 'body:{"error":{"code":"E1","summary":"no"}}'],
    "503 later": ["status:503", "retry-after:1"],
    "429 later": ["status:429", "retry-after:1"],
    "401 basic": ["status:401", 'header:www-authenticate=Basic realm="r"'],
    "401 otp": ["status:401", "header:www-authenticate=OTP"],
    "403 notice": ["status:403", "header:npm-notice=read this"],
    "html": ["html"],
    "empty": ["body:"],
    "not JSON": ['body:{"a":[{"id'],
    "null": ["body:null"],
    "array": ["body:[]"],
    "string": ['body:"ok"'],
    "number": ["body:7"],
    "object": ["body:{}"],
    "other shape": ['body:{"a":{"id":1}}'],
    "null list": ['body:{"a":null}'],
    "cut": ["cut:10"],
    "reset": ["reset:0"],
    "stall": ["stall:5"],
    "late": ["delay:4000"],
}
COMMANDS = ("audit", "audit --json", "audit fix", "audit fix --json --package-lock-only", "install", "install --json", "ci")
SETTINGS_RUNS = [
    *(f"audit --audit-level={level}" for level in SEVERITIES), "audit --audit-level=what", "audit --json --audit-level=critical", "audit --omit=dev",
    "audit --omit=prod", "audit --include=dev --omit=dev", "audit --offline", "audit --offline --json", "audit --prefer-offline", "audit --production",
    "audit --no-audit", "audit --audit=false --json", "audit -g", "audit --no-package-lock", "audit fix --no-package-lock", "audit --silent", "audit --quiet",
    "audit --loglevel=error", "audit what", "audit fix --dry-run --audit-level=none", "audit --registry={closed}", "audit --json --registry={closed}",
    "install --registry={closed}", "install --no-audit", "install --audit-level=low", "ci --audit-level=low", "audit --dry-run", "audit --force",
    "audit --package-lock-only", "audit fix --omit=dev --package-lock-only", "install --offline", "ci --offline",
]
PACKAGES = {
    "a@1.0.0": [], "a@1.0.1": [], "b@1.0.0": ["dep:c@1"], "c@1.0.0": [], "d@1.0.0": [], "d@2.0.0": [],
}
MANIFEST = {"name": "project", "version": "1.0.0", "dependencies": {"a": "^1.0.0", "b": "^1.0.0"}, "devDependencies": {"d": "^1.0.0"}}
ADVISORIES = {"a": ("low", "<1.0.1"), "c": ("moderate", "*"), "d": ("high", "<2")}


class Side:
    def __init__(self, root, registry_url, command):
        self.root, self._command = root, command
        root.mkdir()
        self._env = isolate(root, registry_url, SETTINGS)
        self._original = root / "original"
        self._original.mkdir()
        (self._original / "package.json").write_text(json.dumps(MANIFEST, indent=2) + "\n")

    def prepare(self):
        done = self._call(self._original, ["install", "--no-audit", "--save-exact", "--ignore-scripts"])
        if done.returncode:
            raise SystemExit(done.stderr)

    def run(self, words):
        project = self.root / "project"
        shutil.rmtree(project, ignore_errors=True)
        shutil.copytree(self._original, project, symlinks=True)
        done = self._call(project, words)
        return {"exit status": str(done.returncode), "stdout": tidy(done.stdout), "stderr": tidy(done.stderr),
                "lockfile": (project / "package-lock.json").read_text()}

    def _call(self, folder, words):
        return subprocess.run([*self._command, *words], cwd=folder, env=self._env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=LIMIT_SEC, check=False)


def tidy(text):
    """Without what differs from run to run and from folder to folder."""
    text = re.sub(r"\d+(\.\d+)?(ms|s)\b", "TIME", text)
    text = re.sub(r"[^\s\"']*/(npm|cpm)/(project|cache)", r"/\2", text)
    text = re.sub(r"127\.0\.0\.1:\d+", "REGISTRY", text)
    text = re.sub(r'"(date|keep-alive|connection|server|transfer-encoding|content-length|x-local-cache[^"]*|x-fetch-attempts|cache-control)": \[[^\]]*\],?', "", text)
    text = re.sub(r",(\s*})", r"\1", text)
    text = "\n".join(line.rstrip() for line in text.splitlines() if "A complete log of this run" not in line and line.strip())
    return text


def npm_lines(text):
    """What npm says about the run, each once: its own traces and hints about logs are left out."""
    lines = [line for line in text.splitlines() if line.startswith("npm ") and not re.match(r"npm (error|verbose) +at |npm error (stack|cause)", line)]
    return [line for line in dict.fromkeys(lines) if line not in ("npm error", "npm warn")]


def differences(theirs, ours, is_loud):
    for name in ("exit status", "stdout", "lockfile"):
        if theirs[name] != ours[name]:
            yield f"{name}:\n      npm {theirs[name]!r}\n      cpm {ours[name]!r}"
    them, us = npm_lines(theirs["stderr"]), npm_lines(ours["stderr"])
    missing, more = [line for line in them if line not in us], [line for line in us if line not in them]
    if missing:
        yield "stderr lacks:\n      " + "\n      ".join(missing) + ("\n   has:\n      " + "\n      ".join(more) if more else "")
    elif more and is_loud:
        print("    cpm adds: " + " | ".join(more))


class Bench:
    def __init__(self, options, registry, base):
        npm = [options.node, str(Path(options.npm) / "bin" / "npm-cli.js")]
        self._options, self._registry = options, registry
        self._sides = [Side(base / name, registry.url, command) for name, command in (("npm", npm), ("cpm", options.cpm))]
        for side in self._sides:
            side.prepare()
        for name, (severity, versions) in ADVISORIES.items():
            registry.warn(name, {"id": len(name) + ord(name), "url": f"https://advisory.example/{name}", "title": f"{name} is bad", "severity": severity,
                                 "vulnerable_versions": versions, "cwe": [], "cvss": {"score": 0, "vectorString": None}})
        self.count = self.failed = 0

    def compare(self, title, words):
        if self._options.only and not re.search(self._options.only, title):
            return
        results = [side.run(words) for side in self._sides]
        found = list(differences(*results, self._options.verbose))
        self.count += 1
        self.failed += bool(found)
        print(f"{'FAILED' if found else 'ok'}  {title}", flush=True)
        for text in found:
            print(f"   {text}", flush=True)

    def run(self):
        for name, actions in FAULTS.items():
            self._registry.faults[:] = [Fault.parse([ADVISORIES_PATH, *actions])]
            for command in COMMANDS:
                self.compare(f"{name}: {command}", shlex.split(command))
        self._registry.faults.clear()
        for command in SETTINGS_RUNS:
            self.compare(command, shlex.split(command.replace("{closed}", "http://127.0.0.1:9/")))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpm", required=True, type=lambda text: [str(Path(text).resolve())])
    parser.add_argument("--npm", required=True, help="npm's folder")
    parser.add_argument("--node", default=shutil.which("node") or "node")
    parser.add_argument("--only", help="a regular expression for titles")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cpm-audit-faults-") as temp, Registry() as registry:
        for package, words in PACKAGES.items():
            registry.add([package, *words])
        bench = Bench(options, registry, Path(temp))
        bench.run()
    print(f"{bench.count - bench.failed} passed, {bench.failed} failed")
    return 1 if bench.failed else 0


if __name__ == "__main__":
    sys.exit(main())
