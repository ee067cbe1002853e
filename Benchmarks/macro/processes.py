"""Starts programs pinned to cores, knows when they are ready, and reads what they use from /proc."""

from __future__ import annotations

import os
import re
import select
import socket
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from trouble import Trouble

READY_SECONDS = 15.0
ANNOUNCEMENT = re.compile(r"listening on (\S+:\d+)")


@dataclass
class Running:
    """A program that serves at `address`. Ends with `stop`."""

    name: str
    process: subprocess.Popen[str]
    address: str

    @property
    def pids(self) -> list[int]:
        """The process and all that descend from it (nginx has a worker)."""
        found = [self.process.pid]
        for pid in found:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                found += [int(child) for child in children.read_text().split()]
        return found

    def resident_bytes(self) -> int:
        """Resident memory now; smaps_rollup is exact, the counters of /proc/PID/stat lag behind."""
        text = "".join(Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.pids)
        return 1024 * sum(int(kibibytes) for kibibytes in re.findall(r"^Rss:\s+(\d+) kB", text, re.MULTILINE))

    def cpu_seconds(self) -> float:
        return sum(thread_seconds(path) for pid in self.pids for path in Path(f"/proc/{pid}/task").glob("*/schedstat"))

    def thread_seconds(self) -> Counter[str]:
        """Time on a core by the name of the thread."""
        found: Counter[str] = Counter()
        for pid in self.pids:
            for path in Path(f"/proc/{pid}/task").glob("*"):
                found[(path / "comm").read_text().strip()] += thread_seconds(path / "schedstat")
        return found

    def require_alive(self) -> None:
        if (code := self.process.poll()) is not None:
            raise Trouble(f"{self.name} has ended with {code} in the middle of the run: its messages are above")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


def thread_seconds(path: Path) -> float:
    """Time on a core, in nanoseconds in the file: utime and stime only have clock ticks."""
    try:
        return int(path.read_text().split()[0]) / 1e9
    except FileNotFoundError:  # the thread has ended
        return 0.0


def pinned(command: list[str], cores: set[int]) -> list[str]:
    return ["taskset", "-c", ",".join(str(core) for core in sorted(cores)), *command]


def start(name: str, command: list[str], cores: set[int], address: str | None = None,
          environment: dict[str, str] | None = None) -> Running:
    """Starts a server and waits until it is ready: until it accepts at `address`, or else until it has announced one."""
    try:
        process = subprocess.Popen(
            pinned(command, cores), stdout=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})})
    except FileNotFoundError as error:
        raise Trouble(f"{error.filename} is missing: apt-get install util-linux") from None
    running = Running(name, process, address or "")
    try:
        if address:
            wait_for_listener(running, address)
        else:
            running.address = read_announcement(running)
    except BaseException:
        running.stop()
        raise
    return running


def read_announcement(running: Running) -> str:
    deadline = time.monotonic() + READY_SECONDS
    output = running.process.stdout
    assert output is not None
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([output], [], [], left)[0]:
            break
        line = output.readline()
        if found := ANNOUNCEMENT.search(line):
            return found[1]
        if not line:
            running.process.wait()
            raise Trouble(f"{running.name} ended with {running.process.returncode} before it was ready: its message is above")
    raise Trouble(f"{running.name} did not print 'listening on ADDRESS' within {READY_SECONDS:.0f} s")


def wait_for_listener(running: Running, address: str) -> None:
    host, port = address.rsplit(":", 1)
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        running.require_alive()
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise Trouble(f"{running.name} does not accept connections at {address} after {READY_SECONDS:.0f} s")


def free_address() -> str:
    """An address for programs that cannot take an ephemeral port and say which."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"127.0.0.1:{probe.getsockname()[1]}"
