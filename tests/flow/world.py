# SPDX-License-Identifier: MIT
"""The world a scenario happens in: a project, a home, a cache and a registry, all its own, and the runs made there."""

import hashlib
import os
import random
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from git_server import GitServer
from isolation import isolate
from package import integrity_of, split_spec
from registry import Registry
from terminal import Terminal

RUN_LIMIT_SEC = 40
POLL_SEC = 0.01
NOBODY = 65534

_PLACEHOLDER = re.compile(r"\{(registry|nerf|authority|project|trusted_root|runtime|home|cache|git|commit:[^}]+|integrity:[^}]+|digest:[^}]+|noise:\d+)\}")


@dataclass
class Run:
    """A finished run, and the project as it was before and after."""

    exit: int
    stdout: str
    stderr: str
    before: dict
    after: dict
    first_request: int


class World:
    def __init__(self, program, signer=None):
        self.root = Path(tempfile.mkdtemp(prefix="cpm-flow-"))
        self.program = program
        self.registry = Registry(signer=signer).__enter__()
        self.env = isolate(self.root, self.registry.url)
        self.home = self.root / "home"
        self.cache = self.root / "cache"
        self.trusted_root = self.root / "trusted_root.json"
        self.authority = self.root / "tls" / "authority.pem"
        self.project = self.root / "project"
        self.project.mkdir()
        self.cwd = self.project
        self.run = None
        self.kill_on = None
        self.answers = []
        self.advisories = []
        self._git = None
        self.as_nobody = False
        self._mounts = []

    @property
    def git(self):
        """The server of the scenario's repositories, started for those that have some."""
        if not self._git:
            self._git = GitServer(self.root / "repositories").__enter__()
        return self._git

    @property
    def shared(self):
        """Where packages lie that projects share."""
        return (self.cache / "_cpm" / "shared").resolve()

    def shared_entries(self):
        """The folders there that hold a package each."""
        return [folder.parent for pattern in ("*/node_modules", "@*/*/node_modules") for folder in self.shared.glob(pattern)]

    def close(self):
        self.registry.stop()
        if self._git:
            self._git.stop()
        for mount in self._mounts:
            subprocess.run(["umount", "--lazy", mount], check=False)
        for folder, _, _ in os.walk(self.root):
            os.chmod(folder, 0o700)
        shutil.rmtree(self.root)

    def expand(self, text):
        """Fills in what a scenario cannot know: addresses, folders, digests."""
        return _PLACEHOLDER.sub(lambda match: self._value_of(match.group(1)), text)

    def _value_of(self, name):
        kind, _, what = name.partition(":")
        if kind == "git":
            return self.git.url
        if kind == "commit":  # of a repository's branch or tag: name@ref
            repository, _, ref = what.partition("@")
            return self.git.repository(repository).find(ref or "main")
        if kind == "integrity":
            return self.registry.find(*split_spec(what)).integrity()
        if kind == "digest":
            return integrity_of(what.encode())
        if kind == "noise":  # so many KiB that no compression makes smaller, the same each time
            return random.Random(what).randbytes(int(what) * 768).hex()[: int(what) * 1024]
        if name == "runtime":
            return str(self.home / ".local/share/cpm/runtime")
        if name == "nerf":  # the form in which npmrc files name a registry
            return self.registry.url.partition(":")[2]
        return self.registry.url if name == "registry" else str(getattr(self, name))

    def mount_small(self, name, size):
        """Puts a file system of this size under one of the world's folders."""
        folder = getattr(self, name)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
        self._mounts.append(folder)

    def become_nobody(self):
        """Gives the world to a user whom permissions bind. Who is not root is one already."""
        if os.geteuid() != 0:
            return
        self.as_nobody = True
        os.chmod(self.root, 0o755)
        for folder, _, names in os.walk(self.root):
            for path in [folder, *(os.path.join(folder, name) for name in names)]:
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)

    def _command(self, args):
        if not self.as_nobody:
            return self.program + args
        program = self.root / "program"
        if not program.exists():  # the build folder may be closed to others
            shutil.copy(self.program[0], program)
        identity = [shutil.which("setpriv"), f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        return identity + [str(program)] + self.program[1:] + args

    def start_run(self, args):
        before = fingerprint(self.project)
        first_request = len(self.registry.requests)
        terminal = Terminal(self.answers) if self.answers else None
        process = subprocess.Popen(
            self._command(args), cwd=self.cwd, env=self.env, stdin=terminal.far_end if terminal else subprocess.DEVNULL,
            stdout=terminal.far_end if terminal else subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="backslashreplace",
            start_new_session=True,
        )
        try:
            if terminal:
                terminal.watch()
            if self.kill_on:
                self._kill_when_asked_for(process, *self.kill_on)
            out, err = process.communicate(timeout=RUN_LIMIT_SEC)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            err += f"\n[stopped by the test after {RUN_LIMIT_SEC} s]\n"
        if terminal:
            out = terminal.text()
        self.kill_on, self.answers = None, []
        self.run = Run(process.returncode, out, err, before, fingerprint(self.project), first_request)

    def _kill_when_asked_for(self, process, number, pattern):
        """Sends the signal once the registry has been asked for this, which a stalled answer makes a sure moment."""
        while process.poll() is None and not self.registry.requests_for(pattern):
            time.sleep(POLL_SEC)
        time.sleep(20 * POLL_SEC)  # let what else is on its way arrive
        if process.poll() is None:
            os.killpg(process.pid, number)


OUR_NOTES = ".cpm-state"  # what the last run left for the next: times, of which no two are alike


def fingerprint(root):
    """Every path below `root` with its kind, mode and content."""
    prints = {}
    for folder, names, files in os.walk(root):
        for name in names + [name for name in files if name != OUR_NOTES]:
            path = os.path.join(folder, name)
            prints[os.path.relpath(path, root)] = _print_of(path)
    return prints


def _print_of(path):
    info = os.lstat(path)
    if stat.S_ISLNK(info.st_mode):
        return ("link", os.readlink(path))
    if stat.S_ISREG(info.st_mode):
        with open(path, "rb") as file:
            return ("file", info.st_mode & 0o777, hashlib.sha256(file.read()).hexdigest())
    return ("folder", info.st_mode & 0o777)
