"""Builds what is measured: the floor with make, Weir, its mock and its load generator with swift."""

from __future__ import annotations

import subprocess
from pathlib import Path

from places import BUILD, FLOOR, ROOT
from trouble import Trouble


def run(command: list[str], folder: Path, cure: str) -> str:
    """Runs a build step quietly; its output is shown when it fails."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    except FileNotFoundError:
        raise Trouble(f"{command[0]} is missing: {cure}") from None
    if done.returncode != 0:
        raise Trouble(f"`{' '.join(command)}` failed: {cure}\n{(done.stdout + done.stderr).strip()[-4000:]}")
    return done.stdout


def build_floor() -> Path:
    run(["make", "-s", f"OUT={BUILD}"], FLOOR, "apt-get install gcc make liburing-dev")
    return BUILD / "relay"


def build_weir() -> None:
    for product in ("weir", "weir-mock", "weir-load"):
        run(["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", product], ROOT, "scripts/setup installs what a build needs")
