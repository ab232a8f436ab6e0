# SPDX-License-Identifier: MIT
"""Signatures of a registry, made by the program that support/signer.c becomes. A key is known by its name."""

import subprocess


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


def keyid(name):
    return f"SHA256:{name}"
