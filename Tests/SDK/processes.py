"""Starts a program, waits until it says it is ready, and stops it by its own process id."""

import os
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

READY_SECONDS = 60  # a debug build on a busy machine
STOP_SECONDS = 30


class Program:
    """A child process whose first words are `NAME listening on HOST:PORT`."""

    def __init__(self, command: list[str], log: Path, environment: dict[str, str] | None = None):
        self.command, self.log = command, log
        self._ready, self.address = threading.Event(), ""
        self._errors = log.open("wb")
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._errors, text=True,
            env=os.environ | (environment or {}))
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        """Keeps the pipe empty for as long as the program lives; end of file also ends the wait."""
        for line in self.process.stdout:
            if not self.address and (match := re.search(r"listening on ([\d.]+:\d+)", line)):
                self.address = match.group(1)
                self._ready.set()
        self._ready.set()

    def wait_ready(self) -> "Program":
        self._ready.wait(READY_SECONDS)
        if not self.address:
            self.kill()
            raise RuntimeError(f"{self.command[0]} did not get ready; exit {self.process.poll()}\n{self.tail()}")
        return self

    def terminate(self) -> None:
        """Asks it to end, without waiting."""
        self.process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Its exit status; killed, and a failure, if it does not end in time."""
        try:
            status = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"{self.command[0]} ignored SIGTERM for {STOP_SECONDS} s\n{self.tail()}") from None
        self._close()
        return status

    def stop(self) -> int:
        if self.process.poll() is None:
            self.terminate()
        return self.wait()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._close()

    def _close(self) -> None:
        self._reader.join(STOP_SECONDS)
        self._errors.close()

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]


def wait_until(condition, what: str, seconds: float = 10):
    """The first true value of `condition`, which is asked again and again until the deadline."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.01)
    raise AssertionError(f"not within {seconds} s: {what}")
