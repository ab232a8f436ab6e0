# SPDX-License-Identifier: MIT
"""What can go wrong with one answer, by URL and by attempt.

    /a                        status:503 retry-after:1 attempt:1
    /a/-/a-1.0.0.tgz          cut:100
    /a/-/*.tgz                stall:10

The path is a shell pattern. `attempt:N`, `attempt:N-M` and `attempt:N-` say to which tries it applies; without it, to
all. The answer is made first and then spoilt, so a fault may be combined with others.
"""

import fnmatch
import gzip
from dataclasses import dataclass, field

HTML = b"<!doctype html><title>Sign in</title><h1>Sign in to this network</h1>\n"


@dataclass
class Answer:
    """An HTTP answer, and how it reaches the client."""

    status: int = 200
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    delay_ms: int = 0
    cut_at: int | None = None  # close after so many bytes of the body
    reset_at: int | None = None  # reset the connection there
    stall_at: int | None = None  # say nothing more from there
    bytes_per_sec: int | None = None


def _replace(answer, body):
    answer.body = body
    answer.headers.pop("content-encoding", None)


def _status(answer, value):
    answer.status = int(value)
    answer.headers["content-type"] = "application/json"
    _replace(answer, b'{"error":"made to fail"}')


def _header(answer, value):
    name, _, text = value.partition("=")
    answer.headers[name.lower()] = text


def _html(answer, _):
    answer.headers["content-type"] = "text/html"
    _replace(answer, HTML)


def _body(answer, value):
    _replace(answer, value.encode())


def _pad(answer, value):
    """So many MiB of blanks in front, which are nothing to a JSON parser."""
    answer.body = b" " * (int(value) << 20) + answer.body


def _redirect(answer, value):
    answer.status = 302
    _replace(answer, b"")
    answer.headers["location"] = value


def _garble(answer, _):
    """One bit in the middle: the length is right, the content is not."""
    middle = len(answer.body) // 2
    answer.body = answer.body[:middle] + bytes([answer.body[middle] ^ 1]) + answer.body[middle + 1 :]


def _gzip(answer, _):
    answer.body = gzip.compress(answer.body, mtime=0)
    answer.headers["content-encoding"] = "gzip"


def _setter(name):
    return lambda answer, value: setattr(answer, name, int(value or 0))


ACTIONS = {
    "status": _status,
    "header": _header,
    "retry-after": lambda answer, value: _header(answer, f"retry-after={value}"),
    "html": _html,
    "body": _body,
    "pad": _pad,
    "redirect": _redirect,
    "garble": _garble,
    "gzip": _gzip,
    "delay": _setter("delay_ms"),
    "cut": _setter("cut_at"),
    "reset": _setter("reset_at"),
    "stall": _setter("stall_at"),
    "slow": _setter("bytes_per_sec"),
}


@dataclass
class Fault:
    pattern: str
    first: int = 1
    last: int | None = None
    actions: list = field(default_factory=list)

    @classmethod
    def parse(cls, words):
        fault = cls(words[0])
        for word in words[1:]:
            name, _, value = word.partition(":")
            if name == "attempt":
                first, dash, last = value.partition("-")
                fault.first = int(first)
                fault.last = int(last) if last else None if dash else fault.first
            elif name in ACTIONS:
                fault.actions.append((ACTIONS[name], value))
            else:
                raise ValueError(f"unknown fault '{word}'")
        return fault

    def hits(self, path, attempt):
        in_time = self.first <= attempt and (self.last is None or attempt <= self.last)
        return in_time and fnmatch.fnmatchcase(path, self.pattern)

    def spoil(self, answer):
        for action, value in self.actions:
            action(answer, value)
