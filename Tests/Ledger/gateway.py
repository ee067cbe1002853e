"""A gateway of one's own in front of weir-mock, for the tests of this folder."""

import http.client
import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "SDK"))
from processes import Program  # noqa: E402

PROGRAMS = Path(os.environ.get("WEIR_BIN_DIR") or Path(__file__).parent.parent.parent / ".build" / "debug")
INPUT_PICO, OUTPUT_PICO = 2_500_000, 10_000_000

CONFIGURATION = """
version: 1
listen: 127.0.0.1:0
data: {data}
loops: 2
durability: {durability}
access_log: {log}
providers:
  mock: {{dialect: openai, base_url: "http://{mock}/v1", credentials: [env:MOCK_KEY]}}
models:
  m: {{targets: [{{provider: mock, model: mock-1, max_output_tokens: 4096}}]}}
  gpt: {{targets: [{{provider: mock, model: gpt-4o, max_output_tokens: 100}}]}}
  gpt-load: {{targets: [{{provider: mock, model: gpt-4o}}]}}
prices:
  - {{provider: mock, model: mock-1, from: 2020-01-01, input: "$2.50/M", output: "$10/M"}}
  - {{provider: mock, model: gpt-4o, from: 2020-01-01, input: "$2.50/M", output: "$10/M"}}
teams:
  load: {{models: [m, gpt-load], budgets: [{{limit: $1000, every: month}}]}}
  tight: {{models: [m, gpt], budgets: [{{limit: $0.02}}]}}
  poor: {{models: [m], budgets: [{{limit: $0.001}}]}}
"""


class Place:
    """A folder with a configuration, a mock and, while it runs, a gateway."""

    def __init__(self, folder: Path, credential: str = "mock", durability: str = "process", bill: int = 100_000):
        self.folder, self.credential = folder, credential
        self.mock = Program(
            [str(PROGRAMS / "weir-mock"), "--listen", "127.0.0.1:0", "--key", credential, "--bill-capacity", str(bill)],
            folder / "mock.log").wait_ready()
        self.configuration = folder / "weir.yaml"
        self.configuration.write_text(CONFIGURATION.format(
            data=folder / "data", mock=self.mock.address, durability=durability, log=folder / "access.log"))
        self.weir: Program | None = None

    def start(self) -> Program:
        self.weir = Program(
            [str(PROGRAMS / "weir"), "serve", "--config", str(self.configuration)], self.folder / "weir.log",
            {"MOCK_KEY": self.credential}).wait_ready()
        return self.weir

    def command(self, *arguments: str, fails: bool = False) -> str:
        """What a command prints on standard output, or, where it is to fail, on standard error."""
        result = subprocess.run(
            [PROGRAMS / "weir", *arguments, "--config", str(self.configuration)], capture_output=True, text=True,
            env=os.environ | {"MOCK_KEY": self.credential})
        if (result.returncode != 0) != fails:
            raise SystemExit(f"weir {' '.join(arguments)} ended with {result.returncode}:\n{result.stdout}{result.stderr}")
        return (result.stderr if fails else result.stdout).strip()

    def ask(self, key: str, directive: str = "events=2", connection: http.client.HTTPConnection | None = None, **members):
        """Sends a chat. Gives the status and the body."""
        connection = connection or http.client.HTTPConnection(self.weir.address, timeout=30)
        body = {"model": "m", "messages": [{"role": "user", "content": f"#mock {directive}"}]} | members
        connection.request(
            "POST", "/v1/chat/completions", json.dumps(body), {"authorization": f"Bearer {key}", "content-type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read().decode()

    def billed(self) -> dict[str, dict]:
        """What the mock has billed, by its own request id."""
        entries, after = {}, 0
        connection = http.client.HTTPConnection(self.mock.address, timeout=30)
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

    def stop(self) -> None:
        if self.weir and self.weir.process.poll() is None:
            self.weir.stop()
        self.mock.stop()


def cost(usage: dict) -> int:
    """What usage costs, in nano-dollars: rounded up once."""
    pico = usage["input_tokens"] * INPUT_PICO + usage["output_tokens"] * OUTPUT_PICO
    return -(-pico // 1000)
