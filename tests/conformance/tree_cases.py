# SPDX-License-Identifier: MIT
"""Random cases for tree_differential.py, and how a case gets smaller.

A case is a tuple of lines, each a tuple of a word and its arguments, as flow scenarios have them:

    registry SPEC WORDS...      a package
    manifest WORDS...           the project's package.json
    member FOLDER WORDS...      the package.json of a workspace or of a folder that file: leads to
    delete PATH
    run ARGUMENTS...            both programs run; whatever differs afterwards counts
"""

import json

VERSIONS = ["1.0.0", "1.1.0", "1.2.3", "2.0.0", "2.1.0", "3.0.0-beta.1"]
NAMES = ["a", "b", "c", "d", "e", "f", "g", "@s/x", "@s/y", "z.z"]
MEMBERS = ["m1", "m2"]
LOCK_ONLY = "--package-lock-only"

# Of every command that resolves.
FLAGS = [
    "--legacy-peer-deps", "--strict-peer-deps", "--force", "--prefer-dedupe", "--install-strategy=nested",
    "--install-strategy=shallow", "--install-links", "--omit=dev", "--omit=optional", "--omit=peer", "--engine-strict", "--os=win32",
]
SAVE_FLAGS = ["--save-dev", "--save-optional", "--save-peer", "--save-exact", "--no-save", "--save-prod"]
FIXED_WORDS = {"registry": 2, "member": 2, "delete": 2, "manifest": 1, "run": 2}


