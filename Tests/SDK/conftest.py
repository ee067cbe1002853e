"""What the tests talk through: Weir in front of weir-mock and of llama.cpp, or with --direct those two themselves.

--direct shows that a test asks for something a real server does, so that a failure through Weir is Weir's.
"""

import contextlib
import hashlib
import importlib.metadata
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import openai
import pytest

import dialects
from processes import Program

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LLAMA_PYTHON = HERE / ".venv-llama/bin/python"
LLAMA_KEY, MOCK_KEY = "llama-credential-of-the-gateway", "mock-credential-of-the-gateway"
KEYS = {"demo": "sk-weir-demo-4Zq8nJd0Vt2yXw6b", "narrow": "sk-weir-narrow-9Lm3kPs7Rc1uHf5g"}
BODY_LIMIT = 64 * 1024

CONFIGURATION = """\
version: 1
listen: 127.0.0.1:0
data: {data}
access_log: {access_log}
limits: {{body_bytes: 64KiB, drain: 20s}}
providers:
  mock: {{dialect: openai, base_url: "{mock}", credentials: [env:MOCK_KEY]}}
  llama: {{dialect: openai, base_url: "{llama}", credentials: [env:LLAMA_KEY]}}
  wrong-key: {{dialect: openai, base_url: "{llama}", credentials: [env:WRONG_KEY]}}
  nobody: {{dialect: openai, base_url: "http://127.0.0.1:1/v1", credentials: [env:MOCK_KEY]}}
models:
  mock-model: {{targets: [{{provider: mock, model: mock-1}}]}}
  tiny: {{targets: [{{provider: llama, model: tiny}}]}}
  misconfigured: {{targets: [{{provider: wrong-key, model: tiny}}]}}
  unreachable: {{targets: [{{provider: nobody, model: nothing}}]}}
teams:
  demo: {{models: [mock-model, tiny, misconfigured, unreachable]}}
  narrow: {{models: [tiny]}}
keys:
  - {{id: demo, team: demo, sha256: {demo}}}
  - {{id: narrow, team: narrow, sha256: {narrow}}}
"""


# Which tests belong to which environment of Tests/SDK/run; those that are not here, to the two with openai's SDK alone.
ELSEWHERE = {
    "dialects": {"test_mock_dialects.py", "test_dialects_anthropic.py"},
    "anthropic0": {"test_dialects_anthropic.py"},
    "agents": {"test_dialects_langchain.py", "test_dialects_litellm.py"},
}
ALL = {path.name for path in HERE.glob("test_*.py")}
collect_ignore = sorted(ALL - ELSEWHERE.get(os.environ.get("WEIR_SDK", ""), ALL - set().union(*ELSEWHERE.values())))


def pytest_addoption(parser):
    parser.addoption("--direct", action="store_true", help="talk to weir-mock and llama.cpp themselves, not through Weir")


def pytest_configure(config):
    config.addinivalue_line("markers", "gateway: needs Weir in between; left out with --direct")
    config.addinivalue_line("markers", "newest: needs what only the newest SDK has; left out where an old one is tested")


def pytest_collection_modifyitems(config, items):
    out = {"gateway"} if config.getoption("--direct") else set()
    if os.environ.get("WEIR_SDK") == "anthropic0":
        out.add("newest")
    gone = [item for item in items if any(item.get_closest_marker(name) for name in out)]
    config.hook.pytest_deselected(items=gone)
    items[:] = [item for item in items if item not in gone]


def pytest_report_header(config):
    way = "direct" if config.getoption("--direct") else "through Weir"
    return f"{', '.join(versions())}, {way}, Python {sys.version.split()[0]}"


