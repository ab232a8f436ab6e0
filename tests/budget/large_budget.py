#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the memory of installs of a very large project to a budget: 20,000 packages, in seven layers.

    large_budget.py --cpm build/release/cpm [--packages 20000]

Takes a minute on an idle machine.
"""

import json
import shutil
import sys
from pathlib import Path

import install_budget as small

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from isolation import isolate  # noqa: E402  (the path above must come first)
from registry import Registry  # noqa: E402

CHILDREN = 5  # each package needs that many more, and one that others need too
FILES_EACH = 3
# Measured: 367, 170 and 15. Most of the first are packuments and trees, of the second the trees and two lockfiles as text.
PEAK_COLD_MIB = 400
PEAK_CI_MIB = 200
PEAK_UNCHANGED_MIB = 25


def generate(registry, packages):
    for number in range(packages):
        below = [n for n in range(CHILDREN * number + 1, CHILDREN * number + CHILDREN + 1) if n < packages]
        deps = {*below, (number * 7919 + 1) % packages} - {number}
        files = [f"file:lib/file{n}.js=package {number} file {n}" for n in range(FILES_EACH)]
        registry.add([f"package-{number}@1.0.0", *(f"dep:package-{n}@^1" for n in sorted(deps)), *files])


def check(program, root, packages):
    budget = small.Budget()
    with Registry() as registry:
        generate(registry, packages)
        project = root / "project"
        project.mkdir()
        (project / "package.json").write_text(json.dumps({"name": "p", "version": "1.0.0", "dependencies": {"package-0": "^1"}}))
        env = isolate(root, registry.url)

        cold = small.Run([*program, "install", "--no-audit"], project, env, registry)
        budget.hold("requests, nothing known", len(cold.requests), 2 * packages)
        budget.hold("peak memory in MiB, nothing known", round(cold.peak_mib), PEAK_COLD_MIB)
        unchanged = small.Run([*program, "install", "--no-audit"], project, env, registry)
        budget.hold("peak memory in MiB, nothing to do", round(unchanged.peak_mib), PEAK_UNCHANGED_MIB)
        shutil.rmtree(project / "node_modules")
        ci = small.Run([*program, "ci", "--no-audit"], project, env, registry)
        budget.hold("requests, ci with all in the cache", len(ci.requests), 0)
        budget.hold("peak memory in MiB, ci with all in the cache", round(ci.peak_mib), PEAK_CI_MIB)
    return budget.is_kept


if __name__ == "__main__":
    small.main(check, 20000, __doc__)
