# SPDX-License-Identifier: MIT
"""The grammar of .test files.

    # peer conflict names both sides and leaves the project untouched
    registry   a@1.0.0 peer:r@^1   r@1.0.0
               r@2.0.0
    file       src/index.js
    | console.log("the lines behind a bar are the body of the line above")
    run        install
    exit       1

The first comment is the scenario's claim. A line is a word and its arguments, quoted as in a shell; a line that begins
with a blank goes on with the one above. What the words mean is in README.md.
"""

import shlex
from dataclasses import dataclass, field
from pathlib import Path


class ScenarioError(Exception):
    """The scenario itself is wrong."""


@dataclass
class Line:
    number: int
    word: str
    args: list
    body: list = field(default_factory=list)

    @property
    def text(self):
        return "".join(line + "\n" for line in self.body)


@dataclass
class Scenario:
    path: Path
    claim: str
    lines: list

    def has(self, word):
        return any(line.word == word for line in self.lines)

    def first(self, word):
        return next((line for line in self.lines if line.word == word), None)


def read(path):
    claim, lines = None, []
    for number, raw in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
        if raw.startswith("#"):
            claim = claim or raw.lstrip("# ").strip()
        elif raw.startswith("|"):
            _last(lines, path, number).body.append(raw[2:])
        elif raw[:1].isspace() and raw.strip():
            _last(lines, path, number).args += shlex.split(raw)
        elif raw.strip():
            word, *args = shlex.split(raw)
            lines.append(Line(number, word, args))
    if not claim:
        raise ScenarioError(f"{path}: the first line must be a comment that says what is claimed")
    return Scenario(Path(path), claim, lines)


def _last(lines, path, number):
    if not lines:
        raise ScenarioError(f"{path}:{number}: nothing to continue")
    return lines[-1]
