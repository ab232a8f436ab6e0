#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Installs each kind of dependency with npm and with cpm and compares lockfile, package.json and tree.

    kinds_differential.py --cpm build/dev/cpm --npm 'node .../npm-cli.js' [-k NAME]

Repositories are served over http and, where there is an sshd, over ssh; tarballs from disk and from a URL; all of it on
the loopback interface. After the first command of each case either program is also run on what the other one has made: it
has to find that there is nothing to do.
"""

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import ssh_server
import tarball
from compare import compare
from git_server import GitServer
from isolation import isolate
from loopback import LoopbackServer
from registry import Registry, tarball_answer
from tree_listing import list_tree

RUN_LIMIT_SEC = 120
ALLOW = ["--allow-git=all", "--allow-remote=all"]


def manifest(name, version="1.0.0", **fields):
    return json.dumps({"name": name, "version": version, **fields}, indent=2) + "\n"


PACKAGE = {"package.json": manifest("g", bin="run.js", dependencies={"a": "^1"}), "run.js": "#!/usr/bin/env node\n", "lib/x.js": "1\n",
           "test/t.js": "t\n", ".npmignore": "test\n", "README.md": "read\n"}
BUILT = {"package.json": manifest("p", main="built.js", files=["built.js"], devDependencies={"tool": "1"},
                                  scripts={"prepare": "tool > built.js"}), "src.js": "source\n"}


class World:
    """What all cases share: a registry, repositories, tarballs."""

    def __init__(self, root, registry, git, ssh):
        self.root, self.registry, self.git = root, registry, git
        self.ssh = ssh
        registry.add(shlex.split("""
            a@1.0.0 license:MIT   a@1.1.0 license:MIT dep:b@^1   b@1.0.0 bin:b=cli.js
            bundler@1.0.0 bundle:inner dep:inner@^1 dep:b@^1
                'file:node_modules/inner/package.json={"name":"inner","version":"1.0.5","dependencies":{"deep":"1"}}'
                'file:node_modules/inner/index.js=1' inner@1.0.9 deep@1.0.0
            tool@1.0.0 bin:tool=cli.js 'file:cli.js=#!/usr/bin/env node
console.log("made")'
            onlywin@1.0.0 os:win32 dep:deep@1 r@1.0.0 r@2.0.0 plug@1.0.0 peer:r@^1
        """))
        repository = git.repository("g")
        repository.commit(PACKAGE, tag="v1.0.0")
        repository.commit({**PACKAGE, "package.json": manifest("g", "1.2.0")}, tag="v1.2.0", annotated=True)
        repository.commit({"packages/sub/package.json": manifest("sub", "0.1.0"), "packages/sub/s.js": "s\n", **PACKAGE}, branch="dev")
        git.repository("p").commit(BUILT)
        self.commit = repository.find("v1.0.0")
        self.ssh_folder = f"{ssh.url}{git.folder}" if ssh else None
        self.tarballs = Tarballs()


class Tarballs(LoopbackServer):
    """One tarball behind a URL that is no registry's."""

    def serve(self, method, path, headers):
        return tarball_answer(archive("t"))


def archive(name, **fields):
    text = manifest(name, "3.0.0", bin={"t": "bin/t.js"}, dependencies={"a": "1.0.0"}, **fields)
    return tarball.build([tarball.Entry("package/package.json", text), tarball.Entry("package/bin/t.js", "#!/usr/bin/env node\n")])


