"""Instruction counts of the pure cores: a regression check that a busy machine cannot disturb.

`weir-cores NAME ITERATIONS` runs one core; callgrind counts all instructions of the process. Two runs with different iterations
are subtracted: what is left, divided by the difference, is one operation, without the start of the program.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from builds import run as build
from places import MICRO, RESULTS
from trouble import Trouble

FILE = RESULTS / "instructions.json"
ALLOWED = 1.03
FEW, MANY = 1000, 6000


def run(accept: bool, only: str) -> int:
    program = build_cores()
    names = choose(subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout.split(), only)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        counted = dict(zip(names, pool.map(lambda name: per_operation(program, name), names), strict=True))
    before = json.loads(FILE.read_text()) if FILE.exists() else {}
    failures = [name for name in names if name in before and counted[name] > before[name] * ALLOWED]
    for name in names:
        change = f"   committed {before[name]:>10,.1f} ({counted[name] / before[name] - 1:+.1%})" if name in before else "   new"
        print(f"{name:<28} {counted[name]:>12,.1f} instructions{change}")
    for name in sorted(before.keys() - counted.keys()) if not only else []:
        print(f"{name:<28} is committed, but weir-cores has it no more")
    if accept:
        FILE.parent.mkdir(parents=True, exist_ok=True)
        FILE.write_text(json.dumps(dict(sorted({**(before if only else {}), **counted}.items())), indent=2) + "\n")
        print(f"accepted: commit {FILE}")
        return 0
    for name in failures:
        print(f"FAILED: {name} takes {counted[name] / before[name] - 1:+.1%} instructions, 3 % are allowed")
    return 1 if failures else 0


def build_cores() -> str:
    build(["swift", "build", "-c", "release", "--product", "weir-cores"], MICRO, "scripts/setup installs what a build needs")
    folder = build(["swift", "build", "-c", "release", "--show-bin-path"], MICRO, "scripts/setup installs what a build needs")
    return str(Path(folder.strip()) / "weir-cores")


def choose(names: list[str], only: str) -> list[str]:
    asked = [name for name in only.split(",") if name]
    for name in asked:
        if name not in names:
            raise Trouble(f"no core is called {name!r}; there are {', '.join(names)}")
    return asked or names


def per_operation(program: str, name: str) -> float:
    return round((instructions(program, name, MANY) - instructions(program, name, FEW)) / (MANY - FEW), 1)


def instructions(program: str, name: str, iterations: int) -> int:
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, name, str(iterations)]
    environment = {**os.environ, "SWIFT_DETERMINISTIC_HASHING": "1"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
    except FileNotFoundError:
        raise Trouble("valgrind is missing: apt-get install valgrind") from None
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        raise Trouble(f"weir-cores {name} failed under valgrind: {(done.stderr.strip() or 'no message').splitlines()[-1]}")
    return int(found[1])
