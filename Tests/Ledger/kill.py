"""Kills the gateway with SIGKILL at random moments under load, starts it again, and compares its books with the upstream's bill.

After every restart: one row per request; what complete requests cost is the mock's bill to the nano-dollar; a cut request is there, with a cost
within its hold; no hold is open; and reading the books again changes nothing.
"""

import argparse
import hashlib
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "SDK"))
from processes import Program  # noqa: E402

INPUT_PICO, OUTPUT_PICO = 2_500_000, 10_000_000
KEY = "sk-weir-load-secret"

CONFIGURATION = """
version: 1
listen: 127.0.0.1:0
data: {data}
loops: 2
durability: {durability}
access_log: off
providers:
  mock: {{dialect: openai, base_url: "http://{mock}/v1", credentials: [env:MOCK_KEY]}}
models:
  m: {{targets: [{{provider: mock, model: mock-1, max_output_tokens: 4096}}]}}
prices:
  - {{provider: mock, model: mock-1, from: 2020-01-01, input: "$2.50/M", output: "$10/M"}}
teams:
  load: {{models: [m], budgets: [{{limit: $1000, every: month}}]}}
keys:
  - {{id: load, team: load, sha256: {hash}}}
"""


class Client(threading.Thread):
    """Sends chats, JSON and streams, until the gateway dies, and remembers which answers came whole."""

    def __init__(self, address: str, seed: int, stop: threading.Event):
        super().__init__(daemon=True)
        self.address, self.random, self.stopping = address, random.Random(seed), stop
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
            "POST", "/v1/chat/completions", json.dumps(body), {"authorization": f"Bearer {KEY}", "content-type": "application/json"})
        response = connection.getresponse()
        text = response.read()
        if response.status != 200:
            self.wrong.append(f"{response.status} {text[:200]!r}")
            return
        if stream and b"data: [DONE]" not in text:
            return
        self.complete.append((response.headers["x-request-id"], response.headers["x-weir-upstream-request-id"]))


def command(weir: Path, *arguments: str) -> str:
    result = subprocess.run([weir, *arguments], capture_output=True, text=True, env=os.environ | {"MOCK_KEY": "mock"})
    if result.returncode != 0:
        raise SystemExit(f"weir {' '.join(arguments)} ended with {result.returncode}:\n{result.stderr}")
    return result.stdout


def bill(address: str) -> dict[str, dict]:
    """What the mock has billed, by its own request id."""
    entries, after = {}, 0
    connection = http.client.HTTPConnection(address, timeout=30)
    while True:
        connection.request("GET", f"/mock/billed?after={after}&limit=10000")
        page = json.load(connection.getresponse())
        if page["forgotten"]:
            raise SystemExit("the mock has forgotten part of its bill: give it a larger --bill-capacity")
        for entry in page["data"]:
            entries[entry["request_id"]] = entry
        after = page["next"]
        if after == page["total"]:
            return entries


def cost(usage: dict) -> int:
    pico = usage["input_tokens"] * INPUT_PICO + usage["output_tokens"] * OUTPUT_PICO
    return -(-pico // 1000)


def check(weir: Path, configuration: Path, complete: list[tuple[str, str]], billed: dict[str, dict]) -> tuple[int, list[str]]:
    """Compares the books with the bill. Gives how many rows there are, and what is wrong."""
    dump = command(weir, "ledger", "dump", "--config", str(configuration))
    again = command(weir, "ledger", "dump", "--config", str(configuration))
    problems = [] if dump == again else ["reading the books again changed them"]
    rows: dict[str, dict] = {}
    for line in dump.splitlines():
        row = json.loads(line)
        if row["request"] in rows:
            problems.append(f"{row['request']} has two rows")
        rows[row["request"]] = row
    due = 0
    for request, upstream in complete:
        row, entry = rows.get(request), billed.get(upstream)
        if row is None:
            problems.append(f"{request} was answered whole and has no row")
        elif entry is None:
            problems.append(f"{upstream} is not on the mock's bill")
        else:
            due += cost(entry["usage"])
            if (row["status"], row["nano_usd"]) != ("complete", cost(entry["usage"])):
                problems.append(f"{request}: {row['status']} {row['nano_usd']}, due {cost(entry['usage'])}")
    for row in rows.values():
        if not 0 <= row["nano_usd"] <= row["held_nano_usd"]:
            problems.append(f"{row['request']}: {row['nano_usd']} is not within its hold of {row['held_nano_usd']}")
        if row["status"] not in ("complete", "interrupted", "client_gone", "upstream_broke", "cut"):
            problems.append(f"{row['request']} is {row['status']}")
    spend = json.loads(command(weir, "spend", "--by", "team", "--from", "2020-01-01", "--to", "2100-01-01", "--json", "--config", str(configuration)))
    total = sum(row["nano_usd"] for row in rows.values())
    if sum(entry["nano_usd"] for entry in spend) != total or sum(entry["requests"] for entry in spend) != len(rows):
        problems.append(f"weir spend says {spend}, the rows add up to {total} for {len(rows)} requests")
    command(weir, "ledger", "verify", "--config", str(configuration))
    return len(rows), problems


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--durability", default="process")
    parser.add_argument("--every", type=int, default=5, help="compare the books after so many kills")
    options = parser.parse_args()
    programs = Path(os.environ["WEIR_BIN_DIR"])
    chance = random.Random(options.seed)
    print(f"{options.kills} kills, seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mock = Program(
            [str(programs / "weir-mock"), "--listen", "127.0.0.1:0", "--bill-capacity", "4000000"], folder / "mock.log").wait_ready()
        configuration = folder / "weir.yaml"


        configuration.write_text(CONFIGURATION.format(
            data=folder / "data", mock=mock.address, durability=options.durability, hash=hashlib.sha256(KEY.encode()).hexdigest()))
        complete: list[tuple[str, str]] = []
        begun, problems, rows = 0, [], 0
        try:
            for kill in range(1, options.kills + 1):
                weir = Program(
                    [str(programs / "weir"), "serve", "--config", str(configuration)], folder / "weir.log", {"MOCK_KEY": "mock"}).wait_ready()
                stop = threading.Event()
                clients = [Client(weir.address, chance.getrandbits(64), stop) for _ in range(options.clients)]
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
                    rows, found = check(programs / "weir", configuration, complete, bill(mock.address))
                    problems += found
                if problems:
                    break
        finally:
            mock.stop()
        for problem in problems[:20]:
            print(f"kill {kill}: {problem}")
        print(f"{begun} requests, {len(complete)} answered whole, {rows} rows")
        print(f"{kill - bool(problems)} passed, {int(bool(problems))} failed")
        raise SystemExit(1 if problems else 0)


if __name__ == "__main__":
    main()
