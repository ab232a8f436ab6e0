# SPDX-License-Identifier: MIT
"""A TUF repository around one target, as flow tests serve it; what may be wrong with one is the unit test's."""

import base64
import hashlib
import json

LATER = "2990-01-01T00:00:00Z"


def make(signer, target, version, expires=LATER):
    """Path -> bytes. Roots are signed by the keys r1 and r2, all else by o; the root is always the first."""
    roles = {"root": (["r1", "r2"], 2)} | {role: (["o"], 1) for role in ("timestamp", "snapshot", "targets")}
    keys = {name: _key(signer, name) for name in ("r1", "r2", "o")}
    root = _signed(signer, "root", 1, LATER, roles["root"][0], consistent_snapshot=True, keys=keys,
                   roles={role: {"keyids": ids, "threshold": least} for role, (ids, least) in roles.items()})
    hashes = {"sha256": hashlib.sha256(target).hexdigest()}
    targets = _signed(signer, "targets", version, LATER, ["o"],
                      targets={"trusted_root.json": {"length": len(target), "hashes": hashes}})
    snapshot = _signed(signer, "snapshot", version, LATER, ["o"], meta={"targets.json": _listing(targets, version)})
    timestamp = _signed(signer, "timestamp", version, expires, ["o"], meta={"snapshot.json": _listing(snapshot, version)})
    return {"1.root.json": root, f"{version}.targets.json": targets, f"{version}.snapshot.json": snapshot,
            "timestamp.json": timestamp, f"targets/{hashes['sha256']}.trusted_root.json": target}


def _key(signer, name):
    """As PEM, which has line ends: in canonical JSON they stay what they are."""
    text = signer.key(name)["key"]
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    pem = "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])
    return {"keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp256", "keyval": {"public": pem}}


def _canonical(value):
    if isinstance(value, dict):
        return "{" + ",".join(f"{_canonical(key)}:{_canonical(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_canonical, value)) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return json.dumps(value)


def _signed(signer, role, version, expires, names, **content):
    content |= {"_type": role, "spec_version": "1.0.31", "version": version, "expires": expires}
    sigs = [{"keyid": name, "sig": base64.b64decode(signer.signature(name, _canonical(content))["sig"]).hex()} for name in names]
    return json.dumps({"signed": content, "signatures": sigs}, indent=1).encode()


def _listing(text, version):
    return {"version": version, "length": len(text), "hashes": {"sha256": hashlib.sha256(text).hexdigest()}}
