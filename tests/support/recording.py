#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A registry as it was on one day, in a folder: what a benchmark or a comparison asks for, kept once and served for ever.

    recording.py FOLDER --upstream URL [--port N]   serve, and fetch and keep what is missing
    recording.py FOLDER [--port N] [--delay MS]     serve what is there; the rest is 404

FOLDER/packuments/<escaped name>.json.gz holds packuments cut down to what installing needs, with tarball addresses that
start with @@REG@@; FOLDER/tarballs/<path> holds tarballs as they came."""

import argparse
import gzip
import json
import shutil
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

PLACEHOLDER = "@@REG@@"
KEPT_FIELDS = (
    "name version deprecated dependencies optionalDependencies devDependencies peerDependencies peerDependenciesMeta "
    "bundleDependencies bundledDependencies acceptDependencies bin directories engines os cpu libc funding license "
    "licenses hasInstallScript gypfile workspaces"
).split()
KEPT_SCRIPTS = ("preinstall", "install", "postinstall", "prepare")
KEPT_DIST = ("integrity", "shasum", "fileCount", "unpackedSize", "signatures", "attestations")
ATTEMPTS = 5


def escape(name):
    return name.replace("/", "%2f")


def cut_down(packument):
    """The packument without what no installer reads (readmes, users, most of package.json)."""
    versions = {key: _cut_version(manifest) for key, manifest in packument.get("versions", {}).items()}
    return {
        "name": packument.get("name"),
        "dist-tags": packument.get("dist-tags"),
        "modified": packument.get("modified") or packument.get("time", {}).get("modified"),
        "versions": versions,
        "time": packument.get("time"),
    }


def _cut_version(manifest):
    kept = {key: manifest[key] for key in KEPT_FIELDS if key in manifest}
    scripts = manifest.get("scripts")
    if isinstance(scripts, dict):
        scripts = {key: scripts[key] for key in KEPT_SCRIPTS if scripts.get(key)}
        if scripts:
            kept["scripts"] = scripts
    dist = manifest["dist"]
    kept["dist"] = {key: dist[key] for key in KEPT_DIST if key in dist}
    kept["dist"]["tarball"] = PLACEHOLDER + urlsplit(dist["tarball"]).path
    return kept


class Recording:
    """The folder; with an upstream, misses are fetched there and kept."""

    def __init__(self, folder, upstream=None):
        self.folder = Path(folder)
        self.upstream = upstream and upstream.rstrip("/")
        self._locks = {}
        self._guard = threading.Lock()

    def packument(self, name):
        """Gzipped JSON with placeholders, or None."""
        path = self.folder / "packuments" / f"{escape(name)}.json.gz"
        return self._keep(path, escape(name), lambda body: gzip.compress(json.dumps(cut_down(json.loads(body))).encode(), 9, mtime=0))

    def tarball(self, where):
        return self._keep(self.folder / "tarballs" / where, where, lambda body: body)

    def names(self):
        return [unquote(path.name.removesuffix(".json.gz")) for path in sorted((self.folder / "packuments").glob("*.json.gz"))]

    def _keep(self, path, where, prepare):
        with self._guard:
            lock = self._locks.setdefault(path, threading.Lock())
        with lock:
            if not path.exists():
                body = self._fetch(where)
                if body is None:
                    return None
                path.parent.mkdir(parents=True, exist_ok=True)
                part = path.with_name(path.name + ".part")
                part.write_bytes(prepare(body))
                part.rename(path)
            return path.read_bytes()

    def _fetch(self, where):
        if not self.upstream:
            return None
        for attempt in range(ATTEMPTS):
            try:
                with urllib.request.urlopen(f"{self.upstream}/{where}", timeout=60) as answer:
                    return answer.read()
            except urllib.error.HTTPError as error:
                if error.code == 404:
                    return None
            except OSError:
                pass
            time.sleep(0.5 * (attempt + 1))
        return None


class RecordingServer:
    """Serves a recording on the loopback interface; a context manager with a url."""

    def __init__(self, recording, port=0, delay_sec=0.0):
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
        self._server.daemon_threads = True
        self._server.recording = recording
        self._server.delay_sec = delay_sec
        self._server.url = self.url

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def serve(self):
        self._server.serve_forever(0.1)

    def __enter__(self):
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def handle(self):
        try:
            super().handle()
        except ConnectionError:
            pass  # the other side had enough

    def do_GET(self):
        server = self.server
        if server.delay_sec:
            time.sleep(server.delay_sec)
        where = unquote(urlsplit(self.path).path).lstrip("/")
        if where.startswith("-/"):
            self._answer(404, b"{}", "application/json")
        elif "/-/" in where:
            self._answer_with(server.recording.tarball(where), "application/octet-stream")
        else:
            packed = server.recording.packument(where)
            body = packed and gzip.decompress(packed).replace(PLACEHOLDER.encode(), server.url.rstrip("/").encode())
            self._answer_with(body, "application/json")

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self._answer(200, b"{}", "application/json")

    def _answer_with(self, body, kind):
        if body is None:
            self._answer(404, b'{"error":"Not found"}', "application/json")
        else:
            self._answer(200, body, kind)

    def _answer(self, status, body, kind):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        if status == 200:
            self.send_header("cache-control", "public, max-age=300")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def write_static_site(recording, folder, base_url):
    """The recording as files a static web server can hand out: /name.json, /name.json.gz, /tarballs."""
    site = Path(folder)
    shutil.rmtree(site, ignore_errors=True)
    (site / "packuments").mkdir(parents=True)
    (site / "tarballs").symlink_to((recording.folder / "tarballs").resolve())
    for name in recording.names():
        body = gzip.decompress(recording.packument(name)).replace(PLACEHOLDER.encode(), base_url.rstrip("/").encode())
        path = site / "packuments" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(body, 6, mtime=0))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--upstream", help="registry to fetch missing things from")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0, help="milliseconds before each answer")
    words = parser.parse_args()
    server = RecordingServer(Recording(words.folder, words.upstream), words.port, words.delay / 1000)
    print(server.url, flush=True)
    server.serve()


if __name__ == "__main__":
    main()
