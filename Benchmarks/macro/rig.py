"""One workload, from starting the mock and all proxies to the samples of every round.

Rounds are interleaved (A B C A B C): a machine that slows down for a while slows all of them. The proxy has a core of its own,
mock and load generator share the other. Only one proxy works at a time; those that wait cost nothing.
"""

from __future__ import annotations

import functools
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from certificate import Certificate
from processes import Running, pinned, start
from subjects import KEY, SUBJECTS, Setting
from trouble import Trouble
from workloads import Workload

Sample = dict[str, float]  # Measure -> figure


@dataclass(frozen=True)
class Plan:
    rounds: int
    seconds: float
    warmup: float
    programs: Path
    before: Path | None
    profile: str
    spin_us: int
    certificate: Certificate


@dataclass
class Measured:
    workload: Workload
    samples: dict[str, list[Sample]] = field(default_factory=dict)  # of each subject, by round
    foreign: list[float] = field(default_factory=list)  # cores used by others than the rig, per sample
    threads: dict[str, Counter[str]] = field(default_factory=dict)  # of each subject: seconds by thread, warm-up included


@functools.cache
def cores() -> tuple[int, int]:
    """The proxy's core, and that of mock and load: of those the program was started with, before it pins itself."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        raise Trouble("two cores are needed, one for the proxy and one for mock and load; this process may use one")
    return usable[0], usable[1]


def measure(workload: Workload, names: list[str], plan: Plan) -> Measured:
    measured = Measured(workload, {name: [] for name in names})
    with bench(workload, names, plan) as subjects:
        for number in range(plan.rounds):
            for name, subject in subjects.items():
                show_progress(f"{workload.name}: round {number + 1} of {plan.rounds}, {name} ")
                measured.samples[name].append(sample(workload, subject, plan, measured))
            add_differences_to_direct(measured, number)
    show_progress("")
    return measured


def show_progress(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text}")
        sys.stderr.flush()


@dataclass
class Subject:
    """A proxy under test, or none (`direct`): then the load goes to the mock."""

    name: str
    mock: Running
    setting: Setting
    running: Running | None

    @property
    def address(self) -> str:
        return (self.running or self.mock).address

    def restart(self) -> None:
        if self.running:
            self.running.stop()
            self.running = SUBJECTS[self.name](self.setting)


@contextmanager
def bench(workload: Workload, names: list[str], plan: Plan) -> Iterator[dict[str, Subject]]:
    """The mock and the proxies, running; all of them are stopped at the end, whatever happens."""
    first, second = cores()
    proxy_cores = {first, second} if workload.share_cores else {first}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="weir-bench-")))
        mock = start("weir-mock", [str(plan.programs / "weir-mock"), "--listen", "127.0.0.1:0", "--loops", "1", "--seed", "7"],
                     load_cores(workload))
        stack.callback(mock.stop)
        subjects: dict[str, Subject] = {}
        for name in names:
            own = folder / name
            own.mkdir()
            setting = Setting(workload, mock.address, own, proxy_cores, plan.certificate, plan.programs, plan.before, plan.profile,
                              plan.spin_us)
            subject = Subject(name, mock, setting, None if name == "direct" else SUBJECTS[name](setting))
            stack.callback(lambda subject=subject: subject.running and subject.running.stop())
            subjects[name] = subject
        yield subjects


def load_cores(workload: Workload) -> set[int]:
    first, second = cores()
    return {first, second} if workload.share_cores else {second}


def load_command(workload: Workload, subject: Subject, plan: Plan, result: Path) -> list[str]:
    scheme = "https" if workload.tls else "http"
    command = [
        str(plan.programs / "weir-load"), "--url", f"{scheme}://{subject.address}/v1/chat/completions", "--key", KEY,
        "--model", "mock", "--connections", str(workload.connections), "--seconds", str(plan.seconds),
        "--warmup", str(max(plan.warmup, workload.least_warmup)), "--prompt-bytes", str(workload.prompt_bytes),
        "--json", str(result),
    ]
    if workload.streams:
        command += ["--stream", "--directive", workload.directive]
    if workload.rate:
        command += ["--rate", str(workload.rate)]
    if workload.tls:
        command += ["--ca-file", str(plan.certificate.certificate)]
    for pid in subject.running.pids if subject.running else []:
        command += ["--cpu-of", str(pid)]
    return pinned(command, load_cores(workload))


def sample(workload: Workload, subject: Subject, plan: Plan, measured: Measured) -> Sample:
    if workload.measure == "stream_bytes":
        subject.restart()  # memory that was once used does not go back: each round begins with a fresh process
    result = subject.setting.folder / "load.json"
    watch = ForeignWork([running for running in (subject.mock, subject.running) if running])
    idle_bytes = settled_bytes(subject) if workload.measure == "stream_bytes" else 0
    threads = subject.running.thread_seconds() if subject.running else Counter()
    resident = run_load(subject, load_command(workload, subject, plan, result), plan, workload)
    trailing = trailing_seconds(subject.running) if subject.running else 0.0
    if subject.running:
        measured.threads.setdefault(subject.name, Counter()).update(subject.running.thread_seconds() - threads)
    measured.foreign.append(watch.cores_used())
    figures = figures_of(json.loads(result.read_text()), workload, subject)
    if "cpu_us" in figures:
        seconds = plan.seconds + max(plan.warmup, workload.least_warmup)
        figures["cpu_us"] += trailing / seconds * 1e6 / figures["per_second"]
    if workload.measure == "stream_bytes":
        figures["stream_bytes"] = (statistics.median(resident) - idle_bytes) / workload.connections
    return figures


def trailing_seconds(running: Running) -> float:
    """CPU of work that a proxy has put off to after the load, as a gateway's accounts are: it belongs to the requests. Waits until it has ended."""
    start = before = running.cpu_seconds()
    for _ in range(100):
        time.sleep(0.3)
        now = running.cpu_seconds()
        if now - before < 0.003:
            return now - start
        before = now
    raise Trouble(f"{running.name} works on, 30 s after the load has ended")


