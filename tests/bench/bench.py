#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""cpm and its rivals side by side; README.md beside this file says how to use it."""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import measure
import report
import server
import states
import tools

DEFAULT_TOOLS = "cpm,bun,pnpm-hoisted,npm"
SETTLE_SEC = 5  # after the trash of a state was deleted


class Bench:
    def __init__(self, words, served):
        self.words = words
        self.served = served
        self.base = Path(words.work)
        self.base.mkdir(parents=True, exist_ok=True)
        self.environment = tools.clean_environment(self.base)
        self.places, self.tools = {}, {}
        for name in words.tools.split(","):
            place = states.Workplace(self.base, name, words.project)
            self.places[name] = place
            self.tools[name] = tools.make(name, served.url, str(place.cache), words.rivals, words.cpm, words.legacy_peer_deps, served.trusted)

    def prime(self):
        """One plain install each: makes every tool's lockfile, cache and tree."""
        for name, tool in self.tools.items():
            place = self.places[name]
            place.prepare(tool, states.by_name(["nothing"])[0])
            sample = self._time(name, tool.install)
            print(f"# first run of {name}: {sample.wall_sec:.2f} s, {place.file_count()} files", file=sys.stderr, flush=True)
            if sample.status:
                raise SystemExit(sample.output[-2000:])
            place.keep_lock(tool)

    def state(self, state):
        cells = {name: [] for name in self.tools}
        for turn in range(self.words.rounds + 1):
            for name in self.tools:
                row = self._one(name, state)
                if turn:  # the first turn warms file caches up
                    cells[name].append(row)
        states.empty_trash(self.base)
        time.sleep(SETTLE_SEC)
        return cells

    def _one(self, name, state):
        tool, place = self.tools[name], self.places[name]
        if (state.has_tree and not place.has_tree()) or (state.has_cache and not place.cache.exists()):
            place.prepare(tool, states.by_name(["lockfile"])[0])
            self._time(name, tool.install)
        place.prepare(tool, state)
        sample = self._time(name, tool.frozen if state.is_frozen else tool.install)
        row = sample.as_row()
        reason = self._refusal(state, sample, place)
        if reason:
            row["refused"] = reason
            print(f"# {name}, {state.name}: {reason}", file=sys.stderr, flush=True)
        return row

    @staticmethod
    def _refusal(state, sample, place):
        if sample.status:
            return f"exit status {sample.status}: {sample.output[-300:]}"
        if missing := place.missing_packages():
            return f"the tree lacks {', '.join(missing[:3])}"
        if state.is_warm and sample.received_bytes > 4096:
            return f"a warm state received {sample.received_bytes} bytes"
        return None

    def _time(self, name, words):
        environment = self.environment | self.tools[name].environment
        return measure.run(words, self.places[name].project, environment, self.served.traffic)


def run(words):
    served = server.SlowServer(words.store, words.port, words.delay) if words.delay else server.StaticServer(words.store, words.port, words.tls)
    with served:
        bench = Bench(words, served)
        bench.prime()
        results = {"project": Path(words.project).resolve().name, "rounds": words.rounds, "tools": list(bench.tools), "cells": {}}
        print("| state | " + " | ".join(bench.tools) + " | ratio |", flush=True)
        for state in states.by_name(words.states.split(",")):
            cells = bench.state(state)
            results["cells"][state.name] = cells
            print(report.row(state.name, {name: report.summarise(rows) for name, rows in cells.items()}), flush=True)
    if words.out:
        Path(words.out).write_text(json.dumps(results, indent=1))


def record(words):
    registry = subprocess.run(["npm", "config", "get", "registry"], capture_output=True, text=True, check=True).stdout.strip()
    kept = server.recording.Recording(words.store, registry)
    with server.recording.RecordingServer(kept, words.port) as served:
        served.traffic, served.trusted = lambda: (0, 0), None
        Bench(words, served).prime()
    print(f"{len(kept.names())} packuments in {words.store}")


def show(words):
    results = json.loads(Path(words.results).read_text())
    print(report.markdown(results))
    if words.svg:
        Path(words.svg).write_text(report.svg(results))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("rivals", help="install the pinned rivals into a folder")
    one.add_argument("folder")
    one.set_defaults(run=lambda words: tools.install_rivals(words.folder))
    for name, function in (("record", record), ("run", run)):
        one = commands.add_parser(name)
        one.add_argument("project")
        if name == "record":
            one.add_argument("store")
        else:
            one.add_argument("--store", required=True)
            one.add_argument("--states", default=",".join(state.name for state in states.STATES))
            one.add_argument("--rounds", type=int, default=5)
            one.add_argument("--delay", type=float, default=0, help="milliseconds before each answer")
            one.add_argument("--tls", action="store_true", help="HTTPS and HTTP/2, as public registries speak")
            one.add_argument("--out", help="keep the samples as JSON")
        one.add_argument("--tools", default=DEFAULT_TOOLS if name == "run" else "npm,bun,pnpm,yarn")
        one.add_argument("--rivals", required=True)
        one.add_argument("--cpm", default="cpm")
        one.add_argument("--port", type=int, default=4875)
        one.add_argument("--work", default="/dev/shm/cpm-bench")
        one.add_argument("--legacy-peer-deps", action="store_true")
        one.set_defaults(run=function)
    one = commands.add_parser("report")
    one.add_argument("results")
    one.add_argument("--svg")
    one.set_defaults(run=show)
    words = parser.parse_args()
    words.run(words)


if __name__ == "__main__":
    main()
