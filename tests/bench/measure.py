# SPDX-License-Identifier: MIT
"""One run of one command: wall and processor time, peak memory, and what came over the network."""

import os
import subprocess
import time
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Sample:
    wall_sec: float
    cpu_sec: float
    peak_kib: int
    requests: int
    received_bytes: int
    status: int
    output: str

    def as_row(self):
        row = asdict(self)
        del row["output"]
        return row


def run(words, folder, environment, traffic):
    """@traffic() gives (requests, bytes) that the server has answered so far."""
    requests, received = traffic()
    start = time.monotonic()
    child = subprocess.Popen(words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    after_requests, after_received = traffic()
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, after_requests - requests, after_received - received,
                  child.returncode, output.decode(errors="replace"))


def count_system_calls(words, folder, environment):
    """Totals by name, from one run under strace."""
    log = folder / ".strace"
    subprocess.run(["strace", "-f", "-qq", "-c", "-o", str(log), *words], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    counts = {}
    for line in log.read_text().splitlines()[2:]:
        fields = line.split()
        if len(fields) >= 5 and fields[3].isdigit() and fields[-1] != "total":
            counts[fields[-1]] = int(fields[3])
    log.unlink()
    return counts
