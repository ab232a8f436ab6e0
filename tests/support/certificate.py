# SPDX-License-Identifier: MIT
"""An authority of our own and a certificate for the loopback address, made by the openssl program and known to nobody: a
client trusts them when it is handed the authority's file."""

import subprocess
from pathlib import Path

_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


class Certificate:
    """`authority`, `chain` and `key` are files below @folder. The certificate is about @address. With @is_indirect another authority
    stands between, whose certificate the server does not send: it is the first in the authority's file."""

    def __init__(self, folder, address="127.0.0.1", days=2, is_indirect=False):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.authority, self.chain, self.key = (self.folder / f"{name}.pem" for name in ("authority", "chain", "key"))
        self._openssl("req", "-x509", *_NEW_KEY, "-keyout", "root.key", "-out", "root.pem", "-subj", "/CN=Authority of the tests", "-days", 2,
                      "-addext", "basicConstraints=critical,CA:TRUE")
        issuer = "root"
        if is_indirect:
            self._issue("between", "root", "Authority between", "basicConstraints=critical,CA:TRUE", 2)
            issuer = "between"
        self._issue("leaf", issuer, address, f"subjectAltName=IP:{address}", days)
        (self.folder / "leaf.pem").rename(self.chain)
        (self.folder / "leaf.key").rename(self.key)
        self.authority.write_text("".join((self.folder / f"{name}.pem").read_text() for name in dict.fromkeys((issuer, "root"))))

    def _issue(self, name, issuer, subject, extension, days):
        (self.folder / "extensions.conf").write_text(extension + "\n")
        self._openssl("req", *_NEW_KEY, "-keyout", f"{name}.key", "-out", "request.pem", "-subj", f"/CN={subject}")
        self._openssl("x509", "-req", "-in", "request.pem", "-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-CAcreateserial",
                      "-extfile", "extensions.conf", "-out", f"{name}.pem", "-days", days)

    def _openssl(self, *words):
        subprocess.run(["openssl", *map(str, words)], cwd=self.folder, check=True, capture_output=True)
