#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Times an import of made-up advisories and audits of a lockfile against them.

    audit.py PROJECT --store STORE --cpm PROGRAM --work /dev/shm/audit [--runs 5] [--seed N] [--vulnerable 60] [--out result.json]

PROJECT has a package.json, STORE is what bench.py recorded for it; the lockfile is made with cpm first. Half of the advisories are
about packages of the lockfile, most of them about versions that came before; --vulnerable says of how many packages the installed
version is concerned. The others are about packages that nobody has.
"""

import argparse
import json
import random
import shutil
import statistics
import sys
import zipfile
from pathlib import Path

import measure
import server
import tools

ADVISORIES = 10_000
SEVERITIES = ("LOW", "MODERATE", "HIGH", "CRITICAL")
FOUND = 1  # the exit status of an audit that finds something


def installed(lock):
    """{"name": ["1.0.0"]} of what comes from the registry."""
    found = {}
    for path, entry in lock["packages"].items():
        if path and "version" in entry and not entry.get("link"):
            found.setdefault(entry.get("name") or path.rpartition("node_modules/")[2], []).append(entry["version"])
    return found


def record(number, name, introduced, end):
    """@end: how the versions that are concerned end, e.g. {"fixed": "2.0.0"}."""
    return {
        "schema_version": "1.7.0", "id": f"GHSA-made-upxx-{number:04}", "modified": "2026-01-01T00:00:00Z", "aliases": [f"CVE-2026-{number}"],
        "summary": f"{name} is vulnerable to made-up trouble", "details": "Words. " * 60,
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}],
        "affected": [{"package": {"ecosystem": "npm", "name": name}, "ranges": [{"type": "SEMVER", "events": [{"introduced": introduced}, end]}]}],
        "database_specific": {"severity": SEVERITIES[number % len(SEVERITIES)], "cwe_ids": ["CWE-79"]},
    }


def one_below(versions, chance):
    """Some version that all of @versions are newer than."""
    lowest = min(tuple(int(part) for part in version.partition("-")[0].partition("+")[0].split(".")) for version in versions)
    place = chance.choice([index for index in range(3) if lowest[index]] or [2])
    numbers = [*lowest[:place], chance.randrange(max(1, lowest[place])), *(chance.randrange(30) for _ in range(2 - place))]
    return ".".join(map(str, numbers))


def make_records(lock, vulnerable, chance):
    known = installed(lock)
    names = sorted(known)
    for number, name in enumerate(chance.sample(names, min(vulnerable, len(names)))):
        newest = chance.choice(known[name])
        yield record(number, name, "0", chance.choice(({"fixed": "99.0.0"}, {"last_affected": newest})))
    for number in range(vulnerable, ADVISORIES // 2):
        name = chance.choice(names)
        yield record(number, name, "0", {"fixed": one_below(known[name], chance)})
    for number in range(ADVISORIES // 2, ADVISORIES):
        yield record(number, f"nobody-has-{number}", "0", {"fixed": "99.0.0"})


def write_export(path, records):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for one in records:
            out.writestr(f"{one['id']}.json", json.dumps(one))


class Bench:
    def __init__(self, words, served):
        self._base = Path(words.work)
        self._words, self._served = words, served
        self._project, self._cache = self._base / "project", self._base / "cache"
        self._environment = tools.clean_environment(self._base)
        self._db, self.export = self._base / "advisories.db", self._base / "export.zip"
        self.output = None
        self._count = 0

    def call(self, *args):
        program = [self._words.cpm, *args, "--registry", self._served.url, "--cache", str(self._cache)]
        return measure.run(program, self._project, self._environment, self._served.traffic)

    def make(self):
        """The project with its lockfile, and all packuments in the cache."""
        shutil.copytree(self._words.project, self._project)
        sample = self.call("install", "--package-lock-only", "--no-audit", "--legacy-peer-deps")
        if sample.status:
            raise SystemExit(sample.output[-2000:])
        lock = json.loads((self._project / "package-lock.json").read_text())
        write_export(self.export, make_records(lock, self._words.vulnerable, random.Random(self._words.seed)))
        print(f"{len(lock['packages']) - 1} packages, {ADVISORIES} advisories", flush=True)

    def import_export(self):
        self._db.unlink(missing_ok=True)
        return self.call("audit", "import", str(self.export), "--db", str(self._db))

    def audit(self, *args):
        sample = self.call("audit", "--json", "--db", str(self._db), *args)
        if sample.status not in (0, FOUND):
            raise SystemExit(sample.output[-2000:])
        self.output = json.loads(sample.output)
        return sample

    def audit_without_packuments(self, *args):
        shutil.move(self._cache, kept := self._base / "cache.kept")
        sample = self.audit(*args)
        shutil.rmtree(self._cache, ignore_errors=True)
        shutil.move(kept, self._cache)
        return sample

    def audit_anew(self, *args):
        """With a setting that changes nothing, but makes it another question than the last: its report is not in the cache."""
        self._count += 1
        return self.audit(f"--min-release-age-exclude=nobody-has-{self._count}", *args)

    def findings(self):
        return self.output["metadata"]["vulnerabilities"]["total"] if self.output else ""

    def cases(self):
        return {
            "import": self.import_export,
            "audit, offline, no packuments": lambda: self.audit_without_packuments("--offline"),
            "audit, offline": lambda: self.audit_anew("--offline"),
            "audit": lambda: self.audit_anew("--prefer-offline"),
            "the same audit again": lambda: self.audit("--prefer-offline"),
            "audit, nothing cached": self.audit_without_packuments,
        }

    def run(self):
        print("| | findings | requests | milliseconds of each run | median |\n|---|---|---|---|---|", flush=True)
        for name, one in self.cases().items():
            self.output = None
            one()  # warms file caches up
            samples = [one() for _ in range(self._words.runs)]
            walls = [1000 * sample.wall_sec for sample in samples]
            yield name, [sample.as_row() for sample in samples]
            print(f"| {name} | {self.findings()} | {samples[-1].requests} | {' '.join(f'{wall:.0f}' for wall in walls)} | {statistics.median(walls):.0f} |", flush=True)
        print(f"\nexport {self.export.stat().st_size:,} bytes, database {self._db.stat().st_size:,} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project")
    parser.add_argument("--store", required=True)
    parser.add_argument("--cpm", default="cpm")
    parser.add_argument("--work", required=True)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vulnerable", type=int, default=60)
    parser.add_argument("--port", type=int, default=4879)
    parser.add_argument("--out", help="keep the samples as JSON")
    words = parser.parse_args()
    shutil.rmtree(words.work, ignore_errors=True)
    Path(words.work).mkdir(parents=True)
    with server.StaticServer(words.store, words.port) as served:
        bench = Bench(words, served)
        bench.make()
        rows = dict(bench.run())
    if words.out:
        Path(words.out).write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    sys.exit(main())
