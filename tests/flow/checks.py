# SPDX-License-Identifier: MIT
"""The lines of a scenario that say what must be true. Each function is one word of the grammar and judges the last run."""

import json
import os
import re

from scenario import ScenarioError

WORDS = {}
MANIFEST_MAX_DEPTH = 64

_TIME = re.compile(r"\bin \d+(\.\d+)?(ms|s|m)\b")


class CheckFailed(Exception):
    """The claim does not hold."""


def word(function):
    WORDS[function.__name__.rstrip("_").replace("_", "-")] = function
    return function


def sound(world):
    """Holds for every run, whatever the scenario says: no sanitizer had anything to report."""
    for sign in ("Sanitizer", "runtime error:"):
        expect(sign not in world.run.stderr, f"the run was not sound: {sign}")


def expect(condition, message):
    if not condition:
        raise CheckFailed(message)


@word
def exit_(world, line):
    """exit 0; a signal's number is negative"""
    wanted = int(line.args[0])
    expect(world.run.exit == wanted, f"exit status is {world.run.exit}, not {wanted}")


@word
def fails(world, _):
    """fails: an error was reported; neither success nor a crash"""
    expect(world.run.exit > 0, f"exit status is {world.run.exit}")
    expect("error" in world.run.stderr, "standard error has no error")


@word
def stdout(world, line):
    _has_all("standard output", world.run.stdout, line.args)


@word
def stderr(world, line):
    _has_all("standard error", world.run.stderr, line.args)


@word
def stdout_lacks(world, line):
    _has_none("standard output", world.run.stdout, line.args)


@word
def stderr_lacks(world, line):
    _has_none("standard error", world.run.stderr, line.args)


@word
def stdout_is(world, line):
    """stdout-is, with the whole text as the body; times read `in <time>`"""
    _same_text("standard output", _TIME.sub("in <time>", world.run.stdout), line.text)


@word
def silent(world, _):
    _same_text("standard output", world.run.stdout, "")
    _same_text("standard error", world.run.stderr, "")


@word
def json_(world, line):
    """json added=1 add.0.name=a: members of the JSON document on standard output"""
    try:
        document = json.loads(world.run.stdout)
    except json.JSONDecodeError as error:
        raise CheckFailed(f"standard output is not one JSON document: {error}") from error
    for claim in line.args:
        path, _, wanted = claim.partition("=")
        got = _member(document, path)
        expect(got == _value(wanted), f"member '{path}' is {json.dumps(got)}, not {wanted}")


@word
def contains(world, line):
    """contains FILE FRAGMENT..."""
    _has_all(f"'{line.args[0]}'", _read(world, line.args[0]), line.args[1:])


@word
def lacks(world, line):
    """lacks FILE FRAGMENT..."""
    _has_none(f"'{line.args[0]}'", _read(world, line.args[0]), line.args[1:])


@word
def text(world, line):
    """text FILE, with the whole text as the body"""
    _same_text(f"'{line.args[0]}'", _read(world, line.args[0]), line.text)


@word
def mode_is(world, line):
    """mode-is 600 FILE..."""
    for name in line.args[1:]:
        mode = (world.project / name).stat().st_mode & 0o7777
        expect(mode == int(line.args[0], 8), f"'{name}' has mode {mode:o}")


@word
def absent(world, line):
    for name in line.args:
        expect(not os.path.lexists(world.project / name), f"'{name}' is there")


@word
def present(world, line):
    for name in line.args:
        expect(os.path.lexists(world.project / name), f"'{name}' is not there")


@word
def executable(world, line):
    for name in line.args:
        expect(os.access(world.project / name, os.X_OK), f"'{name}' is not there or cannot be executed")


@word
def points(world, line):
    """points LINK TARGET"""
    name, wanted = line.args
    got = os.readlink(world.project / name) if (world.project / name).is_symlink() else "no link"
    expect(got == wanted, f"'{name}' points to {got}, not {wanted}")


@word
def shared(world, line):
    """shared FOLDER...: a package that lies where projects share it, and that nobody can write to"""
    for name in line.args:
        path = (world.project / name).resolve()
        expect(world.shared in path.parents, f"'{name}' lies at '{path}'")
        for part in (path, path / "package.json"):
            expect(not part.stat().st_mode & 0o222, f"'{part}' can be written")


@word
def private(world, line):
    """private FOLDER...: a package that lies in the project"""
    for name in line.args:
        path = (world.project / name).resolve()
        expect(world.project.resolve() in path.parents, f"'{name}' lies at '{path}'")


@word
def same(world, line):
    """same A B: two ways to one place"""
    places = {(world.project / name).resolve() for name in line.args}
    expect(len(places) == 1, f"they lie at {' and '.join(map(str, sorted(places)))}")


@word
def apart(world, line):
    """apart A B: ways to different places"""
    places = {(world.project / name).resolve() for name in line.args}
    expect(len(places) == len(line.args), f"they lie at {' and '.join(map(str, sorted(places)))}")


@word
def unchanged(world, line):
    """unchanged PATH...: as it was before the last run; without a path, the whole project"""
    for name in line.args or [""]:
        before, after = _below(world.run.before, name), _below(world.run.after, name)
        for path in sorted(before.keys() | after.keys()):
            expect(before.get(path) == after.get(path), f"'{path}' was {before.get(path)}, is {after.get(path)}")


@word
def tree(world, line):
    """tree a@1.0.0 a>b@2.0.0: exactly these packages are in node_modules"""
    _same_set("node_modules", set(_installed(world.project, "", MANIFEST_MAX_DEPTH)), set(line.args))


