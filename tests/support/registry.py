#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A package registry on the loopback interface, for tests.

It serves what package.py describes, goes wrong as faults.py says, and remembers every request. Tests use the class;
a person runs it and gets the URL on standard output:

    registry.py 'a@1.0.0 dep:b@^1' b@1.0.0 --fault '/b status:500 attempt:1' --log requests.txt
"""

import argparse
import fnmatch
import gzip
import hashlib
import json
import shlex
import socket
import struct
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import package
from faults import Answer, Fault

ABBREVIATED_TYPE = "application/vnd.npm.install-v1+json"
PIECE_BYTES = 16 * 1024


@dataclass(frozen=True)
class Request:
    method: str
    path: str  # decoded, without the query
    headers: dict  # names in lower case
    attempt: int
    time_sec: float


class Registry:
    """Packages, faults and the request log, behind one server; used as a context manager."""

    def __init__(self, log=None):
        self.requests = []
        self.faults = []
        self.is_closing = threading.Event()
        self._packages = {}
        self._attempts = Counter()
        self._lock = threading.Lock()
        self._log = log
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.registry = self

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Closes the port: from now on connections are refused."""
        if not self.is_closing.is_set():
            self.is_closing.set()
            self._server.shutdown()
            self._server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def add(self, words):
        for one in package.parse(words):
            self._packages.setdefault(one.name, {})[one.version] = one

    def find(self, name, version):
        return self._packages[name][version]

    def requests_for(self, pattern):
        """The requests so far whose path fits this shell pattern."""
        with self._lock:
            return [request for request in self.requests if fnmatch.fnmatchcase(request.path, pattern)]

    def answer(self, method, path, headers):
        """Logs a request and gives the answer, spoilt where a fault says so."""
        with self._lock:
            self._attempts[path] += 1
            attempt = self._attempts[path]
            self.requests.append(Request(method, path, headers, attempt, time.monotonic()))
            if self._log:
                print(method, path, json.dumps(headers), file=self._log, flush=True)
        answer = self._serve(method, path, headers)
        for fault in self.faults:
            if fault.hits(path, attempt):
                fault.spoil(answer)
        return answer

    def _serve(self, method, path, headers):
        if method == "POST" and path.startswith("/-/npm/v1/security/"):
            return _json({})
        if path == "/-/ping":
            return _json({})
        name, dash, file_name = path[1:].partition("/-/")
        if dash:
            return self._serve_tarball(name, file_name)
        versions = self._packages.get(name)
        if versions:
            return self._serve_packument(list(versions.values()), headers)
        name, _, version = name.rpartition("/")
        if version in self._packages.get(name, {}):
            return _json(self._packages[name][version].document(self.url))
        return _json({"error": "Not found"}, 404)

    def _serve_tarball(self, name, file_name):
        for one in self._packages.get(name, {}).values():
            if one.file_name == file_name:
                return Answer(body=one.tarball(), headers={"content-type": "application/octet-stream"})
        return _json({"error": "Not found"}, 404)

    def _serve_packument(self, packages, headers):
        abbreviated = ABBREVIATED_TYPE in headers.get("accept", "")
        answer = _json(package.packument(packages, self.url, abbreviated))
        answer.headers["etag"] = '"' + hashlib.sha1(answer.body).hexdigest() + '"'
        answer.headers["cache-control"] = "public, max-age=300"
        answer.headers["vary"] = "accept, accept-encoding"
        if abbreviated:
            answer.headers["content-type"] = ABBREVIATED_TYPE
        if headers.get("if-none-match") == answer.headers["etag"]:
            answer.status, answer.body = 304, b""
        elif "gzip" in headers.get("accept-encoding", ""):
            answer.body = gzip.compress(answer.body, mtime=0)
            answer.headers["content-encoding"] = "gzip"
        return answer


def _json(value, status=200):
    return Answer(status, {"content-type": "application/json"}, json.dumps(value).encode())


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def shutdown_request(self, request):
        """Closes without shutdown(), whose orderly goodbye would come before a reset."""
        self.close_request(request)

    def handle_error(self, request, client_address):
        """A client that goes away, or is killed, is nothing to report."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        length = int(self.headers.get("content-length", 0))
        if length:
            self.rfile.read(length)
        path = unquote(urlsplit(self.path).path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._send(self.server.registry.answer(self.command, path, headers))

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET

    def log_message(self, *_):
        pass

    def _send(self, answer):
        self.server.registry.is_closing.wait(answer.delay_ms / 1000)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 304:
            self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self._send_body(answer)

    def _send_body(self, answer):
        if self.command == "HEAD":
            return
        ends = [at for at in (answer.cut_at, answer.reset_at, answer.stall_at) if at is not None]
        self._write_paced(answer.body[: min(ends)] if ends else answer.body, answer.bytes_per_sec)
        if answer.stall_at is not None:
            self.server.registry.is_closing.wait()
        if answer.reset_at is not None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if ends:
            self.close_connection = True

    def _write_paced(self, body, bytes_per_sec):
        piece = bytes_per_sec or PIECE_BYTES
        for at in range(0, len(body), piece):
            self.wfile.write(body[at : at + piece])
            if bytes_per_sec:
                self.server.registry.is_closing.wait(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="*", help="descriptions, as in package.py")
    parser.add_argument("--fault", action="append", default=[], help="a fault, as in faults.py; may be repeated")
    parser.add_argument("--log", type=argparse.FileType("w"), help="write a line for each request here")
    options = parser.parse_args()
    with Registry(options.log) as registry:
        for text in options.packages:
            registry.add(shlex.split(text))
        registry.faults = [Fault.parse(shlex.split(text)) for text in options.fault]
        print(registry.url, flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
