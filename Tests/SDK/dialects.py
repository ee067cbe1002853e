"""One Weir in front of one weir-mock that speaks all dialects, and the books of both: what Weir billed, and what its upstream did."""

import base64
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

# A picture of one pixel.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

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

    def asked(self) -> dict:
        """The body of the last request that the mock received."""
        with urllib.request.urlopen(f"http://{self.mock.address}/mock/requests?last=1", timeout=10) as answer:
            return json.loads(base64.b64decode(json.load(answer)["data"][0]["body_base64"]))

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


# Where the dialects keep what a client has said: of the last request that the mock received.


def stops(upstream: Upstream, asked: dict) -> list[str]:
    match upstream.dialect:
        case "anthropic": return asked["stop_sequences"]
        case "gemini": return asked["generationConfig"]["stopSequences"]
        case "bedrock": return asked["inferenceConfig"]["stopSequences"]
        case _: return asked["stop"]


def schema(upstream: Upstream, asked: dict) -> dict:
    """Of structured output. The Responses API has another place for it than chat completions."""
    match upstream.dialect:
        case "anthropic": return asked["output_config"]["format"]["schema"]
        case "gemini": return asked["generationConfig"]["responseJsonSchema"]
        case "bedrock": return json.loads(asked["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"])
        case _: return asked["text"]["format"]["schema"] if "text" in asked else asked["response_format"]["json_schema"]["schema"]


def has_pixel(upstream: Upstream, asked: dict) -> bool:
    """Whether the picture is among what the last message holds, in the dialect's form and byte for byte."""
    turns = asked.get("input") or asked.get("contents") or asked["messages"]
    parts = turns[-1].get("parts") or turns[-1]["content"]
    url = f"data:image/png;base64,{PIXEL}"
    match upstream.dialect:
        case "anthropic": wanted = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
        case "gemini": wanted = {"inlineData": {"mimeType": "image/png", "data": PIXEL}}
        case "bedrock": wanted = {"image": {"format": "png", "source": {"bytes": PIXEL}}}
        case _:
            images = [part["image_url"] for part in parts if "image_url" in part]
            # A string in Responses, an object in chat completions, where the detail stands beside it.
            return [image if "input" in asked else image["url"] for image in images] == [url]
    return wanted in parts


def start(binary, folder: Path) -> Dialects:
    """Starts both programs; the caller stops them."""
    mock = Program([
        str(binary("weir-mock")), "--listen", "127.0.0.1:0", "--key", MOCK_KEY, "--access-key", ACCESS_KEY,
        "--secret-access-key", SECRET_KEY], folder / "mock.log").wait_ready()
    path = folder / "weir.yaml"
    path.write_text(configuration(mock.address, folder))
    weir = binary("weir")
    program = Program([str(weir), "serve", "--config", str(path)], folder / "weir.log", ENVIRONMENT).wait_ready()
    return Dialects(program, mock, weir, path)


def check_books(gateway: Dialects, upstream: Upstream) -> None:
    """What Weir's ledger says of a provider is what the mock's bill says, request for request, and costs what that costs."""
    billed = [entry for entry in gateway.bill()["data"] if entry["model"] == upstream.model and entry["http_status"] == 200]
    attempts = [attempt for row in gateway.rows() for attempt in row["attempts"]
                if attempt["provider"] == upstream.name and attempt["http_status"] == 200]
    assert len(attempts) == len(billed) > 0
    for attempt, entry in zip(attempts, billed):
        usage = entry["usage"]
        if entry["path"].endswith("/count_tokens"):
            assert attempt["nano_usd"] == 0, "counting is free"
        elif attempt["status"] == "exact":
            claimed = (attempt["usage"].get("input_tokens", 0), attempt["usage"].get("output_tokens", 0))
            assert entry["status"] == "served" and claimed == (usage["input_tokens"], usage["output_tokens"]), (attempt, entry)
            assert attempt["nano_usd"] == round(cost(usage) * 1e9), (attempt, entry)
        else:
            assert attempt["status"] == "estimated" and entry["status"] != "refused", (attempt, entry)
