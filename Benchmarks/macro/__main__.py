"""scripts/bench: measures Weir beside the blind relay floor and other proxies, and fails when it has become slower.

Absolute figures move with the hour and the machine; only ratios of one run are judged.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import builds
import instructions
import report
import results
from certificate import make_certificate
from places import MACRO, PROGRAMS, RESULTS
from rig import Measured, Plan, cores, measure
from subjects import missing_peers
from trouble import Trouble
from workloads import PEERS, SHORT, WORKLOADS, Workload


def parse() -> argparse.Namespace:
    profiles = sorted(file.stem for file in (MACRO / "profiles").glob("*.yaml"))
    parser = argparse.ArgumentParser(
        prog="scripts/bench", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures Weir beside the blind relay floor and other proxies; exit 1 when a ratio is over 10 % worse than the\n"
                    "committed baseline (bench-results/PROFILE.json), 2 when it could not be measured.",
        epilog="workloads:\n" + "\n".join(f"  {workload.name:<14}{workload.about}" for workload in WORKLOADS))
    parser.add_argument("--profile", default="relay", choices=profiles, help="what Weir does meanwhile (default: %(default)s)")
    parser.add_argument("--peers", default="", metavar="nginx,haproxy", help="measure these, too (Debian: nginx-light, haproxy)")
    parser.add_argument("--only", default="", metavar="NAME[,NAME]", help="only these workloads")
    parser.add_argument("--short", action="store_true", help=f"for CI, under 3 minutes: {', '.join(SHORT)}, 4 rounds of 2 s")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds (default: 5)")
    parser.add_argument("--seconds", type=float, metavar="S", help="seconds a sample (default: 4)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there, too")
    parser.add_argument("--accept", action="store_true", help="make the result the committed baseline")
    parser.add_argument("--slow-down", type=int, default=0, metavar="US", help="let Weir burn US microseconds a request: must fail")
    parser.add_argument("--instructions", action="store_true", help="instruction counts of the pure cores instead (callgrind)")
    parser.add_argument("--programs", type=Path, metavar="FOLDER", help="take weir, weir-mock and weir-load from there; build none")
    parser.add_argument("--before", type=Path, metavar="FOLDER", help="measure the earlier build there, too, as a plain relay")
    parser.add_argument("--without-weir", action="store_true", help="only the floor and the peers: what the machine gives today")
    options = parser.parse_args()
    if options.accept and (options.slow_down or options.without_weir):
        parser.error("--accept goes neither with --slow-down nor with --without-weir: the baseline is of Weir as it is")
    if (options.rounds is not None and options.rounds < 1) or (options.seconds is not None and options.seconds <= 0):
        parser.error("--rounds and --seconds must be positive")
    return options


def chosen(options: argparse.Namespace) -> list[Workload]:
    known = {workload.name: workload for workload in WORKLOADS}
    names = [name for name in options.only.split(",") if name] or (SHORT if options.short else list(known))
    for name in names:
        if name not in known:
            raise Trouble(f"no workload is called {name!r}; there are {', '.join(known)}")
    return [known[name] for name in names]


def subjects_of(workload: Workload, options: argparse.Namespace, peers: list[str]) -> list[str]:
    def takes_part(name: str) -> bool:
        if name in PEERS:
            return name in peers
        if name.startswith("weir"):
            return not options.without_weir
        return not (options.short and name == "floor-epoll")

    names = [name for name in workload.subjects if takes_part(name)]
    return [*names, "before"] if options.before and "weir" in names else names


def find_peers(text: str) -> list[str]:
    asked = [name for name in text.split(",") if name]
    missing = missing_peers(asked)
    for message in missing.values():
        print(f"left out: {message}")
    return [name for name in asked if name not in missing]


def build(options: argparse.Namespace) -> Path:
    builds.build_floor()
    programs = (options.programs or PROGRAMS).resolve()
    if options.programs is None:
        builds.build_weir()
    needed = [programs / name for name in ("weir-mock", "weir-load", *([] if options.without_weir else ["weir"]))]
    for program in needed + ([options.before / "weir"] if options.before else []):
        if not program.exists():
            raise Trouble(f"{program} is missing: swift build -c release")
    return programs


def measure_all(workloads: list[Workload], options: argparse.Namespace, plan: Plan, peers: list[str]) -> tuple[list[Measured], list[str]]:
    """Measures one workload after the other; one that has become worse is measured once more before it counts."""
    baseline = results.read_baseline(options.profile)
    all_measured, failures = [], []
    for workload in workloads:
        names = subjects_of(workload, options, peers)
        if not any(name != "direct" for name in names):
            print(f"\n{workload.name}: nobody takes part; it needs Weir or --peers")
            continue
        try:
            measured, worse = measure_twice_if_worse(workload, names, plan, {} if options.accept else baseline)
        except Trouble as trouble:
            failures.append(f"{workload.name} could not be measured: {trouble}")
            continue
        print(report.describe(measured, baseline.get(workload.name, {}), options.profile), flush=True)
        all_measured.append(measured)
        failures += worse
    return all_measured, failures


def measure_twice_if_worse(
        workload: Workload, names: list[str], plan: Plan, baseline: dict[str, dict[str, float]]) -> tuple[Measured, list[str]]:
    measured = measure(workload, names, plan)
    worse = results.worse(measured, baseline)
    if worse:
        print("\nmeasured once more: " + "; ".join(worse), flush=True)
        measured = measure(workload, names, plan)
        worse = results.worse(measured, baseline)
    return measured, worse


def run_macro(options: argparse.Namespace) -> int:
    peers = find_peers(options.peers)
    workloads = chosen(options)
    rounds = options.rounds or (4 if options.short else 5)
    seconds = options.seconds or (2.0 if options.short else 4.0)
    programs = build(options)
    before = options.before.resolve() if options.before else None
    allow_many_descriptors()
    os.sched_setaffinity(0, {cores()[1]} | ({cores()[0]} if any(one.share_cores for one in workloads) else set()))
    with TemporaryDirectory(prefix="weir-bench-") as folder:
        plan = Plan(rounds, seconds, 0.5 if options.short else 1.0, programs, before, options.profile, options.slow_down,
                    make_certificate(Path(folder)))
        print(report.heading(options.profile, rounds, seconds), flush=True)
        all_measured, failures = measure_all(workloads, options, plan, peers)
    settings = {"rounds": rounds, "seconds": seconds, "peers": peers, "slow_down_us": options.slow_down}
    content = results.document(all_measured, options.profile, settings)
    for file in [RESULTS / "last.json", *([options.json] if options.json else [])]:
        results.write_json(file, content)
    return conclude(options, content, failures)


def allow_many_descriptors() -> None:
    """1,000 streams take 2,000 descriptors of a proxy; all programs inherit this limit."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if most != resource.RLIM_INFINITY and most < 10_000:
        raise Trouble(f"only {most} descriptors may be open, 10,000 are needed: ulimit -Hn 20000")


def conclude(options: argparse.Namespace, content: dict, failures: list[str]) -> int:
    print()
    if options.accept and content["workloads"]:
        print(f"accepted: commit {results.accept(content)}")
    for line in failures:
        print(f"FAILED: {line}")
    if not failures and not options.accept:
        known = results.baseline_file(options.profile).exists()
        print("ok: nothing is over 10 % worse than the baseline" if known else "no baseline yet: --accept makes this one")
    return 1 if failures else 0


def main() -> int:
    options = parse()
    try:
        return instructions.run(options.accept, options.only) if options.instructions else run_macro(options)
    except Trouble as trouble:
        print(f"\nbench: {trouble}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
