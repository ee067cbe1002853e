"""The gateway's access log and ledger side by side, and what must hold between them whatever has failed."""

import collections
import http.client
import json
from dataclasses import dataclass

from gateway import INPUT_PICO, OUTPUT_PICO, Gateway


@dataclass
class Request:
    """A request as the access log and the ledger have it. Times are in seconds since 1970."""

    id: str
    model: str
    status: int
    ending: str
    provider: str
    begun: float
    ended: float
    row: dict

    @property
    def attempts(self) -> list[dict]:
        return self.row["attempts"]

    @property
    def made_detour(self) -> bool:
        """Whether an attempt of another target came before the one that answered."""
        return len(self.attempts) > 1


class Books:
    """What a gateway that has been stopped wrote down, and what is wrong with it."""

    def __init__(self, gateway: Gateway):
        self.problems: list[str] = []
        lines = [json.loads(line) for line in gateway.access_log.read_text().splitlines()]
        rows = [json.loads(line) for line in gateway.command("ledger", "dump").splitlines()]
        # What the gateway tells its operator is in the log, too, and no request.
        self.remarks = [line["problem"] for line in lines if "problem" in line]
        lines = [line for line in lines if "problem" not in line]
        by_id = {row["request"]: row for row in rows}
        self.same("rows in the ledger", collections.Counter(row["request"] for row in rows),
                  "requests in the access log", collections.Counter(line["request"] for line in lines))
        self.requests = sorted(
            (self._request(line, by_id[line["request"]]) for line in lines if line["request"] in by_id),
            key=lambda request: request.begun)
        for request in self.requests:
            self._check(request)
        self._check_totals(gateway, rows)
        self.verified = gateway.command("ledger", "verify")

    def same(self, left: str, one: collections.Counter, right: str, other: collections.Counter) -> None:
        """Both must have the same members, equally often; a request with two rows is one too many."""
        for name, rest in ((left, one - other), (right, other - one)):
            if rest:
                self.problems.append(f"{rest.total()} more {name}, the first is {next(iter(rest))}")

    @staticmethod
    def _request(line: dict, row: dict) -> Request:
        ended = line["at"] / 1e3
        return Request(
            line["request"], line["model"], line["status"], line["ending"], line["provider"], ended - line["us"] / 1e6, ended, row)

    def _check(self, request: Request) -> None:
        """Every attempt has its cost, together they are what the request costs, and that was held before."""
        row, attempts = request.row, request.attempts
        if not attempts or attempts[-1]["provider"] != request.provider:
            self.problems.append(f"{request.id} was answered by {request.provider}, its attempts are {attempts}")
        for attempt in attempts:
            if attempt["status"] == "exact" and attempt["nano_usd"] != cost(attempt["usage"]):
                self.problems.append(f"{request.id}: an attempt costs {attempt['nano_usd']}, due {cost(attempt['usage'])}")
        if sum(attempt["nano_usd"] for attempt in attempts) != row["nano_usd"]:
            self.problems.append(f"{request.id} costs {row['nano_usd']}, its attempts {[one['nano_usd'] for one in attempts]}")
        if not 0 <= row["nano_usd"] <= row["held_nano_usd"]:
            self.problems.append(f"{request.id}: {row['nano_usd']} is not within its hold of {row['held_nano_usd']}")

    def _check_totals(self, gateway: Gateway, rows: list[dict]) -> None:
        team = json.loads(gateway.command("team", "show", "load", "--json"))["budgets"][0]
        total = sum(row["nano_usd"] for row in rows)
        if (team["spent_nano_usd"], team["held_nano_usd"]) != (total, 0):
            self.problems.append(f"the team's budget says {team}, the rows add up to {total}")

    def of(self, model: str) -> list[Request]:
        """The model's requests in the order in which they began."""
        return [request for request in self.requests if request.model == model]


def billed(address: str) -> list[dict]:
    """What a mock has billed since it was started."""
    entries, after = [], 0
    connection = http.client.HTTPConnection(address, timeout=30)
    while True:
        connection.request("GET", f"/mock/billed?after={after}&limit=10000")
        page = json.load(connection.getresponse())
        entries += page["data"]
        after = page["next"]
        if page["forgotten"]:
            raise SystemExit("the mock has forgotten part of its bill: give it a larger --bill-capacity")
        if after == page["total"]:
            return entries


def cost(usage: dict) -> int:
    """What usage costs, in nano-dollars: rounded up once. Tokens that there were none of are not told."""
    pico = usage.get("input_tokens", 0) * INPUT_PICO + usage.get("output_tokens", 0) * OUTPUT_PICO
    return -(-pico // 1000)
