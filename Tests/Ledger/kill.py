"""Kills the gateway with SIGKILL at random moments under load, starts it again, and compares its books with the upstream's bill.

After every restart: one row per request; what complete requests cost is the mock's bill to the nano-dollar; a cut request is there, with a cost
within its hold; no hold is open; and reading the books again changes nothing.
"""

import argparse
import http.client
import json
import random
import signal
import tempfile
import threading
import time
from pathlib import Path

from gateway import Place, cost


class Client(threading.Thread):
    """Sends chats, JSON and streams, until the gateway dies, and remembers which answers came whole."""

    def __init__(self, address: str, key: str, seed: int, stop: threading.Event):
        super().__init__(daemon=True)
        self.address, self.key, self.random, self.stopping = address, key, random.Random(seed), stop
        self.complete: list[tuple[str, str]] = []  # (Weir's id, the mock's id)
        self.begun = 0
        self.wrong: list[str] = []

    def run(self) -> None:
        connection = http.client.HTTPConnection(self.address, timeout=10)
        while not self.stopping.is_set():
            try:
                self.one(connection)
            except (OSError, http.client.HTTPException):
                connection.close()
                if self.stopping.is_set():
                    return
                time.sleep(0.001)

    def one(self, connection: http.client.HTTPConnection) -> None:
        stream = self.random.random() < 0.5
        directive = f"#mock events={self.random.randint(1, 30)} bytes={self.random.randint(1, 40)}"
        if stream:
            directive += f" gap={self.random.choice(['0ms', '1ms', '5ms'])}"
        body = {"model": "m", "messages": [{"role": "user", "content": directive}], "stream": stream}
        self.begun += 1
        connection.request(
            "POST", "/v1/chat/completions", json.dumps(body), {"authorization": f"Bearer {self.key}", "content-type": "application/json"})
        response = connection.getresponse()
        text = response.read()
        if response.status != 200:
            self.wrong.append(f"{response.status} {text[:200]!r}")
            return
        if stream and b"data: [DONE]" not in text:
            return
        self.complete.append((response.headers["x-request-id"], response.headers["x-weir-upstream-request-id"]))


def check(place: Place, complete: list[tuple[str, str]]) -> tuple[int, list[str]]:
    """Compares the books with the bill. Gives how many rows there are, and what is wrong."""
    billed = place.billed()
    dump = place.command("ledger", "dump")
    problems = [] if dump == place.command("ledger", "dump") else ["reading the books again changed them"]
    rows: dict[str, dict] = {}
    for line in dump.splitlines():
        row = json.loads(line)
        if row["request"] in rows:
            problems.append(f"{row['request']} has two rows")
        rows[row["request"]] = row
    for request, upstream in complete:
        row, entry = rows.get(request), billed.get(upstream)
        if row is None:
            problems.append(f"{request} was answered whole and has no row")
        elif entry is None:
            problems.append(f"{upstream} is not on the mock's bill")
        elif (row["status"], row["nano_usd"]) != ("complete", cost(entry["usage"])):
            problems.append(f"{request}: {row['status']} {row['nano_usd']}, due {cost(entry['usage'])}")
    for row in rows.values():
        if not 0 <= row["nano_usd"] <= row["held_nano_usd"]:
            problems.append(f"{row['request']}: {row['nano_usd']} is not within its hold of {row['held_nano_usd']}")
        if row["status"] not in ("complete", "interrupted", "client_gone", "upstream_broke", "cut"):
            problems.append(f"{row['request']} is {row['status']}")
    spend = json.loads(place.command("spend", "--by", "team", "--from", "2020-01-01", "--to", "2100-01-01", "--json"))
    total = sum(row["nano_usd"] for row in rows.values())
    if sum(entry["nano_usd"] for entry in spend) != total or sum(entry["requests"] for entry in spend) != len(rows):
        problems.append(f"weir spend says {spend}, the rows add up to {total} for {len(rows)} requests")
    team = json.loads(place.command("team", "show", "load", "--json"))["budgets"][0]
    if (team["spent_nano_usd"], team["held_nano_usd"]) != (total, 0):
        problems.append(f"the team's budget says {team}, the rows add up to {total}")
    place.command("ledger", "verify")
    return len(rows), problems


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--durability", default="process")
    parser.add_argument("--every", type=int, default=10, help="compare the books after so many kills")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    print(f"{options.kills} kills, durability {options.durability}, seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        place = Place(Path(name), durability=options.durability, bill=4_000_000)
        complete: list[tuple[str, str]] = []
        begun, problems, rows, kill = 0, [], 0, 0
        try:
            key = place.command("key", "create", "--team", "load")
            for kill in range(1, options.kills + 1):
                weir = place.start()
                stop = threading.Event()
                clients = [Client(weir.address, key, chance.getrandbits(64), stop) for _ in range(options.clients)]
                for client in clients:
                    client.start()
                time.sleep(chance.uniform(0.01, 0.6))
                weir.process.send_signal(signal.SIGKILL)
                weir.process.wait()
                stop.set()
                for client in clients:
                    client.join()
                    complete += client.complete
                    begun += client.begun
                    problems += client.wrong
                if kill % options.every == 0 or kill == options.kills:
                    rows, found = check(place, complete)
                    problems += found
                if problems:
                    break
        finally:
            place.stop()
        for problem in problems[:20]:
            print(f"kill {kill}: {problem}")
        print(f"{begun} requests, {len(complete)} answered whole, {rows} rows")
        print(f"{kill - bool(problems)} passed, {int(bool(problems))} failed")
        raise SystemExit(1 if problems else 0)


if __name__ == "__main__":
    main()
