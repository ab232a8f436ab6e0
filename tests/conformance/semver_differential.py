#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares our versions and ranges with the node-semver of a real npm on random input.

Versions and ranges are built from a grammar that loves the strange corners (leading zeros, missing hyphens, stars in
wrong places, numbers that JavaScript cannot count), and a part of them is then damaged byte by byte. Both sides answer
the same questions line by line; the first differences are printed and make the test fail. Give --seed to repeat a run.

usage: semver_differential.py <semver_probe> <folder of npm> [--cases N] [--seed N] [--node PROGRAM]
"""
import argparse
import pathlib
import random
import subprocess
import sys
import urllib.parse

BATCH = 200          # lines in flight: small enough for a pipe's buffer
SHOWN = 20           # differences printed in full
SAFE = "!#$&'()*+,-./:;<=>?@[]^_`{|}~ "

NUMBERS = ["0", "0", "1", "1", "2", "2", "3", "10", "34", "00", "01", "007", "9007199254740990", "9007199254740991",
           "9007199254740992", "99999999999999999999", "1000000000000000000000", "9" * 30]
IDENTIFIERS = ["alpha", "beta", "rc1", "0", "1", "2", "01", "00", "x", "a-b", "-", "--", "-1", "1a", "9007199254740990",
               "9007199254740991", "9007199254740993", "009007199254740993", "B"]
SPACES = [" ", " ", " ", "  ", "\t", "\n", "\u00a0", "\ufeff", "\u2003"]
OPERATORS = ["", "", "", "^", "^", "~", "~", "~>", "<", "<=", ">", ">=", "=", "==", "=>", "><", "^~", "~=", "^=", "~>="]
NOISE = list("0123456789.xX*-+~^<>=|vab_, ") + [" - ", "||", "\u00e9", "\t", "+b", " +b "]
KINDS = ["major", "minor", "patch", "premajor", "preminor", "prepatch", "prerelease"]


class Maker:
    """Random texts out of the grammar."""

    def __init__(self, rng):
        self.rng = rng

    def chance(self, probability):
        return self.rng.random() < probability

    def pick(self, *choices):
        return self.rng.choice(choices)

    def number(self):
        if self.chance(0.9):
            return str(self.rng.choice([0, 0, 1, 1, 2, 2, 3, 4, 12]))
        return self.rng.choice(NUMBERS)

    def identifiers(self):
        return ".".join(self.rng.choice(IDENTIFIERS) for _ in range(self.rng.choice([1, 1, 1, 2, 2, 3])))

    def tail(self):
        text = ""
        if self.chance(0.35):
            text += self.pick("-", "-", "-", "-", "", "--", "-.") + self.identifiers()
        if self.chance(0.1):
            text += "+" + self.identifiers()
        return text

    def prefix(self):
        if self.chance(0.85):
            return ""
        return self.pick("v", "=", "v ", "= ", " ", "==", "vv", "v=", "=v", " v", self.rng.choice(SPACES))

    def version(self):
        text = self.prefix() + ".".join(self.number() for _ in range(3)) + self.tail()
        if self.chance(0.03):
            text += "." + self.number()
        return self.damaged(text, 0.1)

    def partial(self):
        count = self.rng.choice([1, 2, 3, 3, 3, 3])
        parts = [self.number() if self.chance(0.88) else self.pick("x", "X", "*") for _ in range(count)]
        return self.prefix() + ".".join(parts) + (self.tail() if count == 3 else "")

    def piece(self):
        if self.chance(0.03):
            return self.pick("", "*", "x", "foo", "-", "<", ">=", "^", "~", ",", ">=0.0.0", ">=0.0.0-0", "<0.0.0-0", "<0.0.0")
        return self.rng.choice(OPERATORS) + (self.rng.choice(SPACES) if self.chance(0.12) else "") + self.partial()

    def alternative(self):
        if self.chance(0.12):
            return self.partial() + self.pick(" - ", " - ", " - ", "  -  ", "- ", " -", "\t-\n") + self.partial()
        pieces = [self.piece() for _ in range(self.rng.choice([1, 1, 1, 1, 2, 2, 2, 3, 4]))]
        return self.pick(" ", " ", " ", "  ", " , ", ",", " +b ").join(pieces)

    def range(self):
        count = self.rng.choice([1, 1, 1, 1, 2, 2, 3])
        text = self.pick("||", " || ", " ||", "|| ", "|").join(self.alternative() for _ in range(count))
        return self.damaged(text, 0.2)

    def damaged(self, text, probability):
        while self.chance(probability):
            at = self.rng.randint(0, len(text))
            drop = self.pick(0, 0, 1, 1, 2)
            text = text[:at] + (self.rng.choice(NOISE) if self.chance(0.7) else "") + text[at + drop:]
        return text

    def near(self, text):
        """A relative of @text, so that comparing two ranges is not always comparing strangers."""
        return self.damaged(text, 0.5) if self.chance(0.5) else self.range()

    def question(self):
        what = self.pick("valid", "compare", "build", "range", "range", "has", "has", "meets", "subset", "subset", "min",
                         "increment")
        if what == "valid":
            return [what, self.version()]
        if what in ("compare", "build"):
            first = self.version()
            return [what, first, self.damaged(first, 0.7) if self.chance(0.5) else self.version()]
        if what in ("range", "min"):
            return [what, self.range()]
        if what == "has":
            return [what, self.version(), self.range()]
        if what == "increment":
            preid = self.pick("", "", "beta", "alpha", "rc1", "0", "01", self.identifiers(), self.damaged("beta", 0.5))
            return [what, self.version(), self.rng.choice(KINDS), preid]
        first = self.range()
        return [what, first, self.near(first)] if self.chance(0.5) else [what, self.near(first), first]

    def line(self):
        what, *args = self.question()
        fields = [what, str(self.rng.randrange(4)), *args]
        return "\t".join(urllib.parse.quote(field, safe=SAFE) for field in fields)


class Side:
    """A child process that answers line by line."""

    def __init__(self, name, argv):
        self.name = name
        self.child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def ask(self, lines):
        self.child.stdin.write("".join(line + "\n" for line in lines))
        self.child.stdin.flush()
        answers = [self.child.stdout.readline().rstrip("\n") for _ in lines]
        if "" in answers:
            at = lines[answers.index("")]
            sys.exit(f"{self.name} died at: {at}")
        return answers

    def close(self):
        self.child.stdin.close()
        return self.child.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("probe")
    parser.add_argument("npm")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--node", default="node")
    args = parser.parse_args()
    seed = random.SystemRandom().randrange(1 << 32) if args.seed is None else args.seed
    print(f"seed {seed}, {args.cases} cases", flush=True)

    maker = Maker(random.Random(seed))
    oracle = pathlib.Path(__file__).with_name("semver_oracle.js")
    ours, theirs = Side("cpm", [args.probe]), Side("npm", [args.node, str(oracle), args.npm])
    differences = answered = 0
    for done in range(0, args.cases, BATCH):
        lines = [maker.line() for _ in range(min(BATCH, args.cases - done))]
        for line, our, their in zip(lines, ours.ask(lines), theirs.ask(lines)):
            answered += their != "none"
            if our == their:
                continue
            differences += 1
            if differences <= SHOWN:
                print(f"{urllib.parse.unquote(line)!r}\n\tnpm {their}\n\tcpm {our}")
    status = ours.close() or theirs.close()
    print(f"{differences} differences; npm had an answer to {answered} of {args.cases}")
    return 1 if differences or status else 0


if __name__ == "__main__":
    sys.exit(main())
