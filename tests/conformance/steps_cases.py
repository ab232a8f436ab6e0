# SPDX-License-Identifier: MIT
"""Random sequences of commands for steps_differential.py, on projects of a recorded registry.

A case is a tuple of lines, each a tuple of a word and its arguments:

    project NAME                a folder of the recorded projects
    manifest JSON               or a package.json of its own
    run ARGUMENTS...            both programs run
    put SECTION NAME RANGE      package.json is edited by hand
    drop SECTION NAME
    delete PATH
"""

import gzip
import json

LOCK_ONLY = "--package-lock-only"
SECTIONS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
SAVE_FLAGS = ("--save-dev", "--save-optional", "--save-peer", "--save-exact", "--save-prod", "--no-save", "--save-bundle", "--save-prefix=~")
RUN_FLAGS = (
    "--omit=dev", "--omit=optional", "--omit=peer", "--prefer-dedupe", "--force", "--install-strategy=nested", "--lockfile-version=2",
    "--install-strategy=shallow", "--install-links", "--no-package-lock", "--before=2024-06-01", "--strict-peer-deps",
    "--os=win32", "--cpu=arm64", "--omit-lockfile-registry-resolved", "--lockfile-version=1", "--include=optional", "--dry-run",
)
STEPS = {
    "install": 8, "add": 30, "uninstall": 14, "update": 6, "update some": 10, "dedupe": 6, "prune": 4, "ci": 4, "edit": 22,
    "delete lock": 5, "delete modules": 4, "delete hidden lock": 2, "override": 5, "find-dupes": 1,
}


class Catalogue:
    """What the recorded registry and the recorded projects can offer."""

    def __init__(self, store, projects):
        self._store = store
        self.projects = sorted(path.name for path in projects.iterdir() if (path / "package.json").exists())
        self.wanted = {}
        for path in projects.rglob("package.json"):
            if "node_modules" not in path.parts:
                self._collect(json.loads(path.read_text()))
        self.everything = store.names()

    def _collect(self, manifest):
        for section in SECTIONS:
            for name, text in manifest.get(section, {}).items():
                if ":" not in text:
                    self.wanted.setdefault(name, []).append(text)

    def packument(self, name):
        packed = self._store.packument(name)
        return json.loads(gzip.decompress(packed)) if packed else None


