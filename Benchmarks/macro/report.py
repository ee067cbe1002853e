"""The table that people read."""

from __future__ import annotations

from results import Figure, figures, judge, machine, ratios
from rig import Measured

BUSY = 0.10  # cores used by others from which on a figure is called noisy
UNITS = {"request": "CPU us/request", "event": "CPU us/event", "stream": "bytes/stream"}


def heading(profile: str, rounds: int, seconds: float) -> str:
    return f"profile {profile}, {rounds} rounds of {seconds:g} s, medians (smallest - largest)\n{machine()}"


def describe(measured: Measured, baseline: dict[str, float], profile: str) -> str:
    workload = measured.workload
    lines = [f"\n{workload.name}: {workload.about}"]
    lines += subject_lines(measured)
    for name, figure in ratios(measured).items():
        before = f"   baseline {baseline[name]:.2f} ({figure.median / baseline[name] - 1:+.0%})" if name in baseline else ""
        lines.append(f"  {name:<24} {spread(figure, 2):>24}{before}")
    lines += thread_lines(measured)
    for judged in (judge(measured, goal) for goal in workload.goals_under(profile)):
        figure = spread(judged.figure, 2) if judged.figure else "-"
        lines.append(f"  goal: {judged.text:<44} {figure:>22}   {judged.verdict}")
    if (busiest := max(measured.foreign)) > BUSY:
        lines.append(f"  noisy: others used up to {busiest:.2f} cores meanwhile")
    return "\n".join(lines)


def thread_lines(measured: Measured) -> list[str]:
    """Whose threads worked, where more than one did: the recorder's share is part of a request's CPU."""
    lines = []
    for name, threads in measured.threads.items():
        shares = [(seconds / threads.total(), thread) for thread, seconds in threads.items() if seconds > 0.01 * threads.total()]
        if len(shares) > 1:
            lines.append(f"  {name + ' threads':<24} " + ", ".join(f"{thread} {share:.0%}" for share, thread in sorted(shares, reverse=True)))
    return lines


def subject_lines(measured: Measured) -> list[str]:
    main = measured.workload.measure
    columns = [(main, UNITS[measured.workload.unit], 1 if main == "cpu_us" else 0), ("per_second", f"{measured.workload.unit}s/s", 0)]
    if measured.workload.unit == "request":
        columns += [("p50_us", "p50 us", 0), ("p99_us", "p99 us", 0)]
    if measured.workload.rate:
        columns += [("added_p50_us", "added p50 us", 0), ("added_p99_us", "added p99 us", 0)]
    if measured.workload.unit == "stream":
        del columns[1:]
    lines = ["  " + " " * 12 + "".join(f"{title:>28}" for _, title, _ in columns)]
    for name, own in figures(measured).items():
        cells = [spread(own[measure], digits) if measure in own else "-" for measure, _, digits in columns]
        lines.append(f"  {name:<12}" + "".join(f"{cell:>28}" for cell in cells))
    return lines


def spread(figure: Figure, digits: int) -> str:
    return f"{figure.median:,.{digits}f} ({figure.low:,.{digits}f} - {figure.high:,.{digits}f})"
