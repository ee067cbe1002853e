"""One Weir in front of one weir-mock that speaks all dialects, and the books of both: what Weir billed, and what its upstream did."""

import hashlib
import json
import os
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from processes import Program, wait_until

KEY = "sk-weir-dialects-7Hd2mQx9Tn4bVr6c"
MOCK_KEY, ACCESS_KEY, SECRET_KEY = "mock-key-of-the-gateway", "AKIAMOCKACCESSKEY", "mock/secret+access/key"
ENVIRONMENT = {"MOCK_KEY": MOCK_KEY, "MOCK_ID": ACCESS_KEY, "MOCK_SECRET": SECRET_KEY, "WRONG": "no-such-credential"}


@dataclass(frozen=True)
class Upstream:
    """A provider of the configuration, and the one model that it has."""

    name: str
    dialect: str
    model: str
    prefix: str = ""
    extra: str = ""

    def provider(self, name: str, address: str, credential: str) -> str:
        return f'  {name}: {{dialect: {self.dialect}, base_url: "http://{address}{self.prefix}", credentials: [{credential}]{self.extra}}}'

    @property
    def speaks_openai(self) -> bool:
        return self.dialect in ("openai", "azure")

    @property
    def passes_responses(self) -> bool:
        """Whether a request of Responses goes there as it is: the dated API of `azure-dated` is older than Responses."""
        return self.name in ("openai", "azure")


UPSTREAMS = [
    Upstream("openai", "openai", "gpt-4.1", "/v1"),
    Upstream("azure", "azure", "deployment-1"),
    Upstream("azure-dated", "azure", "deployment/2", extra=', api_version: "2024-10-21"'),
    Upstream("anthropic", "anthropic", "claude-sonnet-4-6"),
    Upstream("gemini", "gemini", "gemini-3-pro-preview"),
    Upstream("bedrock", "bedrock", "anthropic.claude-sonnet-4-5-20250929-v1:0", extra=", region: eu-west-1"),
]

# Dollars for a million tokens; each rate differs, so that one in another's place shows.
RATES = {"input": 3, "output": 17, "cache_read": 0.5, "cache_write": 4}


def configuration(address: str, folder: Path) -> str:
    """Each upstream once with its credential and, as `NAME-wrong`, once with another."""
    providers, models, prices = [], [], []
    rates = ", ".join(f"{name}: ${rate}/M" for name, rate in RATES.items())
    for upstream in UPSTREAMS:
        signed = upstream.dialect == "bedrock"
        right = "{access_key_id: env:MOCK_ID, secret_access_key: env:MOCK_SECRET}" if signed else "env:MOCK_KEY"
        wrong = "{access_key_id: env:MOCK_ID, secret_access_key: env:WRONG}" if signed else "env:WRONG"
        for name, credential in ((upstream.name, right), (f"{upstream.name}-wrong", wrong)):
            providers.append(upstream.provider(name, address, credential))
            models.append(f'  {name}: {{targets: [{{provider: {name}, model: "{upstream.model}"}}]}}')
            prices.append(f'  - {{provider: {name}, model: "*", from: 2020-01-01, {rates}}}')
    return "\n".join([
        "version: 1", "listen: 127.0.0.1:0", f"data: {folder / 'data'}", f"access_log: {folder / 'access.log'}",
        "providers:", *providers, "models:", *models, "prices:", *prices,
        f"keys: [{{id: dialects, sha256: {hashlib.sha256(KEY.encode()).hexdigest()}}}]", ""])


@dataclass
class Dialects:
    """A running Weir with its mock."""

    program: Program
    mock: Program
    weir: Path
    configuration: Path
    seen: int = 0

    @property
    def root(self) -> str:
        return f"http://{self.program.address}"

    def bill(self, after: int = 0) -> dict:
        with urllib.request.urlopen(f"http://{self.mock.address}/mock/billed?after={after}&limit=10000", timeout=10) as answer:
            return json.load(answer)

    def billed(self) -> dict:
        """The one answer that the mock has given since it was last asked."""
        page = wait_until(lambda: (page := self.bill(self.seen))["data"] and page, "a bill")
        self.seen = page["next"]
        assert len(page["data"]) == 1, page
        return page["data"][0]

    def forget(self) -> None:
        """What is billed so far is not what a test asks for."""
        self.seen = self.bill(1 << 40)["total"]

    def rows(self) -> list[dict]:
        """The ledger: every request that is over."""
        dump = [self.weir, "ledger", "dump", "--config", self.configuration]
        lines = subprocess.run(
            dump, check=True, capture_output=True, text=True, timeout=60, env=os.environ | ENVIRONMENT).stdout.splitlines()
        return [json.loads(line) for line in lines]


def cost(usage: dict) -> float:
    """What a usage of the mock's bill costs."""
    fresh = usage["input_tokens"] - usage["cached_tokens"] - usage["cache_write_tokens"]
    parts = {"input": fresh, "output": usage["output_tokens"], "cache_read": usage["cached_tokens"],
             "cache_write": usage["cache_write_tokens"]}
    return sum(RATES[name] * tokens for name, tokens in parts.items()) / 1e6