class Maker:
    """Random cases."""

    def __init__(self, chance, catalogue, lock_only):
        self._chance = chance
        self._catalogue = catalogue
        self._common = [LOCK_ONLY] if lock_only else []
        self._names = []

    def case(self):
        chance = self._chance
        self._names = []
        lines = [self._project()]
        flags = [] if self._happens(0.7) else [chance.choice(RUN_FLAGS)]
        if self._happens(0.4):
            flags.append("--legacy-peer-deps")
        lines.append(("run", "install", *flags, *self._common))
        for _ in range(chance.randint(1, 6)):
            more = [] if self._happens(0.85) else [chance.choice(RUN_FLAGS)]
            lines += self._step([*flags, *more])
        return tuple(lines)

    def _happens(self, share):
        return self._chance.random() < share

    def _project(self):
        chance, wanted = self._chance, self._catalogue.wanted
        if self._happens(0.35):
            name = chance.choice(self._catalogue.projects)
            self._names = chance.sample(sorted(wanted), 12)
            return ("project", name)
        names = chance.sample(sorted(wanted), chance.choice((2, 4, 8, 12, 20)))
        manifest = {"name": "project", "version": "1.0.0"}
        for name in names:
            section = chance.choices(SECTIONS, (55, 35, 6, 4))[0]
            manifest.setdefault(section, {})[name] = chance.choice(wanted[name])
        self._names = names
        return ("manifest", json.dumps(manifest))

    def _name(self):
        """A package that is perhaps there, or that projects wish for, or any."""
        lists = (self._names, sorted(self._catalogue.wanted), self._catalogue.everything)
        return self._chance.choice(self._chance.choices(lists, (55, 25, 20))[0])

    def _range(self, name):
        chance = self._chance
        packument = self._catalogue.packument(name)
        versions = [*packument["versions"]] if packument else []
        if not versions or self._happens(0.25):
            return chance.choice(("latest", "*", "next", "x"))
        version = chance.choice(versions)
        if self._happens(0.4):
            version = packument["dist-tags"].get("latest") or version
        major, _, rest = version.partition(".")
        minor = rest.partition(".")[0]
        return chance.choice((f"^{version}", f"~{version}", version, f"^{major}", f"{major}.x", f"{major}.{minor}", f">={version}", f"<={version}", f"^{major} || {version}"))

    def _argument(self):
        name = self._name()
        if self._happens(0.4):
            return name
        if self._happens(0.06):
            return f"alias@npm:{name}@{self._range(name)}"
        return f"{name}@{self._range(name)}"

    def _step(self, flags):
        chance = self._chance
        kind = chance.choices([*STEPS], [*STEPS.values()])[0]
        last = [*flags, *self._common]
        if kind == "add":
            save = [chance.choice(SAVE_FLAGS)] if self._happens(0.5) else []
            words = [self._argument() for _ in range(chance.choice((1, 1, 1, 2)))]
            return [("run", "install", *words, *save, *last)]
        if kind == "uninstall":
            return [("run", "uninstall", *(self._name() for _ in range(chance.choice((1, 1, 2)))), *last)]
        if kind == "update some":
            save = ["--save"] if self._happens(0.3) else []
            return [("run", "update", *(self._name() for _ in range(chance.choice((1, 2)))), *save, *last)]
        if kind == "edit":
            return [*self._edits(), ("run", *self._after(), *last)]
        if kind == "override":
            name = self._name()
            return [("put", "overrides", name, self._range(name)), ("run", *self._after(), *last)]
        if kind.startswith("delete"):
            path = {"delete lock": "package-lock.json", "delete modules": "node_modules"}.get(kind, "node_modules/.package-lock.json")
            return [("delete", path), ("run", *self._after(), *last)]
        if kind == "ci":
            return [("run", "ci", *(word for word in last if word != LOCK_ONLY))] if not self._common else []
        return [("run", kind, *last)]

    def _after(self):
        return self._chance.choices((["install"], ["update"], ["dedupe"], ["prune"], ["ci"]), (70, 10, 8, 7, 0 if self._common else 5))[0]

    def _edits(self):
        chance = self._chance
        edits = []
        for _ in range(chance.choice((1, 1, 2))):
            name = self._name()
            section = chance.choices(SECTIONS, (50, 35, 8, 7))[0]
            what = chance.choice(("put", "drop", "move"))
            if what != "put":
                edits += [("drop", one, name) for one in SECTIONS]
            if what != "drop":
                edits.append(("put", section, name, self._range(name)))
        return edits


def reductions(case):
    """The case without some of its lines or one of their words, or with less in its package.json."""
    for size in (4, 2, 1):
        for index in range(1, len(case), size):
            yield case[:index] + case[index + size :]
    word, text = case[0]
    if word == "manifest":
        yield from (((word, less), *case[1:]) for less in _less(json.loads(text)))
    for index, line in enumerate(case):
        if line[0] == "run":
            for at in range(2, len(line)):
                if line[at] != LOCK_ONLY:
                    yield case[:index] + (line[:at] + line[at + 1 :],) + case[index + 1 :]


def _less(manifest):
    places = [(section, name) for section in SECTIONS for name in manifest.get(section, {})]
    for size in (8, 4, 2, 1):
        for index in range(0, len(places), size):
            gone = places[index : index + size]
            yield json.dumps({
                key: {name: text for name, text in value.items() if (key, name) not in gone} if key in SECTIONS else value
                for key, value in manifest.items()
            })
