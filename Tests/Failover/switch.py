"""Kills the first of two providers under load with SIGKILL and revives it at the same address: no client may notice.

One gateway, and for each scenario a model with two providers by priority, each a weir-mock of its own, and weir-load, which checks every answer.
What is under way when the first one dies is answered by the second. The one exception is a stream whose content has begun to reach its client: it
ends with a typed error event, by design. Such streams are counted apart; anything else that is wrong fails the run. The streams of one scenario
have all their content at once, so that seldom one is caught there; those of another have pauses in it.

The times come from the access log, whose `provider` is the one that answered, and from the ledger, which has all attempts:
to switch is from the kill until the first of 20 requests in a row that went straight to the second provider, to return from the start of the new
process until the first request that the first provider answered again, and until the first of 20 in a row.
"""

import json
import subprocess
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from books import Books, Request, billed
from gateway import PROGRAMS, Gateway, Provider, mock
from processes import Program

RATE = 500
# Where the machine does not keep up with the rate, so many connections ask again as soon as they have their answer.
CONNECTIONS = 16
# The load's seconds: the first kill, and the new process's start. A breaker probes 0.75 to 1 s after it has opened, and again 1.5 to 2 s later: the
# first provider is back 3 s after the kill at the latest, which leaves time to see that it stays.
KILLED_AFTER, DEAD_FOR, LOAD_FOR = 1.5, 1.5, 6.0
# On a machine so busy that the new process came too late for that probe the load goes on, so often and for so many seconds each time.
MORE_LOADS, MORE_FOR = 5, 2.0
# So long weir-load lets answers under way go on after its end; then it cuts them.
DRAIN = 2.0
IN_A_ROW = 20
# So many failures in a row open a breaker: fewer failed attempts cannot end the attempts at a dead provider.
FAILURES_TO_OPEN = 5


@dataclass
class Scenario:
    """Two providers by priority under one kind of load, and what became of it."""

    name: str
    dialects: tuple[str, str]
    streams: bool
    # Answers begin late, so that some are always under way before their first byte.
    directive: str = "events=4 first=20ms"
    pace: str = ""
    # Whether the load has a schedule, and so a number of requests that is known beforehand.
    is_open: bool = False
    # Moments in seconds since 1970: the load's begin; before the kill and when the process was gone; before the start of the new one and when it
    # listened.
    begun: float = 0
    killed: float = 0
    dead: float = 0
    revived: float = 0
    ready: float = 0
    loads: list[dict] = field(default_factory=list)
    bills: tuple[list, list] = ((), ())
    mocks: list[Program] = field(default_factory=list)

    @property
    def providers(self) -> list[Provider]:
        places = zip(("first", "second"), self.dialects, self.mocks)
        return [Provider(f"{self.name}-{place}", dialect, program.address) for place, dialect, program in places]

    @property
    def targets(self) -> list[str]:
        return [f"{self.name}-first", f"{self.name}-second"]


SCENARIOS = [
    Scenario("json", ("openai", "openai"), streams=False),
    Scenario("streams", ("openai", "openai"), streams=True, directive="events=4 burst=4 first=20ms"),
    Scenario("json-across-dialects", ("anthropic", "gemini"), streams=False),
    Scenario("streams-across-dialects", ("anthropic", "gemini"), streams=True, directive="events=4 first=20ms gap=5ms"),
]


def load(gateway: Gateway, scenario: Scenario, folder: Path, *arguments: str) -> tuple[subprocess.Popen, Path]:
    result = folder / f"{scenario.name}.json"
    command = [
        str(PROGRAMS / "weir-load"), "--url", f"http://{gateway.address}/v1/chat/completions", "--key", gateway.key, "--model",
        scenario.name, "--directive", scenario.directive, "--quiet", "--json", str(result), *arguments]
    with (folder / f"{scenario.name}.log").open("wb") as log:
        return subprocess.Popen(command + ["--stream"] * scenario.streams, stdout=log, stderr=log), result


