# SPDX-License-Identifier: MIT
"""The machine's sshd on a port of the loopback interface, with keys of its own, for one test; and a home that knows it."""

import getpass
import shutil
import socket
import subprocess
import time
from pathlib import Path

CONFIG = """\
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile {folder}/pid
StrictModes no
UsePAM no
PasswordAuthentication no
"""
START_LIMIT_SEC = 10


def is_available():
    return shutil.which("sshd", path="/usr/sbin:/usr/local/sbin") is not None and shutil.which("ssh-keygen") is not None


class SshServer:
    """Lets the user in who runs the test, with a key that make_home() puts into a home; a context manager."""

    def __init__(self, folder):
        self._folder = Path(folder).resolve()
        self._folder.mkdir(parents=True)
        self._process = None
        for name in ("host_key", "user_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self._folder / name], check=True)
        shutil.copy(self._folder / "user_key.pub", self._folder / "authorized_keys")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        (self._folder / "config").write_text(CONFIG.format(port=self.port, folder=self._folder))

    @property
    def url(self):
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}"

    def __enter__(self):
        sshd = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
        Path("/run/sshd").mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen([sshd, "-D", "-q", "-f", self._folder / "config"])
        until = time.monotonic() + START_LIMIT_SEC
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        raise TimeoutError("sshd does not answer")

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait()

    def make_home(self, home):
        """Puts the key and the host's into home/.ssh; gives the environment in which the ssh program uses those."""
        place = Path(home) / ".ssh"
        place.mkdir(mode=0o700)
        shutil.copy(self._folder / "user_key", place / "id_ed25519")
        (place / "id_ed25519").chmod(0o600)
        kind, key, *_ = (self._folder / "host_key.pub").read_text().split()
        (place / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {kind} {key}\n")
        return {"GIT_SSH_COMMAND": f"ssh -i {place}/id_ed25519 -o UserKnownHostsFile={place}/known_hosts -o IdentitiesOnly=yes"}