def settled_bytes(subject: Subject) -> int:
    time.sleep(0.5)
    assert subject.running
    return subject.running.resident_bytes()


def run_load(subject: Subject, command: list[str], plan: Plan, workload: Workload) -> list[int]:
    """Runs the load generator to its end; returns the proxy's resident bytes, seen several times in the window (memory workloads)."""
    warmup = max(plan.warmup, workload.least_warmup)
    begun, resident = time.monotonic(), []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as load:
        while load.poll() is None and workload.measure == "stream_bytes" and time.monotonic() - begun < warmup + plan.seconds - 0.2:
            time.sleep(0.1)
            if time.monotonic() - begun > warmup and subject.running:
                resident.append(subject.running.resident_bytes())
        try:
            output, errors = load.communicate(timeout=warmup + plan.seconds + 20)
        except subprocess.TimeoutExpired:
            load.kill()
            raise Trouble(f"weir-load against {subject.name} did not end: {workload.name} may hang there") from None
    if subject.running:
        subject.running.require_alive()
    if load.returncode != 0:
        last = (errors.strip() or output.strip() or "no message").splitlines()[-1]
        raise Trouble(f"{workload.name}, {subject.name}: weir-load ended with {load.returncode}: {last}")
    return resident


def figures_of(result: dict, workload: Workload, subject: Subject) -> Sample:
    unit = "event" if workload.unit == "event" else "request"
    work, rate = result[f"{unit}s"], result[f"{unit}s_per_second"]
    if result["errors"]:
        raise Trouble(f"{workload.name}, {subject.name}: {result['errors']} wrong answers; weir-load says which on stderr")
    if work == 0 and workload.unit != "stream":
        raise Trouble(f"{workload.name}, {subject.name}: no {unit} ended within the window; measure longer with --seconds")
    figures = {"per_second": rate, "p50_us": result["latency_us"]["p50"], "p99_us": result["latency_us"]["p99"]}
    if subject.running and work:
        if not result.get("cpu"):
            raise Trouble("weir-load reported no CPU: it must honour --cpu-of PID")
        figures["cpu_us"] = sum(one["seconds"] for one in result["cpu"]) * 1e6 / work
    return figures


def add_differences_to_direct(measured: Measured, number: int) -> None:
    """What a proxy adds to a latency is the difference to going directly in the same round."""
    if "direct" not in measured.samples:
        return
    direct = measured.samples["direct"][number]
    for name, samples in measured.samples.items():
        if name != "direct":
            for percentile in ("p50", "p99"):
                samples[number][f"added_{percentile}_us"] = samples[number][f"{percentile}_us"] - direct[f"{percentile}_us"]


class ForeignWork:
    """How much of the machine others used meanwhile: all busy time (with what the hypervisor took) less that of the rig."""

    def __init__(self, servers: list[Running]) -> None:
        self.servers = servers
        self.begun, self.busy, self.own = time.monotonic(), self.busy_seconds(), self.own_seconds()

    def cores_used(self) -> float:
        foreign = (self.busy_seconds() - self.busy) - (self.own_seconds() - self.own)
        return max(0.0, foreign) / (time.monotonic() - self.begun)

    def own_seconds(self) -> float:
        waited, this = resource.getrusage(resource.RUSAGE_CHILDREN), resource.getrusage(resource.RUSAGE_SELF)
        servers = sum(server.cpu_seconds() for server in self.servers)
        return servers + waited.ru_utime + waited.ru_stime + this.ru_utime + this.ru_stime

    @staticmethod
    def busy_seconds() -> float:
        user, nice, system, _idle, _wait, interrupt, soft, steal = map(
            int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9])
        return (user + nice + system + interrupt + soft + steal) / os.sysconf("SC_CLK_TCK")
