# SPDX-License-Identifier: MIT
"""An HTTP/1.1 server on the loopback interface that remembers every request and spoils answers on demand.

What it serves is a subclass's business: see registry.py, and the recordings of tests/conformance/.
"""

import fnmatch
import gzip
import json
import socket
import ssl
import struct
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from faults import Answer

PIECE_BYTES = 16 * 1024


@dataclass(frozen=True)
class Request:
    method: str
    path: str  # decoded, without the query
    headers: dict  # names in lower case
    attempt: int
    time_sec: float
    body: bytes = b""  # what was sent, unpacked


class LoopbackServer:
    """Faults and the request log in front of serve(); used as a context manager."""

    def __init__(self, log=None):
        self.requests = []
        self.faults = []
        self.is_closing = threading.Event()
        self._attempts = Counter()
        self._lock = threading.Lock()
        self._log = log
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self

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
        return f"{'https' if self._server.tls else 'http'}://127.0.0.1:{self._server.server_address[1]}/"

    def speak_tls(self, certificate):
        """From now on connections are encrypted."""
        self._server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._server.tls.load_cert_chain(certificate.chain, certificate.key)

    def requests_for(self, pattern):
        """The requests so far whose path fits this shell pattern."""
        with self._lock:
            return [request for request in self.requests if fnmatch.fnmatchcase(request.path, pattern)]

    def serve(self, method, path, headers):
        """The answer to a request, before faults; subclasses say."""
        raise NotImplementedError

    def answer(self, method, path, headers, body=b""):
        """Logs a request and gives the answer, spoilt where a fault says so."""
        with self._lock:
            self._attempts[path] += 1
            attempt = self._attempts[path]
            self.requests.append(Request(method, path, headers, attempt, time.monotonic(), body))
            if self._log:
                print(method, path, json.dumps(headers), file=self._log, flush=True)
        answer = self.serve(method, path, headers)
        for fault in self.faults:
            if fault.hits(path, attempt):
                fault.spoil(answer)
        return answer


def json_answer(value, status=200):
    return Answer(status, {"content-type": "application/json"}, json.dumps(value).encode())


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    tls = None

    def finish_request(self, request, client_address):
        """In the connection's own thread: a client that does not go on with the handshake holds nobody up."""
        if self.tls:
            request = self.tls.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

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
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        path = unquote(urlsplit(self.path).path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._send(self.server.owner.answer(self.command, path, headers, body))

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET

    def log_message(self, *_):
        pass

    def _send(self, answer):
        self.server.owner.is_closing.wait(answer.delay_ms / 1000)
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
            self.server.owner.is_closing.wait()
        if answer.reset_at is not None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if ends:
            self.close_connection = True

    def _write_paced(self, body, bytes_per_sec):
        piece = bytes_per_sec or PIECE_BYTES
        for at in range(0, len(body), piece):
            self.wfile.write(body[at : at + piece])
            if bytes_per_sec:
                self.server.owner.is_closing.wait(1)
