"""The proxies that are compared: how each is configured for a workload and started. A new one is a function and its line in SUBJECTS."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from certificate import Certificate
from places import BUILD, MACRO
from processes import Running, free_address, start
from trouble import Trouble
from workloads import PEERS, Workload

KEY = "sk-weir-bench-0123456789abcdef"
PACKAGES = {"nginx": "nginx-light", "haproxy": "haproxy"}


@dataclass(frozen=True)
class Setting:
    """All that a subject needs to know to be started."""

    workload: Workload
    upstream: str  # the mock's address
    folder: Path  # its own, empty
    cores: set[int]
    certificate: Certificate
    programs: Path
    before: Path | None  # where the programs of an earlier build are
    profile: str
    spin_us: int


def fill(template: Path, **values: object) -> str:
    text = template.read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    return text


def start_floor(setting: Setting, *arguments: str) -> Running:
    command = [str(BUILD / "relay"), "--listen", "127.0.0.1:0", "--upstream", setting.upstream, *arguments]
    return start("floor", command, setting.cores)


def start_weir(setting: Setting, loops: int = 1) -> Running:
    listen = "127.0.0.1:0"
    if setting.workload.tls:
        files = setting.certificate
        listen = f'[{{address: "{listen}", tls: {{certificate: "{files.certificate}", key: "{files.key}"}}}}]'
    config = setting.folder / "weir.yaml"
    config.write_text(fill(
        MACRO / "profiles" / f"{setting.profile}.yaml", LISTEN=listen, LOOPS=loops, DATA=setting.folder / "data",
        UPSTREAM=setting.upstream, KEY_SHA256=hashlib.sha256(KEY.encode()).hexdigest()))
    environment = {"WEIR_BENCH_SPIN_US": str(setting.spin_us)} if setting.spin_us else None
    return start("weir", [str(setting.programs / "weir"), "serve", "--config", str(config)], setting.cores, None, environment)


def start_before(setting: Setting) -> Running:
    """An earlier build, as a relay: what the profile and the changes since then add to it is the difference."""
    assert setting.before
    return start_weir(replace(setting, programs=setting.before, profile="relay", spin_us=0))


def start_nginx(setting: Setting) -> Running:
    address = free_address()
    listen = address
    if setting.workload.tls:
        files = setting.certificate
        listen = f"{address} ssl; ssl_certificate {files.certificate}; ssl_certificate_key {files.key}; ssl_protocols TLSv1.3"
    config = setting.folder / "nginx.conf"
    config.write_text(fill(
        MACRO / "peers" / "nginx.conf", FOLDER=setting.folder, LISTEN=listen, UPSTREAM=setting.upstream,
        BUFFERING="off" if setting.workload.streams else "on"))
    command = [peer_program("nginx"), "-p", str(setting.folder), "-c", str(config), "-e", str(setting.folder / "error.log")]
    return start("nginx", command, setting.cores, address)


def start_haproxy(setting: Setting) -> Running:
    address = free_address()
    listen = address
    if setting.workload.tls:
        listen = f"{address} ssl crt {setting.certificate.both} ssl-min-ver TLSv1.3 alpn http/1.1"
    config = setting.folder / "haproxy.cfg"
    config.write_text(fill(
        MACRO / "peers" / "haproxy.cfg", LISTEN=listen, UPSTREAM=setting.upstream,
        BUFFER_BYTES=32768 if setting.workload.prompt_bytes > 8192 else 16384,  # head and prompt in one
        NO_DELAY="option http-no-delay" if setting.workload.streams else ""))
    return start("haproxy", [peer_program("haproxy"), "-db", "-f", str(config)], setting.cores, address)


SUBJECTS: dict[str, Callable[[Setting], Running]] = {
    "weir": start_weir,
    "weir-2": lambda setting: start_weir(setting, loops=2),
    "before": start_before,
    "floor": start_floor,
    "floor-epoll": lambda setting: start_floor(setting, "--epoll"),
    "nginx": start_nginx,
    "haproxy": start_haproxy,
}


def peer_program(name: str) -> str:
    """The full path of a peer; Debian has them in /usr/sbin, which is not on everybody's path."""
    found = shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if found is None:
        raise Trouble(f"{name} is not installed: apt-get install {PACKAGES[name]}")
    return found


def missing_peers(names: list[str]) -> dict[str, str]:
    """Which of the peers cannot run here, and how to install each."""
    missing = {}
    for name in names:
        if name not in PEERS:
            raise Trouble(f"--peers knows {' and '.join(PEERS)}, not {name!r}")
        try:
            peer_program(name)
        except Trouble as trouble:
            missing[name] = str(trouble)
    return missing