class Maker:
    """Random cases."""

    def __init__(self, chance):
        self._chance = chance
        self._names = []
        self._members = []

    def case(self):
        chance = self._chance
        self._names = chance.sample(NAMES, chance.randint(3, 8))
        self._members = chance.sample(MEMBERS, chance.randint(1, 2)) if self._happens(0.2) else []
        lines = [*self._registry(), *self._member_lines()]
        common = [] if self._happens(0.25) else [LOCK_ONLY]
        if self._happens(0.3):
            common.append(chance.choice(FLAGS))
        if self._happens(0.5):
            common.append("--allow-remote=all")  # to look into bundles
        wishes = self._project_words()
        lines += [("manifest", *wishes), ("run", "install", *common)]
        while self._happens(0.5):
            lines += self._next_step(wishes, common)
        return tuple(lines)

    def _happens(self, share):
        return self._chance.random() < share

    # ---- packages ----

    def _registry(self):
        chance = self._chance
        for name in self._names:
            for version in sorted(chance.sample(VERSIONS, chance.randint(1, 4))):
                yield ("registry", f"{name}@{version}", *self._package_words())

    def _package_words(self):
        chance = self._chance
        count = chance.choice((0, 1, 1, 2, 2, 3))
        kinds = chance.choices(("dep", "peer", "peer-optional", "optional"), (60, 25, 6, 9), k=count)
        words = {self._dependency(kind) for kind in kinds}
        extras = {
            f"os:{chance.choice(('win32', 'linux', '!linux'))}": 0.06, "cpu:ia32": 0.02, "tag:next": 0.06,
            "deprecated:old": 0.05, "engine:node=>=99": 0.05, f"accept:{chance.choice(self._names)}@{self._range()}": 0.03,
            "bin:tool=cli.js": 0.05,
        }
        words |= {word for word, share in extras.items() if self._happens(share)}
        if self._happens(0.05):
            words |= set(self._bundle())
        return tuple(sorted(words))

    def _bundle(self):
        """A package that lies in the tarball, perhaps in a version that nobody wants."""
        name, version = self._chance.choice(self._names), self._chance.choice(VERSIONS)
        manifest = {"name": name, "version": version}
        if self._happens(0.3):
            manifest["dependencies"] = {self._chance.choice(self._names): self._range()}
        yield f"bundle:{name}"
        yield f"dep:{name}@{self._range()}"
        yield f"file:node_modules/{name}/package.json={json.dumps(manifest)}"

    # ---- the project ----

    def _member_lines(self):
        for name in self._members:
            kinds = self._chance.choices(("dep", "dev", "optional", "peer"), (60, 15, 10, 15), k=self._chance.randint(0, 3))
            yield ("member", f"packages/{name}", *sorted({self._dependency(kind) for kind in kinds}))

    def _project_words(self):
        chance = self._chance
        kinds = chance.choices(("dep", "dev", "optional", "peer"), (60, 20, 10, 10), k=chance.randint(1, 5))
        words = {self._dependency(kind) for kind in kinds}
        for name in self._members:
            words.add(f"dep:{name}@file:packages/{name}" if self._happens(0.4) else "workspace:packages/*")
        if self._happens(0.2):
            words |= {self._override() for _ in range(chance.randint(1, 2))}
        return tuple(sorted(words))

    def _override(self):
        chance = self._chance
        keys = [chance.choice(self._names) for _ in range(chance.choice((1, 1, 2, 2, 3)))]
        keys = [f"{key}@{self._range()}" if self._happens(0.2) else key for key in keys]
        if len(keys) > 1 and self._happens(0.2):
            keys[-1] = "."
        value = f"${chance.choice(self._names)}" if self._happens(0.1) else self._range()
        return f"override:{'>'.join(keys)}={value}"

    def _changed(self, words):
        kept = [word for word in words if self._happens(0.7)]
        return tuple(sorted({*kept, *self._project_words()[:2]}))

    def _dependency(self, kind):
        chance = self._chance
        name = chance.choice(self._names + self._members if kind != "peer-optional" else self._names)
        if self._happens(0.04):
            return f"{kind}:alias-{chance.randint(1, 2)}@npm:{chance.choice(self._names)}@{self._range()}"
        return f"{kind}:{name}@{self._range()}"

    def _range(self):
        chance = self._chance
        version = chance.choice(VERSIONS)
        major = version.partition(".")[0]
        weights = {
            f"^{version}": 6, f"^{major}": 6, f"~{version}": 2, version: 2, "*": 5, f">={version}": 2, f"<={version}": 1,
            f"{major}.x": 2, "latest": 1, "next": 1, "^1 || ^2": 2,
        }
        return chance.choices([*weights], [*weights.values()])[0]

    # ---- what happens later ----

    def _next_step(self, wishes, common):
        chance = self._chance
        name = chance.choice(self._names)
        if self._members and self._happens(0.15):
            common = [*common, f"--workspace={chance.choice(self._members)}"]
        steps = {
            "change": ([("manifest", *self._changed(wishes)), ("run", "install", *common)], 30),
            "add": ([("run", "install", self._argument(name), *self._save_flags(), *common)], 25),
            "uninstall": ([("run", "uninstall", name, *common)], 10),
            "update": ([("run", "update", *common)], 8),
            "update some": ([("manifest", *self._changed(wishes)), ("run", "update", name, *common)], 8),
            "dedupe": ([("run", "dedupe", *common)], 8),
            "prune": ([("run", "prune", *common)], 5),
            "ci": ([("run", "ci", *(word for word in common if word != LOCK_ONLY))], 3),
            "no lock": ([("delete", "package-lock.json"), ("run", "install", *common)], 8),
        }
        return chance.choices([lines for lines, _ in steps.values()], [weight for _, weight in steps.values()])[0]

    def _argument(self, name):
        kinds = [name, f"{name}@{self._range()}", f"alias-1@npm:{name}@{self._range()}"]
        return self._chance.choices(kinds, (5, 5, 1))[0]

    def _save_flags(self):
        return [self._chance.choice(SAVE_FLAGS)] if self._happens(0.4) else []


def reductions(case):
    """The case without one of its lines, or without one of their words; the biggest parts first. There stays a project."""
    for size in (8, 4, 2, 1):
        for index in range(0, len(case), size):
            smaller = case[:index] + case[index + size :]
            if any(line[0] == "manifest" for line in smaller):
                yield smaller
    for index, line in enumerate(case):
        for at in range(FIXED_WORDS[line[0]], len(line)):
            yield case[:index] + (line[:at] + line[at + 1 :],) + case[index + 1 :]
