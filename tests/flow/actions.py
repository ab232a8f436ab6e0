# SPDX-License-Identifier: MIT
"""The lines of a scenario that make the world and act in it. Each function is one word of the grammar."""

import io
import json
import os
import shutil
import signal
import time
import zipfile

import package
import tarball as archive
import tuf_repository
from certificate import Certificate
from faults import Fault
from git_server import commit_project, git_project
from scenario import ScenarioError

WORDS = {}


def word(function):
    WORDS[function.__name__.rstrip("_").replace("_", "-")] = function
    return function


@word
def registry(world, line):
    """registry a@1.0.0 dep:b@^1 b@1.0.0 | registry down"""
    if line.args == ["down"]:
        world.registry.stop()
    else:
        world.registry.add(line.args)


@word
def tls(world, line):
    """tls [for:ADDRESS] [expired] [indirect]: the registry speaks it; {authority} is the file of who vouches for it."""
    about = {"address": arg.removeprefix("for:") for arg in line.args if arg.startswith("for:")}
    about |= {"days": 0} if "expired" in line.args else {}
    world.registry.speak_tls(Certificate(world.authority.parent, is_indirect="indirect" in line.args, **about))
    world.env["npm_config_registry"] = world.registry.url


# What may be found on PATH where there is no Node.js.
TOOLS = ("bash", "cat", "cp", "echo", "env", "false", "grep", "head", "kill", "ls", "mkdir", "mv", "rm", "sed", "sh", "sleep", "sort",
         "touch", "true", "tr", "uname", "wc", "which")

# Says what it is and what it was asked; runs what its first argument names, as Node.js would run JavaScript.
MADE_UP_NODE = """\
#!/bin/sh
case $1 in
-v | --version) echo v{version} ;;
-e) eval "$2" ;;
/*) exec /bin/sh "$@" ;;
*) echo "node {version}:" "$@" ;;
esac
"""


@word
def runtime(world, line):
    """runtime VERSION... [path:VERSION]: made-up builds of Node.js, published, and the only ones that cpm knows. PATH has no
    npm and no Node.js but the one of `path:`. {runtime} is where builds are kept."""
    tools = world.root / "tools"
    if not tools.exists():
        tools.mkdir()
        for name in TOOLS:
            if found := shutil.which(name, path="/usr/bin:/bin"):
                (tools / name).symlink_to(found)
    world.env["PATH"] = str(tools)
    builds = []
    for version in line.args:
        if version.startswith("path:"):
            version = version.removeprefix("path:")
            (tools / "node").write_text(MADE_UP_NODE.format(version=version))
            (tools / "node").chmod(0o755)
            continue
        world.registry.add([f"node-made-up@{version}", f"file:bin/node={MADE_UP_NODE.format(version=version)}"])
        digest = world.registry.find("node-made-up", version).integrity()
        builds.append({"package": "node-made-up", "version": version, "integrity": digest})
    if builds:
        builds[0]["line"] = "lts"
    pins = world.root / "pins.json"
    pins.write_text(json.dumps({"builds": builds}))
    world.env["npm_config_runtime_pins"] = str(pins)


@word
def advisory(world, line):
    """advisory a <2.0.0 severity=high title='Bad a': the registry knows of it; JSON values are read as such"""
    name, versions, *fields = line.args
    number = len(world.advisories) + 1001
    said = {"id": number, "url": f"https://advisory.example/{number}", "title": f"Bad {name}",
            "severity": "high", "vulnerable_versions": versions}
    for text in fields:
        key, _, value = text.partition("=")
        try:
            said[key] = json.loads(value)
        except json.JSONDecodeError:
            said[key] = value
    world.advisories.append(said)
    world.registry.warn(name, said)


@word
def signing(world, line):
    """signing KEY [expires:TIME]...: the registry offers these keys; packages with `signed:KEY` are signed with one of them"""
    world.registry.offer_keys(line.args)
    world.trusted_root.write_text(world.registry.signer.trusted_root())


