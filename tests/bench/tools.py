# SPDX-License-Identifier: MIT
"""How each package manager is called, and where it keeps its lockfile."""

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Tool:
    name: str
    lockfile: str
    install: list  # words of a plain install
    frozen: list  # words of an install that must follow the lockfile
    run_members: list = field(default_factory=list)  # words that run `build` in all members, what is needed first where it can
    environment: dict = field(default_factory=dict)
    needs_empty_lock: bool = False  # yarn looks for a project above without one


def pins():
    return json.loads((HERE / "rivals.json").read_text())


def install_rivals(folder):
    """Puts the pinned rivals into a folder, with the npm of this machine."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private":true,"allowScripts":{"bun":true,"pnpm":true}}\n')
    words = [f"{pin['package']}@{pin['version']}" for pin in pins().values()]
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", *words], cwd=folder, check=True)
    for name in ("bun", "pnpm"):  # their install script picks the native program
        subprocess.run(["node", "install.js"], cwd=folder / "node_modules" / name, check=False)


def make(name, registry, cache, rivals, cpm, legacy_peers, trusted=None):
    """The tool called @name, e.g. 'pnpm-hoisted'; @cache is its own folder, @trusted a file of authorities."""
    family, _, variant = name.partition("-")
    return _MAKERS[family](name, variant, _Setting(registry, cache, Path(rivals or "."), cpm, legacy_peers, trusted))


@dataclass(frozen=True)
class _Setting:
    registry: str
    cache: str
    rivals: Path
    cpm: str
    legacy_peers: bool
    trusted: str | None

    def module(self, path):
        return str(self.rivals / "node_modules" / path)


def _npm_like(name, program, variant, setting, run_members, more=()):
    words = ["--registry", setting.registry, "--cache", setting.cache, "--ignore-scripts", "--no-audit", "--no-fund"]
    words += ["--legacy-peer-deps"] if setting.legacy_peers else []
    words += ["--cafile", setting.trusted] if setting.trusted else []
    words += [f"--install-strategy={variant}", *more] if variant else []
    return Tool(name, "package-lock.json", [*program, "install", *words], [*program, "ci", *words], [*program, "run", "build", *run_members])


def _npm(name, variant, setting):
    return _npm_like(name, ["node", setting.module("npm/bin/npm-cli.js")], variant, setting, ["--workspaces"])


def _cpm(name, variant, setting):
    if variant == "shared":
        return _npm_like(name, [setting.cpm], "linked", setting, ["--topological", "--parallel"], ["--shared-store"])
    return _npm_like(name, [setting.cpm], variant, setting, ["--topological", "--parallel"])


def _bun(name, variant, setting):
    bun = setting.module("bun/bin/bun.exe")
    program = [bun, "install"]
    words = ["--ignore-scripts", "--registry", setting.registry, "--linker", variant or "hoisted", "--save-text-lockfile"]
    words += ["--cafile", setting.trusted] if setting.trusted else []
    return Tool(name, "bun.lock", program + words, [*program, "--frozen-lockfile", *words], [bun, "run", "--filter", "*", "build"],
                {"BUN_INSTALL_CACHE_DIR": setting.cache})


def _pnpm(name, variant, setting):
    pnpm = setting.module("pnpm/pnpm")
    program = [pnpm, "install"]
    words = ["--ignore-scripts", "--registry", setting.registry, "--store-dir", f"{setting.cache}/store"]
    words += [f"--config.cache-dir={setting.cache}/cache", "--config.strict-peer-dependencies=false", "--config.minimum-release-age=0"]
    words += [f"--config.cafile={setting.trusted}"] if setting.trusted else []
    words += ["--config.node-linker=hoisted"] if variant == "hoisted" else []
    return Tool(name, "pnpm-lock.yaml", [*program, "--no-frozen-lockfile", *words], [*program, "--frozen-lockfile", *words], [pnpm, "-r", "run", "build"])


def _yarn(name, _, setting):
    program = ["node", setting.module("@yarnpkg/cli-dist/bin/yarn.js"), "install"]
    keys = {
        "ENABLE_GLOBAL_CACHE": "0", "CACHE_FOLDER": setting.cache, "NODE_LINKER": "node-modules",
        "NPM_REGISTRY_SERVER": setting.registry.rstrip("/"), "UNSAFE_HTTP_WHITELIST": "127.0.0.1", "ENABLE_SCRIPTS": "0",
        "ENABLE_TELEMETRY": "0", "ENABLE_IMMUTABLE_INSTALLS": "0", "NPM_MINIMAL_AGE_GATE": "0",
    }
    if setting.trusted:
        keys["HTTPS_CA_FILE_PATH"] = setting.trusted
    environment = {f"YARN_{key}": value for key, value in keys.items()}
    return Tool(name, "yarn.lock", program, [*program, "--immutable"], environment=environment, needs_empty_lock=True)


_MAKERS = {"npm": _npm, "cpm": _cpm, "bun": _bun, "pnpm": _pnpm, "yarn": _yarn}


def clean_environment(folder):
    """This process's environment without package managers' settings, which would make the comparison unfair. Two empty files
    in @folder stand for the user's and the machine's: npm refuses one file in both roles."""
    kept = {key: value for key, value in os.environ.items() if not key.lower().startswith(("npm_config_", "yarn_", "bun_")) and key != "CI"}
    for role in ("user", "global"):
        path = Path(folder) / f".{role}.npmrc"
        path.touch()
        kept[f"NPM_CONFIG_{role.upper()}CONFIG"] = str(path)
    return kept
