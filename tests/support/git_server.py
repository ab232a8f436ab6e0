#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Git repositories behind http on the loopback interface: `git http-backend`, to read from only.

Repositories are made of commits described by tests, with fixed names and dates, so that a commit's id depends on its
content alone. A person runs it on a folder of bare repositories and gets the URL on standard output.
"""

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

WHO = {
    "GIT_AUTHOR_NAME": "cpm", "GIT_AUTHOR_EMAIL": "cpm@localhost", "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_NAME": "cpm", "GIT_COMMITTER_EMAIL": "cpm@localhost", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
}


class GitServer:
    """Serves the bare repositories below a folder; used as a context manager."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.requests = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.owner = self

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def repository(self, name):
        return Repository(self.folder / f"{name}.git")


class Repository:
    """A bare repository under construction."""

    def __init__(self, path):
        self.path = path
        if not path.exists():
            path.mkdir(parents=True)
            self._git("init", "--quiet", "--bare", "--initial-branch=main")

    def commit(self, files, branch="main", tag=None, annotated=False):
        """Adds a commit with exactly these files (path to text; "path*" is executable, a Path value a link)."""
        index = str(self.path / "index.tmp")
        env = {"GIT_INDEX_FILE": index}
        for name, value in files.items():
            mode = "120000" if isinstance(value, Path) else "100755" if name.endswith("*") else "100644"
            blob = self._git("hash-object", "-w", "--stdin", stdin=str(value))
            self._git("update-index", "--add", "--cacheinfo", f"{mode},{blob},{name.rstrip('*')}", env=env)
        tree = self._git("write-tree", env=env)
        os.unlink(index)
        parent = subprocess.run(
            ["git", "-C", self.path, "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}"],
            capture_output=True, text=True, check=False).stdout.strip()
        commit = self._git("commit-tree", tree, *(["-p", parent] if parent else []), "-m", "x")
        self._git("update-ref", f"refs/heads/{branch}", commit)
        if tag:
            self._git("tag", *(["-a", "-m", tag] if annotated else []), tag, commit)
        return commit

    def find(self, ref):
        """The commit that a branch or tag is at."""
        return self._git("rev-parse", f"{ref}^{{commit}}")

    def _git(self, *words, stdin="", env=None):
        done = subprocess.run(["git", *words], cwd=self.path, input=stdin, capture_output=True, text=True, check=True,
                              env={**os.environ, **WHO, **(env or {})})
        return done.stdout.strip()


def git_project(folder, words):
    """The git program at work in a folder."""
    subprocess.run(["git", *words], cwd=folder, capture_output=True, check=True, env={**os.environ, **WHO})


def commit_project(folder, files):
    """The folder becomes a repository, if it is none yet, and gets a commit with these files as they are now."""
    if not (folder / ".git").exists():
        git_project(folder, ["init", "--quiet", "--initial-branch=main"])
    git_project(folder, ["add", "--force", "--", *files])
    git_project(folder, ["commit", "--quiet", "--message=x"])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        url = urlsplit(self.path)
        self.server.owner.requests.append((self.command, self.path))
        env = {
            **os.environ, **WHO, "GIT_HTTP_EXPORT_ALL": "1", "GIT_PROJECT_ROOT": str(self.server.owner.folder),
            "PATH_INFO": url.path, "QUERY_STRING": url.query, "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("content-type", ""), "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("content-encoding", ""),
            "GIT_PROTOCOL": self.headers.get("git-protocol", ""),
        }
        done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env=env, check=False)
        head, _, answer = done.stdout.partition(b"\r\n\r\n")
        self._send(head.decode(), answer)

    do_POST = do_GET

    def log_message(self, *_):
        pass

    def _send(self, head, answer):
        headers = [line.split(": ", 1) for line in head.split("\r\n") if ": " in line]
        status = next((value for name, value in headers if name.lower() == "status"), "200 OK")
        self.send_response(int(status.split()[0]))
        for name, value in headers:
            if name.lower() != "status":
                self.send_header(name, value)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


def main():
    with GitServer(sys.argv[1]) as server:
        print(server.url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