def cases(world):
    """Name, files of the project, and the commands."""
    http, ssh = f"git+{world.git.url}", f"git+{world.ssh_folder}"
    install = ["install", *ALLOW]

    def project(**dependencies):
        return {"package.json": manifest("project", dependencies=dependencies)}

    for kind, at in (("http", http), ("ssh", ssh) if world.ssh else (None, None)):
        if not kind:
            continue
        yield f"git-{kind}", project(g=f"{at}/g.git"), [install, ["ci", *ALLOW], install]
        yield f"git-{kind}-branch", project(sub=f"{at}/g.git#dev::path:packages/sub"), [install, install]
        yield f"git-{kind}-commit", project(g=f"{at}/g.git#{world.commit}"), [install, install]
        yield f"git-{kind}-semver", project(g=f"{at}/g.git#semver:~1.0"), [install, [*install, f"{at}/g.git#semver:^1"], ["uninstall", "g"]]
        yield f"git-{kind}-short-commit", project(g=f"{at}/g.git#{world.commit[:10]}"), [install]
        yield f"git-{kind}-added", project(a="1"), [[*install, f"{at}/g.git#v1.0.0"], ["update", *ALLOW], [*install, f"{at}/g.git#dev"]]
    yield "git-prepare", project(p=f"{http}/p.git"), [[*install, "--ignore-scripts"]]
    yield "git-prepare-runs", project(p=f"{http}/p.git"), [install, [*install, "--allow-scripts=p"]]
    allowed = {"package.json": manifest("project", dependencies={"p": f"{http}/p.git"}, allowScripts={f"{http}/p.git": True})}
    yield "git-prepare-allowed", allowed, [install, ["ci", *ALLOW]]
    yield "file-tarball", {**project(t="file:deep/t.tgz"), "deep/t.tgz": archive("t")}, [install, ["ci", *ALLOW], ["uninstall", "t"]]
    yield "file-tarball-added", {**project(), "t.tgz": archive("t")}, [[*install, "./t.tgz", "-D"], install]
    yield "remote-tarball", project(t=f"{world.tarballs.url}x/t.tgz"), [install, ["ci", *ALLOW], install]
    yield "remote-tarball-added", project(), [[*install, f"{world.tarballs.url}x/t.tgz", "-O"], ["update", *ALLOW]]
    yield "bundle", project(bundler="1"), [install, ["ci"], ["uninstall", "bundler"]]
    bundling = {"package.json": manifest("project", dependencies={"a": "1"}, bundleDependencies=["a"])}
    yield "bundled-by-project", bundling, [install, [*install, "b", "--save-bundle"]]
    members = {
        "package.json": manifest("project", workspaces=["packages/*", "!packages/not"], dependencies={"m1": "1"}),
        "packages/m1/package.json": manifest("m1", dependencies={"m2": "^1", "a": "1.0.0"}, bin="c.js"),
        "packages/m1/c.js": "#!/usr/bin/env node\n",
        "packages/m2/package.json": manifest("@s/m2", devDependencies={"a": "^1.1"}, peerDependencies={"r": "1"}),
        "packages/not/package.json": manifest("not", dependencies={"r": "1"}),
    }
    members["packages/m1/package.json"] = manifest("m1", dependencies={"@s/m2": "^1", "a": "1.0.0"}, bin="c.js")
    yield "workspaces", members, [install, ["ci"], [*install, "b", "-w", "m1"], ["uninstall", "a", "-w", "@s/m2"], ["ci", "-w", "m1"], install]
    yield "workspaces-linked", members, [[*install, "--install-strategy=linked"], [*install, "--install-strategy=linked"], install]
    folders = {**project(f="file:local/f", out="file:../outside"), "local/f/package.json": manifest("f", dependencies={"a": "1"}, devDependencies={"b": "1"})}
    yield "folders", folders, [install, [*install, "--install-links"], install]
    yield "alias", project(x="npm:a@1.0.0", y="npm:b"), [install, [*install, "z@npm:a@^1"], ["uninstall", "x"]]
    yield "optional", {"package.json": manifest("project", optionalDependencies={"onlywin": "1", "none": "1", "a": "1"})}, [install, ["ci"], [*install, "--os=win32"]]
    yield "overrides", {"package.json": manifest("project", dependencies={"a": "1.1.0", "plug": "1"}, overrides={"b": f"npm:r@1", "plug": {"r": "2.0.0"}})}, [install, ["ci"]]


