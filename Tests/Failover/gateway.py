"""A gateway in front of upstreams of one's own that die and come back, for the tests of this folder."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "SDK"))
from processes import Program  # noqa: E402

PROGRAMS = Path(os.environ.get("WEIR_BIN_DIR") or Path(__file__).parent.parent.parent / ".build" / "debug")
CREDENTIAL = "upstream"
# Enough for every request of a run, failed attempts of unknown cost included: they count with all that they held.
BUDGET = "$100000"
INPUT_PICO, OUTPUT_PICO = 2_500_000, 10_000_000

CONFIGURATION = """
version: 1
listen: 127.0.0.1:0
data: {data}
loops: 2
access_log: {log}
providers:
{providers}
models:
{models}
prices:
{prices}
teams:
  load: {{budgets: [{{limit: {budget}, every: month}}]}}
"""


@dataclass
class Provider:
    """A provider of the configuration. `path` is what its dialect's base URL ends in."""

    name: str
    dialect: str
    address: str

    def line(self) -> str:
        path = "/v1" if self.dialect == "openai" else ""
        return f'  {self.name}: {{dialect: {self.dialect}, base_url: "http://{self.address}{path}", credentials: [env:UPSTREAM_KEY]}}'

    def price(self) -> str:
        return f'  - {{provider: {self.name}, model: mock-1, from: 2020-01-01, input: "$2.50/M", output: "$10/M"}}'


def mock(folder: Path, name: str, address: str = "127.0.0.1:0") -> Program:
    """Starts an upstream. Its log's name tells lives at the same address apart."""
    command = [str(PROGRAMS / "weir-mock"), "--listen", address, "--key", CREDENTIAL, "--bill-capacity", "1000000"]
    return Program(command, folder / f"{name}.log")


class Gateway:
    """A gateway that runs from its making until `stop`; its books can be read after that."""

    def __init__(self, folder: Path, providers: list[Provider], models: dict[str, list[str]]):
        """`models` says for each model which providers are its targets, in the order of priority."""
        self.folder, self.access_log = folder, folder / "access.log"
        self.configuration = folder / "weir.yaml"
        targets = {
            model: ", ".join(f"{{provider: {name}, model: mock-1, max_output_tokens: 4096}}" for name in names)
            for model, names in models.items()}
        self.configuration.write_text(CONFIGURATION.format(
            data=folder / "data", log=self.access_log, budget=BUDGET,
            providers="\n".join(provider.line() for provider in providers),
            models="\n".join(f"  {model}: {{strategy: priority, targets: [{text}]}}" for model, text in targets.items()),
            prices="\n".join(provider.price() for provider in providers)))
        self.key = self.command("key", "create", "--team", "load")
        self.program = Program(
            [str(PROGRAMS / "weir"), "serve", "--config", str(self.configuration)], folder / "weir.log",
            {"UPSTREAM_KEY": CREDENTIAL}).wait_ready()
        self.address = self.program.address

    def command(self, *arguments: str) -> str:
        """What a command prints. Ends the run where the command fails."""
        result = subprocess.run(
            [PROGRAMS / "weir", *arguments, "--config", str(self.configuration)], capture_output=True, text=True,
            env=os.environ | {"UPSTREAM_KEY": CREDENTIAL})
        if result.returncode != 0:
            raise SystemExit(f"weir {' '.join(arguments)} ended with {result.returncode}:\n{result.stdout}{result.stderr}")
        return result.stdout.strip()

    def stop(self) -> None:
        if self.program.process.poll() is None:
            self.program.stop()
