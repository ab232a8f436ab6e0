# SPDX-License-Identifier: MIT
"""Packages described in a few words, as scenarios write them:

    a@1.0.0 dep:b@^1 peer:r@^2 bin:a=cli.js os:linux   b@1.0.0 deprecated:'use c'

A word `name@version` begins a package, the words `key:value` behind it describe it. The same keys describe a project's
own package.json. From the description come the manifest, the tarball, and the packument in both of its forms.
"""

import base64
import hashlib
import json
import re

import tarball
from signer import PREDICATE

SECTIONS = {
    "dep": "dependencies",
    "dev": "devDependencies",
    "optional": "optionalDependencies",
    "peer": "peerDependencies",
}
LISTS = {"os": "os", "cpu": "cpu", "libc": "libc", "bundle": "bundleDependencies", "workspace": "workspaces"}
PAIRS = {"bin": "bin", "script": "scripts", "engine": "engines"}
TEXTS = ("license", "description", "main", "type")

# What the abbreviated packument keeps of a manifest.
ABBREVIATED = (
    "name", "version", "deprecated", "bin", "dist", "engines", "os", "cpu", "libc", "directories", "funding",
    "bundleDependencies", "peerDependenciesMeta", "acceptDependencies", *SECTIONS.values(),
)
INSTALL_SCRIPTS = ("preinstall", "install", "postinstall")
FIRST_PUBLISHED = "2020-01-01T00:00:00.000Z"

_KEY = re.compile(r"^([a-z-]+):(.*)$", re.DOTALL)
_OVERRIDE = re.compile(r"^(.*?[^<>=])=(?!=)(.*)$", re.DOTALL)


def split_spec(text):
    """`@s/a@^1` into ('@s/a', '^1'); without a range the range is '*'."""
    at = text.find("@", 1)
    return (text, "*") if at < 0 else (text[:at], text[at + 1 :])


def integrity_of(data):
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def is_key(word):
    return _KEY.match(word) is not None


def describe(manifest, word):
    """Puts one `key:value` word into a manifest; False when the key is not one of a manifest's."""
    key, value = _KEY.match(word).groups()
    if key in SECTIONS:
        name, wanted = split_spec(value)
        manifest.setdefault(SECTIONS[key], {})[name] = wanted
    elif key == "peer-optional":
        name, wanted = split_spec(value)
        manifest.setdefault("peerDependencies", {})[name] = wanted
        manifest.setdefault("peerDependenciesMeta", {})[name] = {"optional": True}
    elif key == "accept":
        name, wanted = split_spec(value)
        manifest.setdefault("acceptDependencies", {})[name] = wanted
    elif key == "override":
        override(manifest.setdefault("overrides", {}), value)
    elif key in LISTS:
        manifest.setdefault(LISTS[key], []).append(value)
    elif key in PAIRS:
        name, _, text = value.partition("=")
        manifest.setdefault(PAIRS[key], {})[name] = text
    elif key in TEXTS:
        manifest[key] = value
    else:
        return False
    return True


def override(rules, text):
    """`a>b@^1=2.0.0` into {"a": {"b@^1": "2.0.0"}}; a rule for `a` itself stays as its "."."""
    path, wanted = _OVERRIDE.match(text).groups()
    *outer, last = re.split(r">(?!=)", path)
    for key in outer:
        inner = rules.get(key, {})
        rules[key] = inner if isinstance(inner, dict) else {".": inner}
        rules = rules[key]
    if isinstance(rules.get(last), dict):
        rules, last = rules[last], "."
    rules[last] = wanted