@word
def tuf(world, line):
    """tuf VERSION [expired]: the trusted root as target of a TUF repository, in the project's folder tuf and at {registry}tuf/; tuf/1.root.json pins it"""
    version, *how = line.args
    expires = "2020-01-01T00:00:00Z" if "expired" in how else tuf_repository.LATER
    signer = world.registry.signer
    files = tuf_repository.make(signer, signer.trusted_root().encode(), int(version), expires)
    for path, text in files.items():
        world.registry.files[f"/tuf/{path}"] = text
        file = world.project / "tuf" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)


@word
def fault(world, line):
    """fault /a status:500 attempt:1"""
    world.registry.faults.append(Fault.parse(line.args))


@word
def mend(world, _):
    """mend: forgets all faults"""
    world.registry.faults.clear()


@word
def manifest(world, line):
    """manifest a@^1 dev:b@^2 script:test=true, or its text as the body"""
    if line.body:
        write(world, "package.json", line.text)
        return
    document = {"name": "project", "version": "1.0.0"}
    for text in line.args:
        package.describe(document, text if package.is_key(text) else f"dep:{text}")
    write(world, "package.json", json.dumps(document, indent=2) + "\n")


@word
def lockfile(world, line):
    """lockfile a@1.0.0 a>b@1.0.0 dev:c@1.0.0 version:3, made from package.json and the registry; or its text"""
    if line.body:
        write(world, "package-lock.json", line.text)
        return
    root = json.loads((world.project / "package.json").read_text())
    document = {"name": root["name"], "version": root["version"], "lockfileVersion": 3, "requires": True}
    kept = ("name", "version", *package.SECTIONS.values())
    document["packages"] = {"": {key: root[key] for key in kept if key in root}}
    for text in line.args:
        if text.startswith("version:"):
            document["lockfileVersion"] = int(text.removeprefix("version:"))
        else:
            path, entry = _locked(world, text)
            document["packages"][path] = entry
    write(world, "package-lock.json", json.dumps(document, indent=2) + "\n")


def _locked(world, text):
    """`dev:a>b@1.0.0` into a place in node_modules and a lockfile entry."""
    flag, colon, place = text.rpartition(":")
    names, version = package.split_spec(place) if ">" not in place else place.rsplit("@", 1)
    entry = world.registry.find(names.rpartition(">")[2], version).document(world.registry.url)
    kept = {"version": version, "resolved": entry["dist"]["tarball"], "integrity": entry["dist"]["integrity"]}
    if colon:
        kept[flag] = True
    kept |= {key: entry[key] for key in ("bin", "engines", "os", "cpu", *package.SECTIONS.values()) if key in entry}
    return "/".join(f"node_modules/{name}" for name in names.split(">")), kept


@word
def file(world, line):
    """file src/a.js 'text', or the body"""
    write(world, line.args[0], "".join(line.args[1:]) or line.text)


@word
def tarball(world, line):
    """tarball a.tgz package.json='{}' 'bin/x.js*=text': a package's archive; '*' marks what is executable"""
    path, *texts = line.args
    entries = []
    for text in texts:
        name, _, value = text.partition("=")
        entries.append(archive.Entry(f"package/{name.rstrip('*')}", value, mode=0o755 if name.endswith("*") else 0o644))
    target = world.project / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(archive.build(entries))


@word
def zip_(world, line):
    """zip a.zip [cut:N] PATH=text…"""
    name, *rest = line.args
    cut = int(rest.pop(0)[4:]) if rest and rest[0].startswith("cut:") else None
    bytes_ = io.BytesIO()
    with zipfile.ZipFile(bytes_, "w", zipfile.ZIP_DEFLATED) as made:
        for path, _, text in (argument.partition("=") for argument in rest):
            made.writestr(path, text)
    (world.project / name).write_bytes(bytes_.getvalue()[:cut])


@word
def repository(world, line):
    """repository r branch:dev tag:v1 package.json='{}': a commit with exactly these files"""
    name, *words = line.args
    keys = dict(word.split(":", 1) for word in words if "=" not in word)
    files = dict(word.split("=", 1) for word in words if "=" in word)
    world.git.repository(name).commit(files, keys.get("branch", "main"), keys.get("tag"), "annotated" in keys)