class Side:
    def __init__(self, name, command, world):
        root = world.root / name
        root.mkdir()
        self.name, self._command, self._world = name, command, world
        self._env = isolate(root, world.registry.url)
        if world.ssh:
            self._env |= world.ssh.make_home(root / "home")
        self.project = self._project = root / "project"

    def begin(self, files):
        shutil.rmtree(self.project, ignore_errors=True)
        for name, content in files.items():
            path = self.project / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        outside = self.project.parent / "outside"
        outside.mkdir(exist_ok=True)
        (outside / "package.json").write_text(manifest("out", dependencies={"b": "1"}))

    def run(self, args, project=None):
        """What it made of its own project, or of that of the other side."""
        self._project = project or self.project
        done = subprocess.run(
            [*self._command, *args], cwd=self._project, env=self._env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=RUN_LIMIT_SEC, umask=0o022, check=False,
        )
        self.said = done.stdout + done.stderr
        self.has_work = done.returncode != 0 or "up to date" not in done.stdout
        results = {"status": "ok\n" if done.returncode == 0 else "failed\n"}
        for path in sorted(self._project.rglob("package*.json")):
            if "node_modules" not in path.parts:
                results[str(path.relative_to(self._project))] = path.read_text()
        for path in [self._project, *self._project.glob("packages/*"), *self._project.glob("local/*")]:
            if (path / "node_modules").is_dir():
                listing = list_tree(path / "node_modules", str(self._project.parent), "HERE")
                results[f"{path.name}.tree"] = listing
        return results


def hand_over(name, sides, flags):
    """Lets either side install in the other's project; counts who did not leave it alone."""
    wrong = 0
    for theirs, ours in (sides, sides[::-1]):
        theirs.run(["install", *flags])  # npm writes more into linked layouts the second time
        before = theirs.run(["ls"])
        after = ours.run(["install", *flags], theirs.project)
        found = compare({**before, "status": ""}, {**after, "status": ""}) or ("    not up to date\n" if ours.has_work else "")
        wrong += bool(found)
        print(f"{'DIFFERS' if found else 'same   '} {name}: {ours.name} after {theirs.name}\n{found}", end="", flush=True)
        if found:
            print(f"--- {ours.said}")
    return wrong


def run(options, world):
    sides = [Side(name, command, world) for name, command in (("npm", options.npm), ("cpm", options.cpm))]
    differences = 0
    for name, files, commands in cases(world):
        if options.k and options.k not in name:
            continue
        for side in sides:
            side.begin(files)
        for number, args in enumerate(commands):
            found = compare(*(side.run(args) for side in sides))
            differences += bool(found)
            print(f"{'DIFFERS' if found else 'same   '} {name} {number}: {shlex.join(args)}\n{found}", end="", flush=True)
            if found and options.verbose:
                print("".join(f"--- {side.said}" for side in sides))
            if number == 0 and args[0] == "install" and "-w" not in args:
                differences += hand_over(name, sides, [word for word in args if word.startswith("--")])
    print(f"{differences} differences")
    return 1 if differences else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpm", required=True, type=shlex.split)
    parser.add_argument("--npm", required=True, type=shlex.split)
    parser.add_argument("-k", help="only cases whose name has this in it")
    parser.add_argument("-v", "--verbose", action="store_true", help="show what was printed where there is a difference")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cpm-kinds-") as temp, Registry() as registry:
        root = Path(os.path.realpath(temp))
        with GitServer(root / "repositories") as git:
            if not ssh_server.is_available():
                print("no sshd: ssh is left out")
                return run(options, World(root, registry, git, None))
            with ssh_server.SshServer(root / "ssh") as ssh:
                world = World(root, registry, git, ssh)
                with world.tarballs:
                    return run(options, world)


if __name__ == "__main__":
    sys.exit(main())
