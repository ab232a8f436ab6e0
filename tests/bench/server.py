# SPDX-License-Identifier: MIT
"""A recorded registry behind nginx on the loopback interface: static files, prebuilt gzip, so that the server costs as
little as it can on a machine it shares with what is measured."""

import shutil
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import recording  # noqa: E402  (the path above must come first)
from certificate import Certificate  # noqa: E402

NGINX_CONF = """
worker_processes 1; daemon off; pid {site}/nginx.pid; error_log {site}/error.log warn;
events {{ worker_connections 4096; }}
http {{
  log_format bytes '$body_bytes_sent'; access_log {site}/access.log bytes;
  sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 100000; keepalive_timeout 75s;
  client_body_temp_path {site}/tmp; proxy_temp_path {site}/tmp; fastcgi_temp_path {site}/tmp; uwsgi_temp_path {site}/tmp; scgi_temp_path {site}/tmp;
  default_type application/json; open_file_cache max=20000 inactive=600s; etag on;
  server {{
    listen 127.0.0.1:{port} {scheme} backlog=4096;{secrets}
    location ~ ^/(.+/-/.+\\.tgz)$ {{ default_type application/octet-stream; alias {site}/tarballs/$1; }}
    location /-/ {{ default_type application/json; return 200 '{{}}'; }}
    location ~ ^/(.+)$ {{ gzip_static on; add_header Cache-Control "public, max-age=300"; add_header Vary "Accept-Encoding, Accept"; root {site}/packuments; try_files $uri.json =404; }}
  }}
}}
"""


class StaticServer:
    """A context manager with `url`, `traffic()` and, with TLS, `trusted`: the file of who vouches for it and others."""

    def __init__(self, store, port, uses_tls=False):
        self.url = f"{'https' if uses_tls else 'http'}://127.0.0.1:{port}/"
        self.trusted = None
        self._uses_tls = uses_tls
        self._port = port
        self._store = Path(store)
        self._site = Path(str(store).rstrip("/") + ".www").resolve()
        self._read, self._count, self._bytes = 0, 0, 0

    def __enter__(self):
        recording.write_static_site(recording.Recording(self._store), self._site, self.url)
        (self._site / "tmp").mkdir()
        conf = self._site / "nginx.conf"
        conf.write_text(NGINX_CONF.format(site=self._site, port=self._port, **self._security()))
        self._process = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(conf)])
        _wait_for(self._port)
        return self

    def _security(self):
        if not self._uses_tls:
            return {"scheme": "", "secrets": ""}
        made = Certificate(self._site / "tls")
        trusted = self._site / "tls" / "trusted.pem"
        usual = ssl.get_default_verify_paths().cafile  # reading all of the usual authorities is a part of what TLS costs
        trusted.write_text((Path(usual).read_text() if usual else "") + made.authority.read_text())
        self.trusted = str(trusted)
        return {"scheme": "ssl http2", "secrets": f" ssl_certificate {made.chain}; ssl_certificate_key {made.key};"}

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait()

    def traffic(self):
        """Requests answered and body bytes sent since the start."""
        with open(self._site / "access.log", "rb") as log:
            log.seek(self._read)
            lines = log.read().split()
            self._read = log.tell()
        self._count += len(lines)
        self._bytes += sum(map(int, lines))
        return self._count, self._bytes


class SlowServer(recording.RecordingServer):
    """The same recording with a fixed delay before each answer: for what latency does."""

    trusted = None

    def __init__(self, store, port, delay_ms):
        super().__init__(recording.Recording(store), port, delay_ms / 1000)

    def traffic(self):
        return 0, 0


def _wait_for(port):
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"nginx did not start on port {port}")