@word
def committed(world, line):
    """committed FILE...: the project is a git repository, and its HEAD has these files as they are now"""
    commit_project(world.project, line.args)


@word
def git(world, line):
    """git checkout -b topic: what the git program does in the project"""
    git_project(world.project, line.args)


@word
def folder(world, line):
    for name in line.args:
        (world.project / name).mkdir(parents=True)


@word
def link(world, line):
    """link PATH TARGET"""
    (world.project / line.args[0]).symlink_to(line.args[1])


@word
def delete(world, line):
    for name in line.args:
        path = world.project / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


@word
def replace(world, line):
    """replace FILE OLD NEW"""
    name, old, new = line.args
    path = world.project / name
    text = path.read_text()
    if old not in text:
        raise ScenarioError(f"'{name}' does not have '{old}'")
    path.write_text(text.replace(old, new))


@word
def nested(world, line):
    """nested FILE DEPTH: a JSON object in an object in an object"""
    depth = int(line.args[1])
    write(world, line.args[0], '{"name":' * depth + "1" + "}" * depth)


@word
def mode(world, line):
    """mode 0555 PATH..."""
    for name in line.args[1:]:
        os.chmod(world.project / name, int(line.args[0], 8))


@word
def touch(world, line):
    for name in line.args:
        os.utime(world.project / name)


@word
def swap(world, line):
    """swap A B: each gets the other's name"""
    one, other = (world.project / name for name in line.args)
    one.rename(aside := one.with_name(one.name + ".aside"))
    other.rename(one)
    aside.rename(other)


@word
def share(world, line):
    """share FILE NAME: a second name for the file, as a copy of the project by hard links has"""
    os.link(*(world.project / name for name in line.args))


@word
def tamper(world, line):
    """tamper FILE TEXT: into the file as it is, whatever its mode says"""
    path = (world.project / line.args[0]).resolve()
    before = path.stat().st_mode
    path.chmod(before | 0o200)
    path.write_text(line.args[1])
    path.chmod(before)


@word
def due(world, _):
    """due: packages that projects share were last looked at as a whole at a time that cannot be believed"""
    later = time.time() + 24 * 60 * 60
    for entry in world.shared_entries():
        os.utime(entry, (later, later))


@word
def lose(world, _):
    """lose: packages that projects share are gone"""
    world.shared.rename(world.root / "lost")


@word
def npmrc(world, line):
    """npmrc key=value...: the project's; `npmrc user key=value...`: the user's"""
    is_user = line.args[:1] == ["user"]
    path = world.home / ".npmrc" if is_user else world.project / ".npmrc"
    with path.open("a") as out:
        out.write("".join(entry + "\n" for entry in line.args[is_user:]) + line.text)


@word
def env(world, line):
    """env NAME=value..."""
    world.env.update(entry.split("=", 1) for entry in line.args)


@word
def cd(world, line):
    """cd FOLDER: where the runs below start, from the project"""
    world.cwd = world.project / line.args[0]


@word
def damage(world, line):
    """damage cache: writes noise over the start of every file in one of the world's folders"""
    for path in getattr(world, line.args[0]).rglob("*"):
        if path.is_file():
            with path.open("r+b") as out:
                out.write(b"noise" * 200)


@word
def space(world, line):
    """space project 2m: a small file system under one of the world's folders"""
    world.mount_small(*line.args)


@word
def sandbox(_world, _line):
    """sandbox: only for kernels that can confine scripts; skipped elsewhere"""


@word
def nobody(world, _):
    """nobody: the runs below belong to a user whom permissions bind"""
    world.become_nobody()


@word
def kill(world, line):
    """kill 9 on /a/-/*.tgz: the next run gets the signal once that was asked for"""
    world.kill_on = (signal.Signals(int(line.args[0])), line.args[2])


@word
def types(world, line):
    """types QUESTION ANSWER...: the next run has a terminal, and somebody there who answers these questions"""
    world.answers = [*zip(line.args[::2], line.args[1::2], strict=True)]


@word
def run(world, line):
    world.start_run(line.args)


def write(world, name, text):
    path = world.project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