def versions() -> list[str]:
    """The SDKs of this environment."""
    found = []
    for name in ("openai", "anthropic", "google-genai", "boto3", "langchain-openai", "litellm"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found.append(f"{name} {importlib.metadata.version(name)}")
    return found


def binary(name: str) -> Path:
    """A program of this package: from WEIR_BIN_DIR, else the release build, else the debug build."""
    if folder := os.environ.get("WEIR_BIN_DIR"):
        folders = [Path(folder)]
    else:
        folders = [ROOT / ".build/release", ROOT / ".build/debug"]
    for candidate in folders:
        if (candidate / name).exists():
            return candidate / name
    pytest.fail(f"{name} is not built: run `swift build`, or set WEIR_BIN_DIR", pytrace=False)


@dataclass(frozen=True)
class Endpoint:
    """A base URL with the model and key to use there."""

    base_url: str
    model: str
    key: str

    def client(self, key: str | None = None, **options) -> openai.OpenAI:
        return openai.OpenAI(base_url=self.base_url, api_key=key or self.key, **{"max_retries": 0, "timeout": 30} | options)


@dataclass
class Gateway:
    """A running Weir."""

    program: Program
    access_log: Path
    keys: dict[str, str] = field(default_factory=lambda: dict(KEYS))

    @property
    def base_url(self) -> str:
        return f"http://{self.program.address}/v1"

    def client(self, key: str = "demo", **options) -> openai.OpenAI:
        return Endpoint(self.base_url, "", self.keys.get(key, key)).client(**options)


@pytest.fixture(scope="session")
def direct(request) -> bool:
    return request.config.getoption("--direct")


@pytest.fixture(scope="session")
def logs(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def llama_server(logs):
    if not LLAMA_PYTHON.exists():
        pytest.fail("no .venv-llama here: start the tests with Tests/SDK/run", pytrace=False)
    model = logs / "tiny.gguf"
    subprocess.run([LLAMA_PYTHON, HERE / "tiny_model.py", model], check=True, timeout=60)
    command = [str(LLAMA_PYTHON), str(HERE / "llama_server.py"), str(model)]
    program = Program(command, logs / "llama.log", {"LLAMA_KEY": LLAMA_KEY}).wait_ready()
    yield program
    assert program.stop() == 0, program.tail()


@pytest.fixture(scope="session")
def mock_server(logs):
    program = Program([str(binary("weir-mock")), "--listen", "127.0.0.1:0"], logs / "mock.log").wait_ready()
    yield program
    assert program.stop() == 0, program.tail()


@pytest.fixture(scope="session")
def start_weir(mock_server, llama_server, logs):
    """Starts a Weir of one's own; the caller stops it."""
    count = 0

    def start() -> Gateway:
        nonlocal count
        count += 1
        access_log, configuration = logs / f"access-{count}.log", logs / f"weir-{count}.yaml"
        configuration.write_text(CONFIGURATION.format(
            access_log=access_log, data=logs / f"data-{count}",
            mock=f"http://{mock_server.address}/v1",
            llama=f"http://{llama_server.address}/v1",
            **{name: hashlib.sha256(secret.encode()).hexdigest() for name, secret in KEYS.items()}))
        command = [str(binary("weir")), "serve", "--config", str(configuration)]
        environment = {"MOCK_KEY": MOCK_KEY, "LLAMA_KEY": LLAMA_KEY, "WRONG_KEY": "not-the-key"}
        return Gateway(Program(command, logs / f"weir-{count}.log", environment).wait_ready(), access_log)

    return start


@pytest.fixture(scope="session")
def weir(start_weir):
    gateway = start_weir()
    yield gateway
    assert gateway.program.stop() == 0, gateway.program.tail()


@pytest.fixture(scope="session")
def gateway(logs):
    """Weir before providers of every dialect."""
    folder = logs / "dialects"
    folder.mkdir()
    running = dialects.start(binary, folder)
    yield running
    for program in (running.program, running.mock):
        assert program.stop() == 0, program.tail()


@pytest.fixture(params=dialects.UPSTREAMS, ids=lambda upstream: upstream.name)
def upstream(request, gateway) -> dialects.Upstream:
    gateway.forget()
    return request.param


@pytest.fixture(scope="session")
def llama(direct, request) -> Endpoint:
    if direct:
        return Endpoint(f"http://{request.getfixturevalue('llama_server').address}/v1", "tiny", LLAMA_KEY)
    return Endpoint(request.getfixturevalue("weir").base_url, "tiny", KEYS["demo"])


@pytest.fixture(scope="session")
def mock(direct, request) -> Endpoint:
    if direct:
        return Endpoint(f"http://{request.getfixturevalue('mock_server').address}/v1", "mock-1", MOCK_KEY)
    return Endpoint(request.getfixturevalue("weir").base_url, "mock-model", KEYS["demo"])
