#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds installs of a generated project to budgets: requests, peak memory, libraries.

    install_budget.py --cpm build/release/cpm [--packages 400]

Cold, each packument and each tarball is asked for once. Warm, nothing is, and what the network, digests and archives need
is not even loaded. Among the packages are giants, whose archives may not be inflated together.
"""

import argparse
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from isolation import isolate
from registry import Registry

MIB = 1024 * 1024
GIANTS, GIANT_BYTES = 4, 24 * MIB
FILES_EACH = 10
PEAK_COLD_MIB = 60  # one giant, what is under way, and the tree
PEAK_WARM_MIB = 20
NEEDLESS_WARM = ["libcurl", "libcrypto", "libisal"]


def generate(registry, packages):
    """A chain of packages and some giants, all wanted by the project; returns their names."""
    names = [f"package-{number}" for number in range(packages)]
    for number, name in enumerate(names):
        files = [f"file:lib/file{n}.js={name}-{n}" for n in range(FILES_EACH)]
        deps = [f"dep:package-{number + 1}@^1"] if number + 1 < packages else []
        registry.add([f"{name}@1.0.0", *deps, *files])
    for number in range(GIANTS):
        registry.add([f"giant-{number}@1.0.0", f"file:data.txt={'giant ' * (GIANT_BYTES // 6)}"])
    return names + [f"giant-{number}" for number in range(GIANTS)]


# Runs between us and the program: a process is charged with the memory of the one it was forked from, and ours is large.
MEASURE = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)
"""


class Run:
    """One run of the program, and what it cost."""

    def __init__(self, words, project, env, registry):
        before = len(registry.requests)
        done = subprocess.run([sys.executable, "-S", "-c", MEASURE, *words], cwd=project, env=env, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{shlex.join(words)} failed: {done.stderr[-400:]}")
        self.peak_mib = int(done.stdout) / 1024
        self.stderr = done.stderr
        self.requests = [request.path for request in registry.requests[before:]]


class Budget:
    def __init__(self):
        self.is_kept = True

    def hold(self, what, got, limit):
        ok = got <= limit
        self.is_kept = self.is_kept and ok
        print(f"{'ok' if ok else 'OVER':4}  {what}: {got:g}, budget {limit:g}", flush=True)


def check(program, root, packages):
    budget = Budget()
    with Registry() as registry:
        names = generate(registry, packages)
        project = root / "project"
        project.mkdir()
        wanted = ", ".join(f'"{name}": "^1.0.0"' for name in names if name == names[0] or name.startswith("giant"))
        (project / "package.json").write_text('{ "name": "p", "version": "1.0.0", "dependencies": { ' + wanted + " } }\n")
        env = isolate(root, registry.url)
        words = [*program, "install", "--no-audit"]

        cold = Run(words, project, env, registry)
        budget.hold("requests, nothing known", len(cold.requests), 2 * len(names))
        budget.hold("... of which repeated", len(cold.requests) - len(set(cold.requests)), 0)
        budget.hold("peak memory in MiB, nothing known", cold.peak_mib, PEAK_COLD_MIB)

        shutil.rmtree(project / "node_modules")
        warm = Run(words, project, env, registry)
        budget.hold("requests, all in the cache", len(warm.requests), 0)

        shutil.rmtree(project / "node_modules")
        linked = Run(words, project, env | {"LD_DEBUG": "files"}, registry)
        budget.hold("requests, all on the shelf", len(linked.requests), 0)
        budget.hold("peak memory in MiB, all on the shelf", linked.peak_mib, PEAK_WARM_MIB)
        loaded = [name for name in NEEDLESS_WARM if re.search(f"calling init: .*{name}", linked.stderr)]
        budget.hold(f"libraries loaded in vain ({', '.join(loaded) or 'none'})", len(loaded), 0)
    return budget.is_kept


def main(check, packages, about):
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpm", required=True)
    parser.add_argument("--packages", type=int, default=packages)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cpm-budget-") as root:
        kept = check(shlex.split(words.cpm), Path(root), words.packages)
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main(check, 400, __doc__)
