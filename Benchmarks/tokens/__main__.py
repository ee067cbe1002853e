"""How fast tokens are counted, beside other counters on the same texts in the same run: scripts/bench --tokens."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import texts

ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "scripts"), str(ROOT / "Tests" / "Tokens")]
PACKAGES = ["tiktoken==0.14.0", "toktok-rs==0.3.0", "gigatoken==0.10.0"]
PEERS = [package.split("==")[0] for package in PACKAGES]
# megabytes a second: (cold, warm); and for texts of 1 MiB of any kind; and nanoseconds for an event of five bytes
GOALS = {"english": (100, 300), "code": (100, 300), "chinese": (40, 40)}
LEAST, MOST_PER_EVENT = 10, 150


def environment() -> str:
    """A virtual environment with the other counters; what cannot be installed is said, and left out."""
    folder = ROOT / "Benchmarks" / ".venv-tokens"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        for package in PACKAGES:
            done = subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package], capture_output=True, text=True)
            if done.returncode != 0:
                print(f"{package} cannot be installed: {(done.stderr.strip() or 'no message').splitlines()[-1]}")
        (folder / "ready").touch()
    return str(python)


def build() -> str:
    command = ["swift", "build", "-c", "release", "--package-path", str(ROOT / "Benchmarks" / "micro"), "--product", "weir-tokens"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit("bench: weir-tokens does not build:\n" + done.stdout[-2000:])
    folder = subprocess.run(command[:-2] + ["--show-bin-path"], capture_output=True, text=True, check=True).stdout.strip()
    return os.path.join(folder, "weir-tokens")


def vocabulary(name: str, folder: str) -> tuple[str, str, list[bytes]]:
    """The vocabulary file, the same as ranks for the others, and its tokens."""
    import base64

    import vocabulary_file

    path = os.path.join(os.environ.get("WEIR_VOCABULARIES", str(ROOT / "vocabularies")), name + ".weirvoc")
    if not os.path.exists(path):
        sys.exit(f"bench: {path} is missing: run scripts/setup")
    with open(path, "rb") as file:
        tokens = vocabulary_file.tokens(file.read())[0]
    ranks = os.path.join(folder, name + ".tiktoken")
    with open(ranks, "wb") as file:
        file.writelines(base64.b64encode(token) + b" %d\n" % rank for rank, token in enumerate(tokens) if token)
    return path, ranks, tokens


def measured(command: list[str]) -> dict | None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return None
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench --tokens", description=__doc__)
    parser.add_argument("--encoding", default="o200k_base", choices=["o200k_base", "cl100k_base"])
    parser.add_argument("--rounds", type=int, default=5, help="interleaved; medians are shown (default 5)")
    parser.add_argument("--without-peers", action="store_true", help="only Weir")
    options = parser.parse_args()
    program = build()
    python = None if options.without_peers else environment()
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        path, ranks, tokens = vocabulary(options.encoding, folder)
        if python:
            import published_patterns

            Path(ranks + ".pattern").write_text(published_patterns.PATTERNS[options.encoding])
        usual, hard = texts.all_texts(tokens)
        paths = texts.write({**usual, **hard}, folder)
        results: dict[tuple[str, str], list[dict]] = {}
        for _ in range(options.rounds):
            for name in usual:
                results.setdefault(("weir", name), []).append(measured([program, path, paths[name]]))
                for peer in PEERS if python else []:
                    one = measured([python, str(Path(__file__).parent / "peer.py"), peer, ranks, paths[name], "3"])
                    if one:
                        results.setdefault((peer, name), []).append(one)
        print(f"{options.encoding}, one core, megabytes a second: cold (first sight) and warm (again); x: Weir's speed as a multiple, warm\n")
        for name in usual:
            failures += report(name, len(usual[name].encode()), results)
        print("texts of 1 MiB, cold:")
        for name in hard:
            one = measured([program, path, paths[name]])
            speed = len(hard[name].encode()) / one["cold"] / 1e6
            print(f"  {name:<16} {speed:7.1f} MB/s")
            if speed < LEAST:
                failures.append(f"{name}: {speed:.1f} MB/s, the goal is {LEAST}")
    for failure in failures:
        print("MISSED: " + failure)
    sys.exit(1 if failures else 0)


def report(name: str, size: int, results: dict[tuple[str, str], list[dict]]) -> list[str]:
    """Prints a text's medians; gives the goals that were missed, and tokens that differ."""

    def speed(counter: str, kind: str) -> float:
        return size / statistics.median(one[kind] for one in results[counter, name]) / 1e6

    missed = []
    cold, warm = speed("weir", "cold"), speed("weir", "warm")
    event = statistics.median(one["streamed"] for one in results["weir", name]) / (size / 5) * 1e9
    tokens = results["weir", name][0]["tokens"]
    print(f"{name}, {size / 1e6:.1f} MB, {size / tokens:.1f} bytes a token")
    print(f"  {'weir':<12} {cold:7.1f} {warm:7.1f}          {event:5.0f} ns an event of 5 bytes")
    for peer in PEERS:
        if (peer, name) not in results:
            print(f"  {peer:<12} not measured")
            continue
        other_cold, other_warm = speed(peer, "cold"), speed(peer, "warm")
        other = results[peer, name][0]["tokens"]
        note = "" if other == tokens else f"  counts {other - tokens:+d} tokens"
        print(f"  {peer:<12} {other_cold:7.1f} {other_warm:7.1f} {warm / other_warm:6.1f} x{note}")
    for kind, value, goal in zip(("cold", "warm"), (cold, warm), GOALS[name], strict=True):
        if value < goal:
            missed.append(f"{name} {kind}: {value:.0f} MB/s, the goal is {goal}")
    if event > MOST_PER_EVENT:
        missed.append(f"{name}: {event:.0f} ns an event, the goal is {MOST_PER_EVENT}")
    return missed


main()
