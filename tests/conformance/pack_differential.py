#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Packs made-up folders with npm and with cpm and compares the tarballs: their plain form to the byte, and the reports.

    pack_differential.py --cpm build/dev/cpm --npm FOLDER_OF_NPM [--cases N] [--seed S] [--keep]

npm's own libraries pack many folders in one process (pack_oracle.cjs), since starting npm takes longer than all that.
A case is printed with its seed, and --cases=1 --seed makes it again; --keep leaves its folder.
"""

import argparse
import gzip
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

FOLDERS = ["lib", "src", "test", "dist", "docs", "Build", "a", "b.d", ".config", "CVS", "build", "archived-packages", "x y", "@s", "{c}", "[d]"]
FILES = ["index.js", "a.js", "b.JS", "c.ts", "README", "README.md", "readme.txt", "Readme~", "README.md~", "LICENSE", "LICENCE.txt",
         "license", "COPYING", "copying.old$", "Makefile", ".DS_Store", "._x", "x.orig", "npm-debug.log", ".npmrc", ".gitattributes",
         ".gitmodules", ".editorconfig", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lockb", ".a.swp", "s.log", "t.log",
         "main.js", "cli.js", ".hidden", "10.txt", "9.txt", "A.txt", "文.txt", "we*ird", "sp ace.js", ".lock-wscript", ".wafpickle-1",
         "config.gypi", "HISTORY.md", "CHANGES", "notice.md", "@at.js", "!bang", "#hash", "{x}.js", "[y].js", "a+b.js", "x" * 96 + ".js"]
RULES = ["*.log", "*.js", "!index.js", "lib", "lib/", "/lib", "/lib/", "lib/*", "lib/**", "!lib/a.js", "!/lib/index.js", "**/a.js", "test",
         "!test", "*", "!*", "!*/", "/*", "!/src", "src/*.ts", "# comment", "", "  dist  ", "README*", "!README.md", "LICENSE", "package.json",
         "main.js", "cli.js", ".*", "!.hidden", "*.{ts,JS}", "[ab].js", "a/**/b.JS", "/a", "docs/**/*", "!docs/lib/**", "**/test/**", "build",
         "?.js", "\\!bang", "\\#hash", "lib/a.js", "./lib", "lib//a.js", "x y", "node_modules", "!node_modules", "**", "Lib", "*.JS", ".npmignore", ".gitignore",
         "!.gitignore", "!.npmrc", "@s", "@s/**"]
LISTED = ["lib", "lib/", "/lib", "./lib", "./lib/", "lib/**", "lib/*", "*.js", "**/*.js", "!lib/a.js", "!**/*.log", "index.js", "src", "test", "dist/**/*",
          "docs", "!docs", "!docs/**", "*", "**", ".", "./", "a", "*.ts", "README.md", ".hidden", ".config", "build", "!main.js", "!cli.js",
          ".npmrc", "package-lock.json", ".gitignore", "lib/a.js", "nothing", "**/.gitignore", "x y", "{lib,src}", "{lib,src}/*.js", "src/**", "!src/*.ts", "!README.md",
          "node_modules", "node_modules/b1", "../out", "/", "!", "lib/../src", "?.js", "[ab].js", "Lib", "!!lib", "@s", "@s/*", "archived-packages", "CVS", "!(lib)", "+(lib|src)/*",
          "lib//a.js", "**/index.js", "!lib", "!*", "lib/index.js", "x.orig", "._x", "npm-debug.log", "!package.json", "[d]", "{c}", "\\[d]", "*/", "**/"]
MODES = [0o644, 0o644, 0o644, 0o755, 0o600, 0o664, 0o777, 0o400]


class Case:
    """One folder to pack, from nothing but its seed."""

    def __init__(self, seed, root):
        self.random, self.root, self.workspaces = random.Random(seed), root, []
        root.mkdir(parents=True)
        self.manifest = {"name": self.random.choice(["x", "@s/x", "long-name"]), "version": self.random.choice(["1.0.0", "2.3.4-beta.1"])}
        self.fill(root, 3, True)
        self.describe()
        self.bundle()
        self.add_members()
        self.write(root / "package.json", json.dumps(self.manifest, indent=self.random.choice([2, 2, "\t", None, 4])) + self.random.choice(["\n", ""]))

    def chance(self, share):
        return self.random.random() < share

    def write(self, path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() or path.is_dir():
            return
        path.write_text(text)
        path.chmod(self.random.choice(MODES))

    def rules(self):
        return "\n".join(self.random.choices(RULES, k=self.random.randint(0, 5))) + self.random.choice(["\n", "", "\r\n"])

    def fill(self, folder, depth, is_top):
        folder.mkdir(exist_ok=True)
        for name in self.random.sample(FILES, self.random.randint(1, 9 if is_top else 4)):
            self.write(folder / name, name * self.random.choice([0, 1, 1, 40]))
        for name, share in ((".npmignore", 0.25), (".gitignore", 0.35)):
            if self.chance(share if is_top else share / 2):
                self.write(folder / name, self.rules())
        if self.chance(0.15):
            self.link(folder)
        if not is_top and self.chance(0.1):
            self.write(folder / "package.json", json.dumps({"name": "inner", "files": ["index.js"], "main": "main.js"}))
        if depth:
            for name in self.random.sample(FOLDERS, self.random.randint(0, 4 if is_top else 2)):
                self.fill(folder / name, depth - 1, False)

    def link(self, folder):
        path = folder / "link"
        if not path.exists() and not path.is_symlink():
            path.symlink_to(self.random.choice(["index.js", "nowhere", "..", "/etc/hostname"]))

    def describe(self):
        m = self.manifest
        if self.chance(0.5):
            m["files"] = self.random.choices(LISTED, k=self.random.randint(0, 5))
        if self.chance(0.3):
            m["main"] = self.random.choice(["main.js", "./lib/index.js", "lib", "nothing.js", "/index.js", "src/", "lib/a", "./"])
        if self.chance(0.15):
            m["browser"] = self.random.choice(["main.js", "lib/a.js", "./src/index.js"])
        if self.chance(0.3):
            m["bin"] = self.random.choice(["cli.js", "./lib/a.js", {"x": "cli.js", "y": "./src/index.js"}, {"z": "/lib/index.js"}, "../out.js", {"q": "README"}])
        if self.chance(0.1):
            m["directories"] = {"bin": self.random.choice(["lib", "./src", "a"])}
        if self.chance(0.1):
            m["patchedDependencies"] = {"b1@1.0.0": self.random.choice(["lib/a.js", "index.js", "./main.js"])}

    def bundle(self):
        if not self.chance(0.35):
            return
        names = ["b1", "@s/b2", "b3", "b4", "b5"]
        for name in names:
            if self.chance(0.8):
                self.install(self.root / "node_modules" / name, name, names)
        for field, share in (("dependencies", 0.9), ("optionalDependencies", 0.3), ("devDependencies", 0.2), ("peerDependencies", 0.1)):
            if self.chance(share):
                self.manifest[field] = {n: "*" for n in self.random.sample(names, self.random.randint(1, 4))}
        self.manifest[self.random.choice(["bundleDependencies", "bundleDependencies", "bundledDependencies"])] = self.random.choice(
            [True, False, names[:1], self.random.sample(names, 2), self.random.sample(names, 3), [], {"b1": "*", "b3": "*"}])

    def install(self, folder, name, names):
        folder.mkdir(parents=True)
        m = {"name": name, "version": "1.0.0"}
        if self.chance(0.5):
            m["dependencies"] = {n: "*" for n in self.random.sample(names, self.random.randint(1, 2)) if n != name}
        if self.chance(0.2):
            m["files"] = self.random.choices(LISTED, k=2)
        if self.chance(0.2):
            m["bin"] = "index.js"
        if self.chance(0.2):
            m["bundleDependencies"] = ["b1"]
        self.fill(folder, 1, False)
        path = folder / "package.json"
        if path.exists():
            path.unlink()
        self.write(path, json.dumps(m))
        if self.chance(0.2):
            inner = self.random.choice(names)
            self.write(folder / "node_modules" / inner / "package.json", json.dumps({"name": inner, "version": "1.0.0"}))
            self.write(folder / "node_modules" / inner / "index.js", "")

    def add_members(self):
        if not self.chance(0.2):
            return
        self.manifest["workspaces"] = ["packages/*"]
        for name in ["w1", "w2"]:
            folder = self.root / "packages" / name
            folder.mkdir(parents=True)
            m = {"name": name, "version": "1.0.0"}
            if self.chance(0.4):
                m["files"] = self.random.choices(LISTED, k=2)
            self.fill(folder, 1, False)
            self.write(folder / "package.json", json.dumps(m))
            self.workspaces.append(str(folder))
        if self.chance(0.3):
            self.write(self.root / "packages" / ".npmignore", self.rules())


def names_in(plain):
    with tarfile.open(fileobj=BytesIO(plain)) as t:
        return [f"{m.mode:o} {m.size} {m.name}" for m in t]


def tell(seed, ours, theirs):
    print(f"differs: --seed={seed}")
    if isinstance(ours, str) or isinstance(theirs, str):
        print("  cpm:", ours if isinstance(ours, str) else "packs it", "\n  npm:", theirs if isinstance(theirs, str) else "packs it")
        return
    a, b = names_in(ours), names_in(theirs)
    for line in a:
        if line not in b:
            print("  only cpm:", line)
    for line in b:
        if line not in a:
            print("  only npm:", line)
    if sorted(a) == sorted(b):
        print("  same entries,", "other order" if a != b else "other bytes")


class Bench:
    def __init__(self, options, root):
        self.options, self.root = options, root
        self.env = {"PATH": os.environ["PATH"], "HOME": str(root), "npm_config_cache": str(root / "cache"), "npm_config_globalconfig": str(root / "g"),
                    "npm_config_userconfig": str(root / "u"), "npm_config_logs_max": "0", "LANG": "C.UTF-8"}
        self.oracle = subprocess.Popen(["node", str(Path(__file__).with_name("pack_oracle.cjs")), options.npm], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self.env, text=True)

    def by_npm(self, folder, out, members):
        self.oracle.stdin.write(json.dumps({"folder": str(folder), "out": str(out), "members": members, "prefix": str(self.root / "case")}) + "\n")
        self.oracle.stdin.flush()
        failure = json.loads(self.oracle.stdout.readline())
        return failure or gzip.decompress(out.read_bytes())

    def by_cpm(self, folder, cwd, args):
        out = self.root / "ours"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        run = subprocess.run([self.options.cpm, "pack", "--ignore-scripts", f"--pack-destination={out}", *args], cwd=cwd, env=self.env,
                             capture_output=True, text=True)
        files = list(out.iterdir())
        return gzip.decompress(files[0].read_bytes()) if run.returncode == 0 and files else run.stderr or "nothing"

    def check(self, seed):
        case = self.root / "case"
        shutil.rmtree(case, ignore_errors=True)
        made = Case(seed, case)
        rows = [(case, [], [])]
        rows += [(Path(w), [f"--workspace={w}"], [w]) for w in made.workspaces[:1]]
        is_same = True
        for folder, args, members in rows:
            ours, theirs = self.by_cpm(folder, case, args), self.by_npm(folder, self.root / "theirs.tgz", members)
            if isinstance(ours, str) and isinstance(theirs, str):
                continue
            if ours != theirs:
                tell(seed, ours, theirs)
                is_same = False
        return is_same


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpm", required=True)
    parser.add_argument("--npm", required=True, help="the folder of npm itself")
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    options.cpm = str(Path(options.cpm).resolve())
    root = Path(tempfile.mkdtemp(prefix="cpm-pack-"))
    bench = Bench(options, root)
    bad = sum(not bench.check(seed) for seed in range(options.seed, options.seed + options.cases))
    bench.oracle.stdin.close()
    bench.oracle.wait()
    if options.keep:
        print("kept:", root / "case")
    else:
        shutil.rmtree(root, ignore_errors=True)
    print(f"{options.cases - bad} of {options.cases} folders are packed alike")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
