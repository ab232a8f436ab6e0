# SPDX-License-Identifier: MIT
"""Signatures of a registry and attestations of its packages, made by the program that support/signer.c becomes. A key is known by its name."""

import base64
import json
import subprocess

PREDICATE = "https://slsa.dev/provenance/v1"


class Signer:
    def __init__(self, program):
        self._program = program

    def _ask(self, *words):
        done = subprocess.run([self._program, *words], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def key(self, name):
        """A key as registries offer it."""
        scheme = "ecdsa-sha2-nistp256"
        return {"expires": None, "keyid": keyid(name), "keytype": scheme, "scheme": scheme, "key": self._ask("key", name)}

    def signature(self, name, message):
        """As `dist.signatures` holds it. KEY=OTHER names one key and signs with another."""
        named, _, used = name.partition("=")
        return {"keyid": keyid(named), "sig": self._ask("sign", used or named, message)}

    def attestation(self, one, words):
        """What the registry answers about a package; words as `spoil=proof`, or `key=k` for an attestation of its own."""
        sha512 = base64.b64decode(one.integrity().removeprefix("sha512-")).hex()
        bundle = json.loads(self._ask("attest", one.name, one.version, sha512, *words))
        return {"predicateType": PREDICATE, "bundle": bundle}

    def trusted_root(self):
        return self._ask("root") + "\n"


def keyid(name):
    return f"SHA256:{name}"