def play(gateway: Gateway, scenario: Scenario, folder: Path) -> None:
    """The load, the kill and the revival of one scenario."""
    trial, result = load(gateway, scenario, folder, "--warmup", "0.4", "--seconds", "0.4", "--connections", "32")
    if trial.wait(60) != 0:
        raise SystemExit(f"{scenario.name}, both providers well:\n{result.with_suffix('.log').read_text()}")
    fastest = json.loads(result.read_text())["requests_per_second"]
    keeps_up = fastest > 1.2 * RATE
    scenario.is_open = keeps_up
    scenario.pace = f"{RATE} requests/s" if keeps_up else f"{CONNECTIONS} connections (a trial made {fastest:.0f} requests/s)"
    pace = ["--rate", str(RATE), "--connections", "256"] if keeps_up else ["--connections", str(CONNECTIONS)]
    pace += ["--warmup", "0"]
    scenario.begun = time.time()
    process, result = load(gateway, scenario, folder, "--seconds", str(LOAD_FOR), *pace)
    try:
        time.sleep(KILLED_AFTER)
        first = scenario.mocks[0]
        scenario.killed = time.time()
        first.kill()
        scenario.dead = time.time()
        time.sleep(DEAD_FOR)
        scenario.revived = time.time()
        scenario.mocks[0] = mock(folder, f"{scenario.name}-first-again", first.address).wait_ready()
        scenario.ready = time.time()
        process.wait(LOAD_FOR + 30)
        scenario.loads.append(json.loads(result.read_text()))
        while not has_returned(gateway, scenario) and len(scenario.loads) <= MORE_LOADS:
            process, result = load(gateway, scenario, folder, "--seconds", str(MORE_FOR), *pace)
            process.wait(MORE_FOR + 30)
            scenario.loads.append(json.loads(result.read_text()))
    finally:
        process.kill()
        process.wait()
    scenario.bills = tuple(billed(program.address) for program in scenario.mocks)


def has_returned(gateway: Gateway, scenario: Scenario) -> bool:
    """Whether the first provider has been answering everything of late."""
    mark = f'"model":"{scenario.name}"'
    lines = [json.loads(line) for line in gateway.access_log.read_text().splitlines() if mark in line and line.endswith("}")]
    return all(line["provider"] == scenario.targets[0] for line in lines[-5 * IN_A_ROW:])


def first_in_a_row(requests: list[Request], after: float, provider: str) -> float | None:
    """When the first of enough requests in a row began that went straight to `provider`."""
    row: list[Request] = []
    for request in requests:
        if request.begun < after:
            continue
        row = row + [request] if request.provider == provider and not request.made_detour else []
        if len(row) == IN_A_ROW:
            return row[0].begun
    return None


def judge(scenario: Scenario, books: Books) -> list[str]:
    """Prints what became of the load. Gives what is wrong with it."""
    requests, (first, second) = books.of(scenario.name), scenario.targets
    problems = []
    broken = [request for request in requests if request.ending == "upstream_broke"]
    kinds = [(kind, found) for load in scenario.loads for kind, found in load["error_kinds"].items()]
    told = sum(found["count"] for kind, found in kinds if kind == "error_event")
    errors = [(kind, found) for kind, found in kinds if kind != "error_event"]
    if errors:
        problems.append(f"clients saw errors: {errors}")
    if told != len(broken) or (broken and not scenario.streams):
        problems.append(f"{len(broken)} answers broke off, {told} clients were told by an error event")
    for request in requests:
        problems += misplaced(request, scenario)
    problems += compare_bills(scenario, requests)
    problems += count(scenario, requests, told)
    detours = [request for request in requests if request.made_detour]
    if len(detours) + len(broken) < FAILURES_TO_OPEN:
        problems.append(f"the ledger has {len(detours)} failed attempts and {len(broken)} broken streams, too few to open a breaker")

    switched = first_in_a_row(requests, scenario.killed, second)
    again = [one.begun for one in requests if one.provider == first and one.begun > scenario.dead]
    stayed = first_in_a_row(requests, scenario.revived, first)
    if switched is None or switched > scenario.revived or not again or stayed is None:
        problems.append(f"the load did not switch ({switched}) or did not return ({again[:1]}, {stayed})")
        return problems
    answers, wrong = (sum(load[name] for load in scenario.loads) for name in ("requests", "errors"))
    latency = scenario.loads[0]["latency_us"]
    under_way = sum(request.begun < scenario.killed for request in detours)
    print(f"{scenario.name}, {' -> '.join(scenario.dialects)}, {scenario.pace}: {answers} answers right, {wrong - told} wrong, "
          f"p50 {latency['p50'] / 1e3:.0f} ms, max {latency['max'] / 1e3:.0f} ms")
    print(f"    to switch {switched - scenario.killed:.3f} s, to return {again[0] - scenario.revived:.3f} s "
          f"(for good {stayed - scenario.revived:.3f} s)")
    print(f"    {len(detours)} requests went on to the second provider after a failed attempt, {under_way} of them under way at the kill")
    if scenario.streams:
        print(f"    {told} streams had begun to reach their clients and ended with a typed error event, by design")
    return problems


