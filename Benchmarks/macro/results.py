"""From samples to figures: medians over rounds, ratios of the same round, goals, and the comparison with the committed baseline."""

from __future__ import annotations

import json
import statistics
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

from places import RESULTS, ROOT
from rig import Measured
from workloads import Goal

ALLOWED = 1.10  # a ratio may be this much worse than the baseline's
SMALLEST_STREAM_BYTES = 512.0  # below that a ratio of memory says nothing


@dataclass(frozen=True)
class Figure:
    """The median over rounds, and the smallest and largest."""

    median: float
    low: float
    high: float

    @staticmethod
    def of(values: list[float]) -> Figure:
        return Figure(statistics.median(values), min(values), max(values))


@dataclass(frozen=True)
class Judged:
    goal: Goal
    text: str
    figure: Figure | None  # None: who it is compared with did not run

    @property
    def verdict(self) -> str:
        if self.figure is None:
            return "not measured"
        if self.goal.note:
            return f"shown only: {self.goal.note}"
        met = self.figure.median >= self.goal.bound if self.goal.least else self.figure.median <= self.goal.bound
        return "met" if met else "NOT MET"


def figures(measured: Measured) -> dict[str, dict[str, Figure]]:
    return {
        name: {measure: Figure.of([sample[measure] for sample in samples]) for measure in samples[0]}
        for name, samples in measured.samples.items() if samples
    }


def all_measured(measured: Measured, names: tuple[str, ...], measure: str) -> bool:
    return all(measured.samples.get(name) and measure in measured.samples[name][0] for name in names)


def difference(measured: Measured, of: str, to: tuple[str, ...], measure: str) -> Figure | None:
    """`of` less the best of `to`, by round."""
    if not all_measured(measured, (of, *to), measure):
        return None
    return Figure.of([
        sample[measure] - min(measured.samples[name][number][measure] for name in to)
        for number, sample in enumerate(measured.samples[of])])


def ratio(measured: Measured, of: str, to: tuple[str, ...], measure: str) -> Figure | None:
    """`of` to the best of `to`, by round. No ratio without all of them, or to nothing."""
    rounds = []
    if not all_measured(measured, (of, *to), measure):
        return None
    for number, sample in enumerate(measured.samples[of]):
        best = min(measured.samples[name][number][measure] for name in to)
        if best <= 0 or (measure == "stream_bytes" and best < SMALLEST_STREAM_BYTES):
            return None
        rounds.append(sample[measure] / best)
    return Figure.of(rounds)


def ratios(measured: Measured) -> dict[str, Figure]:
    """The ratios that the baseline holds: Weir to each other subject, in the workload's own measure."""
    of = "weir-2" if "weir-2" in measured.samples else "weir"
    found = {}
    for name in measured.samples:
        if name not in (of, "direct", "before") and (figure := ratio(measured, of, (name,), measured.workload.measure)):
            found[f"{of}/{name}"] = figure
    return found


def judge(measured: Measured, goal: Goal) -> Judged:
    sign, what = ">=" if goal.least else "<=", goal.measure
    if goal.difference:
        text = f"{what} {goal.of} - {','.join(goal.to)} {sign} {goal.bound:.2f}"
        return Judged(goal, text, difference(measured, goal.of, goal.to, what))
    if goal.to:
        text = f"{what} {goal.of}/{'best of ' if len(goal.to) > 1 else ''}{','.join(goal.to)} {sign} {goal.bound:.2f}"
        return Judged(goal, text, ratio(measured, goal.of, goal.to, goal.measure))
    samples = measured.samples.get(goal.of) or []
    return Judged(goal, f"{what} {goal.of} {sign} {goal.bound:g}", Figure.of([one[what] for one in samples]) if samples else None)


def baseline_file(profile: str) -> Path:
    return RESULTS / f"{profile}.json"


def read_baseline(profile: str) -> dict[str, dict[str, float]]:
    """The committed ratios by workload; empty when nothing has been accepted yet."""
    file = baseline_file(profile)
    if not file.exists():
        return {}
    return {name: entry["ratios"] for name, entry in json.loads(file.read_text())["workloads"].items()}


def worse(measured: Measured, baseline: dict[str, dict[str, float]]) -> list[str]:
    """One line for each ratio that is over 10 % worse than the baseline's in every round.

    A neighbour on the machine makes rounds worse and none better, and for minutes (the same program twice: 1.48 and 1.75). What the program itself
    has lost is in all of them.
    """
    lines = []
    before = baseline.get(measured.workload.name, {}) if measured.workload.judged else {}
    for name, figure in ratios(measured).items():
        if name in before and figure.low > before[name] * ALLOWED:
            lines.append(f"{measured.workload.name} {name}: {figure.median:.3f} (at best {figure.low:.3f}), the baseline has {before[name]:.3f} "
                         f"({figure.median / before[name] - 1:+.0%}, 10 % are allowed)")
    return lines


def document(all_measured: list[Measured], profile: str, settings: dict[str, object]) -> dict:
    return {
        "profile": profile,
        "commit": commit(),
        "machine": machine(),
        "settings": settings,
        "workloads": {
            measured.workload.name: {
                "about": measured.workload.about,
                "unit": measured.workload.unit,
                "ratios": {name: round(figure.median, 4) for name, figure in ratios(measured).items()},
                "goals": {judged.text: judged.verdict for judged in (judge(measured, goal) for goal in measured.workload.goals_under(profile))},
                "foreign_cores": round(max(measured.foreign), 3),
                "figures": {
                    name: {measure: {key: round(value, 3) for key, value in asdict(figure).items()} for measure, figure in own.items()}
                    for name, own in figures(measured).items()
                },
            }
            for measured in all_measured
        },
    }


def write_json(file: Path, content: dict) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=2) + "\n")


def accept(content: dict) -> Path:
    """Makes the result the baseline; workloads and ratios that were not measured this time keep what they had."""
    file = baseline_file(content["profile"])
    if file.exists():
        before = json.loads(file.read_text())["workloads"]
        for name, entry in content["workloads"].items():
            entry["ratios"] = {**before.get(name, {}).get("ratios", {}), **entry["ratios"]}
        content = {**content, "workloads": {**before, **content["workloads"]}}
    write_json(file, content)
    return file


def commit() -> str:
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def machine() -> str:
    names = [line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    kernel = Path("/proc/sys/kernel/osrelease").read_text().strip()
    return f"{len(names)} x {names[0] if names else 'unknown'}, Linux {kernel}"
