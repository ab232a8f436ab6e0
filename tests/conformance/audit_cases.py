# SPDX-License-Identifier: MIT
"""Made-up advisories for audit_differential.py, of every shape that makes a difference: ranges and prereleases, packages
that are there for themselves, for others or for development alone, with a fix in range, beyond it, or none."""

import re

SEVERITIES = ["info", "low", "moderate", "high", "critical"]
SHARE = 0.06  # of the packages of a lockfile
SPARED = 12  # advisories that a lockfile gets at most for each kind of place


def of_lock(lock, overridden, chance, versions_of):
    """{"name": [advisory]} about some packages of a lockfile. @overridden: names that package.json overrides."""
    places = [(path, entry) for path, entry in lock["packages"].items() if "node_modules/" in path and not entry.get("link")]
    spared = below_replaced(lock, overridden)
    places = [place for place in places if name_of(*place) not in spared]
    root = lock["packages"][""]
    direct = {name for key in ("dependencies", "devDependencies") for name in root.get(key, {})}
    kinds = {
        "direct": [place for place in places if name_of(*place) in direct],
        "dev": [place for place in places if place[1].get("dev")],
        "bundled": [place for place in places if place[1].get("inBundle")],
        "nested": [place for place in places if place[0].count("node_modules/") > 1],
        "any": places,
    }
    chosen = {}
    for kind in kinds.values():
        count = min(len(kind), SPARED, max(2, int(len(kind) * SHARE)))
        chosen |= {name_of(path, entry): entry["version"] for path, entry in chance.sample(kind, count) if "version" in entry}
    advisories, number = {}, 1000
    for name, version in sorted(chosen.items()):
        for _ in range(chance.choice((1, 1, 1, 2))):
            number += 1
            vulnerable = chance.choice(RANGES)(version, versions_of(name), chance)
            advisories.setdefault(name, []).append(advisory(number, name, vulnerable, chance))
    return advisories


def name_of(path, entry):
    return entry.get("name") or path.rpartition("node_modules/")[2]


def below_replaced(lock, overridden):
    """Packages that are there under another name or in another version than is asked for, and what they depend on: after
    a fix, npm reports them otherwise than before, since it then remembers some of the calculation but not all."""
    entries = {}
    for path, entry in lock["packages"].items():
        entries.setdefault(name_of(path, entry), []).append(entry)
    agenda = [*overridden] + [entry["name"] for path, entry in lock["packages"].items() if path and entry.get("name") and "node_modules/" in path]
    found = set()
    while agenda:
        name = agenda.pop()
        if name not in found:
            found.add(name)
            agenda += [dep for entry in entries.get(name, []) for dep in entry.get("dependencies", {})]
    return found


def of_packages(ids, chance):
    """[(name, advisory)] about packages given as name@version."""
    known = {}
    for text in sorted(ids):
        name, _, version = text.rpartition("@")
        known.setdefault(name, []).append(version)
    found = []
    for number in range(1001, 1001 + chance.choice((1, 1, 2, 3))):
        name = chance.choice([*known])
        vulnerable = chance.choice(RANGES)(chance.choice(known[name]), known[name], chance)
        found.append((name, advisory(number, name, vulnerable, chance)))
    return tuple(found)


def advisory(number, name, vulnerable, chance):
    said = {
        "id": number, "url": f"https://advisory.example/GHSA-{number}", "title": f"{name} is vulnerable to made-up trouble",
        "severity": chance.choice(SEVERITIES), "vulnerable_versions": vulnerable, "cwe": [f"CWE-{chance.randint(1, 999)}"],
        "cvss": {"score": chance.choice((0, 5.3, 7.5, 9.8)), "vectorString": chance.choice((None, "CVSS:3.1/AV:N/AC:L"))},
    }
    for key in ("severity", "cwe", "cvss"):
        if chance.random() < 0.03:
            del said[key]
    return said


# ---- ranges around a version that is installed ----

def everything(_version, _versions, chance):
    return chance.choice(("*", "<=999.999.999", ">=0.0.0"))


def up_to_this(version, _versions, _chance):
    return f"<={version}"


def this_alone(version, _versions, _chance):
    return version


def this_major(version, _versions, _chance):
    major = int(version.partition(".")[0])
    return f">={major}.0.0 <{major + 1}.0.0"


def before_next_major(version, _versions, _chance):
    return f"<{int(version.partition('.')[0]) + 1}.0.0"


def before_some_newer(version, versions, chance):
    newer = [other for other in versions if sort_key(other) > sort_key(version)]
    return f"<{chance.choice(newer)}" if newer else f"<={version}"


def newest(version, versions, _chance):
    """An older one is safe."""
    return f">={version} <={max(versions, key=sort_key)}" if versions else version


def with_prereleases(version, versions, chance):
    pre = [other for other in versions if "-" in other]
    return f">={chance.choice(pre)} <={version} || {version}" if pre else f"<{version}-0 || {version}"


def several(version, versions, chance):
    return f"{before_some_newer(version, versions, chance)} || >=900.0.0 <901.0.0"


def elsewhere(_version, _versions, _chance):
    return ">=900.0.0"


RANGES = [
    everything, up_to_this, this_alone, this_major, before_next_major, before_some_newer, before_some_newer, newest,
    with_prereleases, several, elsewhere,
]


def sort_key(version):
    release, _, pre = version.partition("+")[0].partition("-")
    numbers = tuple(int(number) if number.isdigit() else 0 for number in release.split("."))
    return numbers, not pre, [(not part.isdigit(), part.zfill(12)) for part in re.split(r"[.]", pre)]
