#!/usr/bin/env python3
"""Checks that the blind relay is correct, both ways of waiting: large bodies both ways at once, half-closed connections,
slow readers, resets, a refused upstream, and provided buffers so few that they run out. Prints one line a case."""

from __future__ import annotations

import hashlib
import os
import random
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

RELAY = Path(__file__).resolve().parents[2] / ".build-bench" / "relay"
SETTINGS = {
    "io_uring": [],
    "io_uring, 8 buffers of 64 bytes": ["--buffers", "8", "--buffer-bytes", "64"],
    "epoll": ["--epoll"],
    "epoll, 64 bytes": ["--epoll", "--buffer-bytes", "64"],
}


class Echo(threading.Thread):
    """An upstream that sends everything back and closes after the end of file, each connection in a thread."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]

    def run(self) -> None:
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                while piece := connection.recv(65536):
                    connection.sendall(piece)
            except OSError:
                pass


def exchange(port: int, size: int, seed: int, slow: bool = False) -> None:
    """Sends `size` bytes, half-closes, and wants exactly these back, then an end of file."""
    body = random.Random(seed).randbytes(size)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        if slow:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sender = threading.Thread(target=lambda: (connection.sendall(body), connection.shutdown(socket.SHUT_WR)))
        sender.start()
        if slow:
            threading.Event().wait(0.3)
        digest, count = hashlib.sha256(), 0
        while piece := connection.recv(1024 if slow else 65536):
            digest.update(piece)
            count += len(piece)
        sender.join()
    assert count == size, f"{count} bytes of {size} came back"
    assert digest.digest() == hashlib.sha256(body).digest(), "other bytes came back"


def reset(port: int) -> None:
    """Sends something and leaves with a reset."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=5)
    connection.sendall(b"x" * 200_000)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def at_once(count: int, work) -> None:
    failures: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001: reported by the main thread
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def start(upstream: str, arguments: list[str]) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen(
        [str(RELAY), "--listen", "127.0.0.1:0", "--upstream", upstream, *arguments], stdout=subprocess.PIPE, text=True)
    return process, int(process.stdout.readline().rsplit(":", 1)[1])


def wait_for_descriptors(pid: int, expected: int) -> None:
    for _ in range(200):
        if len(os.listdir(f"/proc/{pid}/fd")) <= expected:
            return
        threading.Event().wait(0.05)
    raise AssertionError(f"{len(os.listdir(f'/proc/{pid}/fd'))} descriptors are open, {expected} were at the start")


def check(name: str, arguments: list[str], echo: Echo) -> None:
    process, port = start(echo.address, arguments)
    try:
        exchange(port, 1, seed=1)
        descriptors = len(os.listdir(f"/proc/{process.pid}/fd"))
        exchange(port, 0, seed=2)
        exchange(port, 5_000_000, seed=3)
        at_once(30, lambda number: exchange(port, 20_000 + number, seed=number))
        at_once(4, lambda number: exchange(port, 200_000, seed=number, slow=True))
        at_once(30, lambda _: reset(port))
        exchange(port, 100_000, seed=4)
        assert process.poll() is None, "the relay has ended"
        wait_for_descriptors(process.pid, descriptors)
    finally:
        process.terminate()
        process.wait()
    process, port = start("127.0.0.1:1", arguments)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.settimeout(5)
            try:
                assert connection.recv(1) == b"", "bytes from nowhere"
            except ConnectionResetError:
                pass
        assert process.poll() is None, "the relay has ended"
    finally:
        process.terminate()
        process.wait()
    print(f"ok: {name}")


def main() -> int:
    if not RELAY.exists():
        print(f"{RELAY} is missing: run make -C Benchmarks/floor", file=sys.stderr)
        return 2
    echo = Echo()
    echo.start()
    for name, arguments in SETTINGS.items():
        check(name, arguments, echo)
    return 0


if __name__ == "__main__":
    sys.exit(main())
