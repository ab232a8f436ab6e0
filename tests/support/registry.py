#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A package registry on the loopback interface, for tests.

It serves what package.py describes, goes wrong as faults.py says, and remembers every request. Tests use the class;
a person runs it and gets the URL on standard output:

    registry.py 'a@1.0.0 dep:b@^1' b@1.0.0 --fault '/b status:500 attempt:1' --log requests.txt
"""

import argparse
import gzip
import hashlib
import shlex
import threading
from pathlib import Path

import package
from faults import Answer, Fault
from loopback import LoopbackServer, json_answer
from signer import Signer

ADVISORIES_PATH = "/-/npm/v1/security/advisories/bulk"
ATTESTATIONS_PATH = "/-/npm/v1/attestations/"
TRUSTED_ROOT_PATH = "/trusted_root.json"
KEYS_PATH = "/-/npm/v1/keys"
ABBREVIATED_TYPE = "application/vnd.npm.install-v1+json"


class Registry(LoopbackServer):
    """Packages behind the endpoints that installing needs."""

    def __init__(self, log=None, signer=None):
        super().__init__(log)
        self._packages = {}
        self.files = {}
        self._advisories = {}
        self.signer = Signer(signer)
        self._keys = None

    def warn(self, name, advisory):
        """Publishes an advisory about a package."""
        self._advisories.setdefault(name, []).append(advisory)

    def offer_keys(self, words):
        """Publishes signing keys: `KEY expires:TIME` for each."""
        self._keys = []
        for word in words:
            if word.startswith("expires:"):
                self._keys[-1]["expires"] = word.removeprefix("expires:")
            else:
                self._keys.append(self.signer.key(word))

    def add(self, words):
        for one in package.parse(words):
            one.signer = self.signer
            self._packages.setdefault(one.name, {})[one.version] = one

    def find(self, name, version):
        return self._packages[name][version]

    def serve(self, method, path, headers):
        if method in ("PUT", "DELETE"):
            return json_answer({"ok": True}, 201)
        if method == "POST" and path.endswith(ADVISORIES_PATH):
            return json_answer(self._advisories)
        if path == KEYS_PATH and self._keys is not None:
            return json_answer({"keys": self._keys})
        if path.startswith(ATTESTATIONS_PATH):
            one = self.find(*package.split_spec(path.removeprefix(ATTESTATIONS_PATH)))
            return json_answer({"attestations": one.attestations()})
        if path in self.files:
            return Answer(body=self.files[path])
        if path == TRUSTED_ROOT_PATH:
            return Answer(body=self.signer.trusted_root().encode())
        name, dash, file_name = path[1:].partition("/-/")
        if dash:
            return self._serve_tarball(name, file_name)
        versions = self._packages.get(name)
        if versions:
            document = package.packument(list(versions.values()), self.url, wants_abbreviated(headers))
            return packument_answer(document, headers)
        name, _, version = name.rpartition("/")
        if version in self._packages.get(name, {}):
            return json_answer(self._packages[name][version].document(self.url))
        return service_answer(method, path)

    def _serve_tarball(self, name, file_name):
        for one in self._packages.get(name, {}).values():
            if one.file_name == file_name:
                return tarball_answer(one.tarball())
        return service_answer("GET", "")


def wants_abbreviated(headers):
    return ABBREVIATED_TYPE in headers.get("accept", "")


def packument_answer(document, headers):
    """A packument with all that HTTP says about its age and form."""
    answer = json_answer(document)
    answer.headers["etag"] = '"' + hashlib.sha1(answer.body).hexdigest() + '"'
    answer.headers["cache-control"] = "public, max-age=300"
    answer.headers["vary"] = "accept, accept-encoding"
    if wants_abbreviated(headers):
        answer.headers["content-type"] = ABBREVIATED_TYPE
    if headers.get("if-none-match") == answer.headers["etag"]:
        answer.status, answer.body = 304, b""
    elif "gzip" in headers.get("accept-encoding", ""):
        answer.body = gzip.compress(answer.body, mtime=0)
        answer.headers["content-encoding"] = "gzip"
    return answer


def tarball_answer(data):
    return Answer(body=data, headers={"content-type": "application/octet-stream"})


def service_answer(method, path):
    """What is no package: the few services that an install may call, or nothing."""
    is_audit = method == "POST" and path.startswith("/-/npm/v1/security/")
    return json_answer({}) if is_audit or path == "/-/ping" else json_answer({"error": "Not found"}, 404)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="*", help="descriptions, as in package.py")
    parser.add_argument("--from", dest="files", action="append", default=[], help="a file of descriptions")
    parser.add_argument("--fault", action="append", default=[], help="a fault, as in faults.py; may be repeated")
    parser.add_argument("--log", type=argparse.FileType("w"), help="write a line for each request here")
    options = parser.parse_args()
    with Registry(options.log) as registry:
        for text in [*options.packages, *(Path(name).read_text() for name in options.files)]:
            registry.add(shlex.split(text, comments=True))
        registry.faults = [Fault.parse(shlex.split(text)) for text in options.fault]
        print(registry.url, flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
