"""A disk that is full, in a file system of the test's own: what has a price is refused with ledger_unavailable, nothing is lost, and service resumes by
itself once there is room. A folder that cannot be written keeps the gateway from starting, with the reason."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gateway import PROGRAMS, Place


def mount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


def fills(place: Place, data: Path) -> None:
    mount(data, "size=48m")  # two loops want a segment of 16 MiB each, and the next one ahead
    place.start()
    key = place.command("key", "create", "--team", "load")
    statuses, answered = [], 0
    for _ in range(2_000):
        status, text = place.ask(key, "events=1")
        statuses.append(status)
        if status != 200:
            assert (status, json.loads(text)["error"]["code"]) == (503, "ledger_unavailable"), f"{status} {text}"
            break
        answered += 1
        if answered == 50:  # what is left of the disk goes to somebody else
            (data / "other").write_bytes(b"x" * (1 << 20))
            with open(data / "other", "ab") as other:
                try:
                    while True:
                        other.write(b"x" * 65_536)
                        other.flush()
                except OSError:
                    pass
    # Segments that are allocated already carry on: a full disk loses nothing, and is noticed when the next segment is wanted.
    rows = len(place.command("ledger", "dump").splitlines())
    assert rows == answered, f"{rows} rows for {answered} answers"
    remount(data, "size=200m")
    deadline = time.monotonic() + 20
    while place.ask(key, "events=1")[0] != 200:
        assert time.monotonic() < deadline, "service did not resume"
        time.sleep(0.1)
    place.command("ledger", "verify")
    place.weir.stop()


def starts_full(place: Place, data: Path) -> None:
    """No room for a segment from the beginning: refused, then resumed."""
    mount(data, "size=8m")
    place.start()
    key = place.command("key", "create", "--team", "load")
    before = len(place.billed())
    for _ in range(3):
        status, text = place.ask(key)
        assert (status, json.loads(text)["error"]["code"]) == (503, "ledger_unavailable"), f"{status} {text}"
    assert len(place.billed()) == before, "no provider was called"
    remount(data, "size=200m")
    deadline = time.monotonic() + 20
    while place.ask(key)[0] != 200:
        assert time.monotonic() < deadline, "service did not resume"
        time.sleep(0.1)
    place.weir.stop()


def read_only(place: Place, data: Path) -> None:
    mount(data, "size=8m,ro")
    result = subprocess.run(
        [PROGRAMS / "weir", "serve", "--config", str(place.configuration)], capture_output=True, text=True, timeout=60,
        env=os.environ | {"MOCK_KEY": "mock"})
    assert result.returncode == 1 and str(data) in result.stderr, result.stderr


def main() -> None:
    if "--inside" not in sys.argv:
        # Mounts of its own, which end with it.
        unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
        raise SystemExit(subprocess.run(unshare + [sys.executable, __file__, "--inside"]).returncode)
    for test in (fills, starts_full, read_only):
        with tempfile.TemporaryDirectory() as name:
            data = Path(name) / "data"
            data.mkdir(mode=0o700)
            place = Place(Path(name))
            try:
                test(place, data)
            finally:
                place.stop()
                subprocess.run(["umount", "--lazy", str(data)], check=False, capture_output=True)
    print("3 passed, 0 failed")


if __name__ == "__main__":
    main()