def misplaced(request: Request, scenario: Scenario) -> list[str]:
    """What is wrong with one request's end and attempts: only the first provider fails, and only while it is dead."""
    if was_cut(request, scenario):
        return []
    first, second = scenario.targets
    found = [(one["provider"], one["status"]) for one in request.attempts]
    states = (request.row["status"], request.ending, request.status)
    if request.ending == "upstream_broke":
        fits = found == [(first, "estimated")] and states == ("upstream_broke", "upstream_broke", 200)
        in_time = request.begun < scenario.dead and request.ended > scenario.killed
    else:
        # Nothing was sent, or nobody knows what became of it, or a stream had begun without content.
        detours = [[(first, status), (second, "exact")] for status in ("exact", "unknown", "estimated")]
        fits = found in [[(first, "exact")], [(second, "exact")], *detours] and states == ("complete", "complete", 200)
        in_time = found == [(first, "exact")] or request.ended > scenario.killed and (len(found) == 1 or request.begun < scenario.ready)
    return [] if fits and in_time else [f"{request.id}, {request.ending}: its row is {request.row}"]


def was_cut(request: Request, scenario: Scenario) -> bool:
    """Whether it was still under way when weir-load had waited long enough: on a machine so busy that a second's load takes longer."""
    return request.ending == "client_gone" and request.ended > scenario.begun + LOAD_FOR + DRAIN


def count(scenario: Scenario, requests: list[Request], told: int) -> list[str]:
    """Every request of the load has a row. Answers that came after the load's end are not in its result."""
    rows = sum(request.begun >= scenario.begun for request in requests)
    least = sum(load["requests"] for load in scenario.loads) + told
    more = len(scenario.loads) - 1
    most = int(RATE * (LOAD_FOR + more * MORE_FOR)) if scenario.is_open else least + CONNECTIONS * (1 + more)
    if scenario.is_open and not any(was_cut(request, scenario) for request in requests):
        least = most
    return [] if least <= rows <= most else [f"{rows} requests have a row, of {least} to {most} that were made"]


def compare_bills(scenario: Scenario, requests: list[Request]) -> list[str]:
    """Every answer on the mocks' bills is an attempt in the ledger, with its usage. What the killed process had billed nobody knows."""
    problems = []
    cut = sum(was_cut(request, scenario) for request in requests)
    for provider, bill, since in zip(scenario.targets, scenario.bills, (scenario.dead, 0)):
        ours = Counter(
            (attempt["usage"]["input_tokens"], attempt["usage"]["output_tokens"])
            for request in requests if request.begun > since for attempt in request.attempts
            if attempt["provider"] == provider and attempt["status"] == "exact" and attempt["http_status"] == 200)
        theirs = Counter((one["usage"]["input_tokens"], one["usage"]["output_tokens"]) for one in bill)
        if ours - theirs or (theirs - ours).total() > cut:
            problems.append(f"{provider} has billed {theirs.total()} answers, the ledger has {ours.total()}, or their usage differs")
    return problems


def main() -> None:
    problems = []
    with tempfile.TemporaryDirectory() as name:
        folder, gateway = Path(name), None
        try:
            for scenario in SCENARIOS:
                for target in scenario.targets:
                    scenario.mocks.append(mock(folder, target).wait_ready())
            providers = [provider for scenario in SCENARIOS for provider in scenario.providers]
            gateway = Gateway(folder, providers, {scenario.name: scenario.targets for scenario in SCENARIOS})
            for scenario in SCENARIOS:
                play(gateway, scenario, folder)
            gateway.stop()
            books = Books(gateway)
            for scenario in SCENARIOS:
                problems += [f"{scenario.name}: {problem}" for problem in judge(scenario, books)]
            problems += books.problems
        finally:
            for program in ([gateway.program] if gateway else []) + [one for scenario in SCENARIOS for one in scenario.mocks]:
                if program.process.poll() is None:
                    program.kill()
    for problem in problems[:20]:
        print(problem)
    print(f"{len(books.requests)} requests, one row each; weir ledger verify: {books.verified.splitlines()[-1]}")
    print(f"{int(not problems)} passed, {int(bool(problems))} failed")
    raise SystemExit(1 if problems else 0)


if __name__ == "__main__":
    main()
