"""What a connection that is refused costs: 200 requests, each to a model whose first provider nobody serves and whose breaker has heard of nothing.

Printed is the median difference of the time to the first byte between such a request and one that goes straight to the provider that answers; both
alternate, on one connection, so that a busy machine slows them alike. Asserted is what the ledger says of both attempts.
"""

import http.client
import json
import socket
import statistics
import tempfile
import time
from pathlib import Path

from books import Books
from gateway import Gateway, Provider, mock

REQUESTS = 200
GOAL_MS = 2.0


class Client:
    """Asks for streams on one connection and takes the time to the first byte of the answer."""

    def __init__(self, gateway: Gateway):
        self.connection = http.client.HTTPConnection(gateway.address, timeout=30)
        self.connection.connect()
        self.fields = {"authorization": f"Bearer {gateway.key}", "content-type": "application/json"}
        self.problems: list[str] = []

    def ask(self, model: str, attempts: str) -> float:
        """Milliseconds to the first byte."""
        body = {"model": model, "stream": True, "messages": [{"role": "user", "content": "#mock events=2"}]}
        begun = time.perf_counter()
        self.connection.request("POST", "/v1/chat/completions", json.dumps(body), self.fields)
        self.connection.sock.recv(1, socket.MSG_PEEK)
        passed = time.perf_counter() - begun
        response = self.connection.getresponse()
        text = response.read()
        found = (response.status, response.headers["x-weir-provider"], response.headers["x-weir-attempts"])
        if found != (200, "live", attempts) or not text.endswith(b"data: [DONE]\n\n"):
            self.problems.append(f"{model} was answered with {found}: {text[:200]!r}")
        return passed * 1e3


def measure(gateway: Gateway) -> tuple[list[float], list[float], list[str]]:
    """Times of direct requests and of those with a refused attempt before them, and what was wrong with their answers."""
    client = Client(gateway)
    for _ in range(20):
        client.ask("direct", "1")
    direct, switched = [], []
    for number in range(REQUESTS):
        direct.append(client.ask("direct", "1"))
        switched.append(client.ask(f"switched-{number}", "2"))
    return direct, switched, client.problems


def check(books: Books) -> list[str]:
    """Each refused attempt is in its row, free of charge, before the one that answered."""
    problems = list(books.problems)
    for number in range(REQUESTS):
        requests = books.of(f"switched-{number}")
        found = [[(one["provider"], one["status"], one["nano_usd"] > 0) for one in request.attempts] for request in requests]
        if found != [[(f"dead-{number}", "exact", False), ("live", "exact", True)]]:
            problems.append(f"the row of switched-{number} is {[request.row for request in requests]}")
    return problems


def main() -> None:
    # Bound, and listening to nobody: connections are refused, and nobody else gets the port.
    with tempfile.TemporaryDirectory() as name, socket.socket() as dead:
        dead.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{dead.getsockname()[1]}"
        folder = Path(name)
        live = mock(folder, "live").wait_ready()
        gateway = None
        try:
            providers = [Provider("live", "openai", live.address)]
            providers += [Provider(f"dead-{number}", "openai", nobody) for number in range(REQUESTS)]
            models = {"direct": ["live"]} | {f"switched-{number}": [f"dead-{number}", "live"] for number in range(REQUESTS)}
            gateway = Gateway(folder, providers, models)
            direct, switched, problems = measure(gateway)
            gateway.stop()
            problems += check(Books(gateway))
        finally:
            if gateway:
                gateway.stop()
            live.stop()
    added = statistics.median(late - early for early, late in zip(direct, switched))
    straight = statistics.median(direct)
    print(f"a refused connection adds {added:.2f} ms to the first byte (median of {REQUESTS}; goal: under {GOAL_MS:g} ms): "
          f"{statistics.median(switched) / straight:.2f} times the {straight:.2f} ms of a direct request")
    for problem in problems[:20]:
        print(f"refused: {problem}")
    print(f"{int(not problems)} passed, {int(bool(problems))} failed")
    raise SystemExit(1 if problems else 0)


if __name__ == "__main__":
    main()