@word
def lock(world, line):
    """lock a@1.0.0 a>b@2.0.0: exactly these packages are in the lockfile"""
    packages = json.loads(_read(world, "package-lock.json"))["packages"]
    got = set()
    for path, entry in packages.items():
        if path:
            place = path.removeprefix("node_modules/").replace("/node_modules/", ">")
            got.add(f"{place}@{entry.get('version', 'link')}")
    _same_set("the lockfile", got, set(line.args))


@word
def requests(world, line):
    """requests 0: in the last run; requests /a 1 /b 2: for these paths"""
    if len(line.args) == 1:
        asked = world.registry.requests[world.run.first_request :]
        paths = [request.path for request in asked]
        expect(len(paths) == int(line.args[0]), f"{len(paths)} requests, not {line.args[0]}: {paths}")
        return
    for pattern, wanted in zip(line.args[::2], line.args[1::2], strict=True):
        got = len(_requests_in_run(world, pattern))
        expect(got == int(wanted), f"{got} requests for '{pattern}', not {wanted}")


@word
def sent(world, line):
    """sent /a authorization='Bearer x' accept: each request had the header (with that text in it)"""
    _expect_headers(_some_requests(world, line.args[0]), line.args[1:])


@word
def sent_last(world, line):
    """sent-last /a npm-otp=1: the same of the last such request"""
    _expect_headers(_some_requests(world, line.args[0])[-1:], line.args[1:])


def _expect_headers(requests, claims):
    for request in requests:
        for claim in claims:
            name, _, wanted = claim.partition("=")
            got = request.headers.get(name)
            expect(got is not None and wanted in got, f"header '{name}' for '{request.path}' is {got}")


@word
def sent_lacks(world, line):
    """sent-lacks /a authorization"""
    for request in _some_requests(world, line.args[0]):
        for name in line.args[1:]:
            expect(name not in request.headers, f"header '{name}' was sent for '{request.path}'")


@word
def posted(world, line):
    """posted PATTERN, with the whole JSON as the body, compact"""
    for request in _some_requests(world, line.args[0]):
        _same_text("what was posted", request.body.decode() + "\n", line.text)


@word
def told(world, line):
    """told PUT PATTERN dist-tags:latest=1.0.0...: members of the JSON that the last such request sent"""
    requests = [one for one in _some_requests(world, line.args[1]) if one.method == line.args[0]]
    expect(requests, f"there was no {line.args[0]} of '{line.args[1]}'")
    document = json.loads(requests[-1].body)
    for claim in line.args[2:]:
        path, _, wanted = claim.partition("=")
        got = _member(document, path, ":")
        expect(got == _value(wanted), f"member '{path}' is {json.dumps(got)}, not {wanted}")


@word
def waited(world, line):
    """waited /a 1000: between two tries passed so many milliseconds, at least"""
    times = [request.time_sec for request in _some_requests(world, line.args[0])]
    expect(len(times) > 1, "there was one try only")
    gap_ms = 1000 * min(later - earlier for earlier, later in zip(times, times[1:]))
    expect(gap_ms >= int(line.args[1]), f"the next try came after {gap_ms:.0f} ms")


def _requests_in_run(world, pattern):
    before = set(map(id, world.registry.requests[: world.run.first_request]))
    return [request for request in world.registry.requests_for(pattern) if id(request) not in before]


def _some_requests(world, pattern):
    found = _requests_in_run(world, pattern)
    expect(found, f"nothing was asked for '{pattern}'")
    return found


def _has_all(where, got, fragments):
    for fragment in fragments:
        expect(fragment in got, f"{where} does not have '{fragment}'")


def _has_none(where, got, fragments):
    """Characters that cannot stand in a scenario are written as \\x1b, \\u202e or \\n."""
    for fragment in fragments:
        meant = re.sub(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|n)", _character, fragment)
        expect(meant not in got, f"{where} has '{fragment}'")


def _character(escape):
    return chr(int(escape[1] or escape[2] or "a", 16))


def _same_text(where, got, wanted):
    expect(got == wanted, f"{where} is\n{got!r}, not\n{wanted!r}")


def _same_set(where, got, wanted):
    missing, extra = sorted(wanted - got), sorted(got - wanted)
    expect(not missing and not extra, f"{where} lacks {missing} and has besides {extra}")


def _read(world, name):
    path = world.project / name
    expect(path.is_file(), f"'{name}' is not there")
    return path.read_text(encoding="utf-8")


def _member(document, path, separator="."):
    for step in path.split(separator):
        try:
            document = document[int(step)] if isinstance(document, list) else document[step]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return document


def _value(literal):
    try:
        return json.loads(literal)
    except json.JSONDecodeError:
        return literal


def _below(prints, name):
    return {path: one for path, one in prints.items() if not name or path == name or path.startswith(name + "/")}


def _installed(folder, prefix, depth):
    """The packages in folder/node_modules as `a@1.0.0` and, below them, `a>b@2.0.0`."""
    modules = folder / "node_modules"
    if depth == 0 or not modules.is_dir():
        return
    for name in _package_names(modules):
        place = prefix + name
        manifest = modules / name / "package.json"
        version = json.loads(manifest.read_text())["version"] if manifest.is_file() else "no package.json"
        yield f"{place}@{version}"
        if not (modules / name).is_symlink():
            yield from _installed(modules / name, place + ">", depth - 1)


def _package_names(modules):
    for entry in sorted(os.listdir(modules)):
        if entry.startswith("@"):
            yield from (f"{entry}/{name}" for name in sorted(os.listdir(modules / entry)))
        elif not entry.startswith("."):
            yield entry
