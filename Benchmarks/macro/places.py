"""Where things are in the repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MACRO = ROOT / "Benchmarks" / "macro"
MICRO = ROOT / "Benchmarks" / "micro"
FLOOR = ROOT / "Benchmarks" / "floor"
BUILD = ROOT / ".build-bench"
PROGRAMS = ROOT / ".build" / "release"
RESULTS = ROOT / "bench-results"
