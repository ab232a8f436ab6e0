#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Changes an installed tree in random ways and looks whether `ci` finds all of it (threats T36, F1).

    tamper_anywhere.py --cpm build/dev/cpm [--rounds 20] [--seed N] [--packages 40]

`ci` proves what it can and rebuilds what it must (docs/adr/0005-proven-from-a-state-file.md). Each round does up to eight
things to files, folders and links of the tree, most of them such that size or name stay what they were; afterwards `ci` must
leave exactly the tree of the first install. Packages are linked from the cache by then, so that an edit also reaches that.
"""

import argparse
import os
import random
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from kill_anywhere import Workshop

CHANGES_MAX = 8


def main():
    options = parse_arguments()
    print(f"seed {options.seed}")
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="cpm-tamper-") as root:
        workshop = Workshop(Path(root), options.cpm, options.packages)
        wanted = learn(workshop)
        failures = 0
        for _ in range(options.rounds):
            changes = [change_something(workshop.project / "node_modules", chance) for _ in range(chance.randint(1, CHANGES_MAX))]
            workshop.run("ci")
            is_whole = workshop.tree() == wanted
            failures += not is_whole
            print(f"{', '.join(changes)}: {'whole' if is_whole else 'NOT WHOLE'}", flush=True)
        print(f"{options.rounds - failures} passed, {failures} failed")
        return 1 if failures else 0


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpm", required=True, type=shlex.split)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--packages", type=int, default=40)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    return parser.parse_args()


def learn(workshop):
    """The tree as it should be, by now linked from the cache."""
    workshop.begin("1.0.0")
    workshop.run("install")
    for _ in range(2):
        shutil.rmtree(workshop.project / "node_modules")
        workshop.run("ci")
    return workshop.tree()


def change_something(modules, chance):
    """One change, told by its name; what is gone by now is not changed again."""
    change = chance.choice(CHANGES)
    try:
        change(Places(modules, chance))
    except (FileNotFoundError, NotADirectoryError, FileExistsError):
        return f"no {change.__name__}"
    return change.__name__


class Places:
    """Random places in a tree."""

    def __init__(self, modules, chance):
        self.modules = modules
        self.chance = chance
        paths = [path for path in sorted(modules.rglob("*")) if not path.name.startswith(".")]
        self.links = [path for path in paths if path.is_symlink()]
        self.folders = [path for path in paths if path.is_dir() and not path.is_symlink()]
        self.files = [path for path in paths if path.is_file() and not path.is_symlink()]

    def file(self):
        return self.chance.choice(self.files)

    def folder(self):
        return self.chance.choice(self.folders)

    def link(self):
        return self.chance.choice(self.links)


def edit(places):
    """One bit, in place: size and name stay, and so does the file in the cache that it is."""
    with places.file().open("r+b") as file:
        first = file.read(1)
        file.seek(0)
        file.write(bytes([first[0] ^ 1]) if first else b"x")  # an earlier change may have emptied it


def replace(places):
    path = places.file()
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(bytes([data[0] ^ 1]) + data[1:])


def touch(places):
    os.utime(places.file())


def change_mode(places):
    os.chmod(places.file(), places.chance.choice((0o600, 0o640, 0o777)))


def change_folder_mode(places):
    os.chmod(places.folder(), 0o700)


def remove_file(places):
    places.file().unlink()


def remove_folder(places):
    shutil.rmtree(places.folder())


def remove_link(places):
    places.link().unlink()


def lead_elsewhere(places):
    link = places.link()
    link.unlink()
    link.symlink_to("/bin/sh")


def turn_into_link(places):
    path, other = places.file(), places.file()
    path.unlink()
    path.symlink_to(other)


def add_file(places):
    (places.folder() / places.chance.choice((".hidden", "new.js"))).write_text("new")


def add_folder(places):
    (places.folder() / places.chance.choice((".hidden.d", "node_modules"))).mkdir()


def add_at_top(places):
    (places.modules / places.chance.choice((".cache", "@scope", "stray"))).mkdir()


def swap_files(places):
    swap(places.file(), places.file())


def swap_folders(places):
    one, other = places.folder(), places.folder()
    if one not in other.parents and other not in one.parents:
        swap(one, other)


def swap(one, other):
    if one == other:
        return
    aside = one.with_name(one.name + ".aside")
    one.rename(aside)
    other.rename(one)
    aside.rename(other)


CHANGES = (
    edit, replace, touch, change_mode, change_folder_mode, remove_file, remove_folder, remove_link, lead_elsewhere,
    turn_into_link, add_file, add_folder, add_at_top, swap_files, swap_folders,
)


if __name__ == "__main__":
    sys.exit(main())
