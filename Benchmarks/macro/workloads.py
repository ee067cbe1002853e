"""What is measured, and what must come out: the workloads of the benchmark and the goals of DESIGN.md, section 11."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

# What a sample holds. CPU is that of all threads and children of the proxy, in microseconds per request or event.
Measure = Literal["cpu_us", "per_second", "p50_us", "p99_us", "added_p50_us", "added_p99_us", "stream_bytes"]


@dataclass(frozen=True)
class Goal:
    """`of` divided by the smallest of `to` (or `of` alone, when `to` is empty) is at most `bound`, or at least, if `least`.

    With `difference`, `of` less the smallest of `to`.
    """

    bound: float
    to: tuple[str, ...] = ()
    measure: Measure = "cpu_us"
    of: str = "weir"
    least: bool = False
    difference: bool = False
    profile: str = "relay"  # under which it is asked
    note: str = ""  # why the figure is shown but not judged


@dataclass(frozen=True)
class Workload:
    name: str
    about: str
    subjects: tuple[str, ...]
    unit: Literal["request", "event", "stream"] = "request"
    connections: int = 64
    prompt_bytes: int = 1024
    directive: str = ""  # to the mock, travels in the prompt; a stream when it is not empty
    rate: int = 0  # requests a second, open loop; 0: as fast as answers come
    tls: bool = False
    measure: Measure = "cpu_us"  # whose ratios the baseline holds
    judged: bool = True  # against the baseline; False where the same program twice differs by more than 10 %
    share_cores: bool = False  # proxy, mock and load on both cores
    least_warmup: float = 0.0
    goals: tuple[Goal, ...] = ()

    @property
    def streams(self) -> bool:
        return self.directive != ""


    def goals_under(self, profile: str) -> list[Goal]:
        return [goal for goal in self.goals if goal.profile == profile]


PEERS = ("nginx", "haproxy")
RELAYS = ("weir", "floor", *PEERS)

WORKLOADS = (
    Workload(
        "chat-1k", "1 KiB prompt, JSON answer, 64 keep-alive connections", RELAYS,
        goals=(
            Goal(1.10, ("floor",)), Goal(0.80, ("nginx",)), Goal(0.90, ("haproxy",)),
            Goal(1.50, ("before",), difference=True, profile="money"))),
    Workload(
        "chat-16k", "16 KiB prompt, JSON answer, 64 keep-alive connections", (*RELAYS, "floor-epoll"), prompt_bytes=16 * 1024,
        goals=(Goal(0.75, ("nginx",)),)),
    Workload(
        "streams-fast", "64 streams at full speed", (*RELAYS, "floor-epoll"), unit="event", directive="events=256 gap=0ms bytes=40",
        goals=(Goal(1.00, PEERS), Goal(0.10, ("before",), difference=True, profile="money"))),
    Workload(
        "streams-slow", "1,000 streams, 50 ms between events", (*RELAYS, "floor-epoll"), unit="event", connections=1000,
        directive="events=64 gap=50ms bytes=40", least_warmup=1.5,
        goals=(Goal(1.15, ("floor",)), Goal(0.10, ("before",), difference=True, profile="money"))),
    Workload(
        "tls", "1 KiB chat over TLS 1.3, plain upstream", ("weir", *PEERS), tls=True, goals=(Goal(0.85, ("nginx",)),)),
    Workload(
        "rate-1000", "1,000 requests a second, open loop", ("direct", *RELAYS), rate=1000, judged=False,
        goals=(Goal(250, measure="added_p99_us"),)),
    Workload(
        "loops-2", "two loops against one, the cores shared with mock and load", ("weir", "weir-2"), share_cores=True,
        goals=(
            Goal(1.05, ("weir",), of="weir-2"),
            Goal(2.00, ("weir",), "per_second", of="weir-2", least=True, note="mock and load share the cores"))),
    Workload(
        "memory", "resident bytes per open stream beyond idle, 1,000 streams", RELAYS, unit="stream", connections=1000,
        directive="events=1000 gap=100ms bytes=40", measure="stream_bytes", least_warmup=1.5,
        goals=(Goal(8192, measure="stream_bytes"),)),
)
SHORT = ("chat-1k", "streams-fast", "streams-slow")