class Package:
    """One version of one package."""

    def __init__(self, name, version):
        self.manifest = {"name": name, "version": version}
        self.tags = []
        self.published = FIRST_PUBLISHED
        self.restricted = None
        self.signer = None
        self._signed_with = []
        self._signatures = None
        self._attested = []
        self._deprecated = None
        self._files = {}
        self._modes = {}
        self._entries = []
        self._tarball = None

    @property
    def name(self):
        return self.manifest["name"]

    @property
    def version(self):
        return self.manifest["version"]

    @property
    def file_name(self):
        return f"{self.name.rpartition('/')[2]}-{self.version}.tgz"

    def add_word(self, word):
        if describe(self.manifest, word):
            return
        key, value = _KEY.match(word).groups()
        if key == "deprecated":
            self._deprecated = value
        elif key == "tag":
            self.tags.append(value)
        elif key == "restricted":
            self.restricted = value
        elif key == "published":
            self.published = value
        elif key == "signed":
            self._signed_with.append(value)
        elif key == "attested":
            self._attested.append(value.split(",") if value else [])
        elif key == "file":
            path, _, text = value.partition("=")
            self._files[path] = text
        elif key == "mode":
            path, _, mode = value.partition("=")
            self._modes[path] = int(mode, 8)
        elif key == "entry":
            self._entries.append(tarball.Entry.parse(value))
        else:
            raise ValueError(f"unknown key '{key}:' of package '{self.name}'")

    def tarball(self):
        if self._tarball is None:
            self._tarball = tarball.build(self._archive())
        return self._tarball

    def _archive(self):
        bins = self.manifest.get("bin", {}).values()
        files = {path: "#!/bin/sh\necho ran\n" for path in bins} | {"index.js": ""} | self._files
        yield tarball.Entry("package/package.json", json.dumps(self.manifest, indent=2) + "\n")
        for path, text in files.items():
            mode = self._modes.get(path, 0o755 if path in bins else 0o644)
            yield tarball.Entry(f"package/{path}", text, mode=mode)
        yield from self._entries

    def integrity(self):
        return integrity_of(self.tarball())

    def signatures(self):
        if self._signatures is None:
            message = f"{self.name}@{self.version}:{self.integrity()}"
            self._signatures = [self.signer.signature(key, message) for key in self._signed_with]
        return self._signatures

    def attestations(self):
        return [self.signer.attestation(self, words) for words in self._attested]

    def document(self, base):
        """The version as a packument shows it; `base` is the registry's URL."""
        doc = dict(self.manifest)
        if self._deprecated is not None:
            doc["deprecated"] = self._deprecated
        doc["_id"] = f"{self.name}@{self.version}"
        doc["dist"] = {
            "integrity": self.integrity(),
            "shasum": hashlib.sha1(self.tarball()).hexdigest(),
            "tarball": f"{base}{self.name}/-/{self.file_name}",
            "unpackedSize": sum(len(entry.value) for entry in self._archive()),
        }
        if self._signed_with:
            doc["dist"]["signatures"] = self.signatures()
        if self._attested:
            url = f"{base}-/npm/v1/attestations/{self.name}@{self.version}"
            doc["dist"]["attestations"] = {"url": url, "provenance": {"predicateType": PREDICATE}}
        return doc


def abbreviate(doc):
    """What the abbreviated packument shows of a version."""
    short = {key: doc[key] for key in ABBREVIATED if key in doc}
    if any(script in doc.get("scripts", {}) for script in INSTALL_SCRIPTS):
        short["hasInstallScript"] = True
    return short


def parse(words):
    """The packages that these words describe, in order."""
    packages = []
    for word in words:
        if is_key(word):
            if not packages:
                raise ValueError(f"'{word}' describes no package")
            packages[-1].add_word(word)
        else:
            packages.append(Package(*split_spec(word)))
    return packages


def policy(packages, base):
    """What the registry says of versions that it does not give."""
    restricted = [one for one in packages if one.restricted is not None]
    if not restricted:
        return {}
    versions = {one.version: one.document(base) for one in restricted}
    return {"policyRestrictions": {"message": restricted[-1].restricted, "versions": versions}}


def packument(packages, base, abbreviated):
    """The document for all versions of one name."""
    newest = packages[-1]
    tags = {"latest": newest.version}
    for one in packages:
        tags.update(dict.fromkeys(one.tags, one.version))
    versions = {one.version: one.document(base) for one in packages if one.restricted is None}
    if abbreviated:
        versions = {version: abbreviate(one) for version, one in versions.items()}
    doc = {"name": newest.name, "dist-tags": tags, "versions": versions}
    if abbreviated:
        return doc | {"modified": newest.published}
    doc |= policy(packages, base)
    times = {one.version: one.published for one in packages}
    return {"_id": newest.name} | doc | {"time": {"created": FIRST_PUBLISHED, "modified": newest.published} | times}
