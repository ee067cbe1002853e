"""Keys by command against a running gateway: rotation with grace loses no request under load, revocation refuses the very next one, and no secret
shows up anywhere: not in logs, errors, the data folder, nor in what `ps` shows."""

import http.client
import json
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from gateway import PROGRAMS, Place

CREDENTIAL = "sk-canary-provider-credential-4711"


class Load(threading.Thread):
    """Asks again and again with whatever key is the newest, on a connection that stays."""

    def __init__(self, place: Place, keys: list[str]):
        super().__init__(daemon=True)
        self.place, self.keys, self.statuses, self.stopping = place, keys, [], False

    def run(self) -> None:
        connection = http.client.HTTPConnection(self.place.weir.address, timeout=30)
        while not self.stopping:
            self.statuses.append(self.place.ask(self.keys[-1], connection=connection)[0])


def rotates(place: Place) -> list[str]:
    keys = [place.command("key", "create", "--team", "load", "--id", "app")]
    loads = [Load(place, keys) for _ in range(4)]
    for load in loads:
        load.start()
    for _ in range(5):
        time.sleep(0.1)
        fresh = place.command("key", "rotate", "app", "--grace", "1h")
        time.sleep(0.1)  # the applications still use the old one for a while
        keys.append(fresh)
    for load in loads:
        load.stopping = True
        load.join()
    wrong = [status for load in loads for status in load.statuses if status != 200]
    count = sum(len(load.statuses) for load in loads)
    assert not wrong and count > 100, f"{len(wrong)} of {count} requests failed during rotation: {set(wrong)}"
    assert place.ask(keys[-2])[0] == 200, "the secret before the newest one is good"
    assert place.ask(keys[-3])[0] == 401, "the one before that is not"
    listed = {key["id"]: key for key in json.loads(place.command("key", "list", "--json"))}
    assert listed["app"]["secrets"] == 2 and listed["app"]["status"] == "active", listed
    return keys


def revokes(place: Place, keys: list[str]) -> None:
    connections = [http.client.HTTPConnection(place.weir.address, timeout=30) for _ in range(16)]  # on all loops
    for connection in connections:
        assert place.ask(keys[-1], connection=connection)[0] == 200
    place.command("key", "revoke", "app")
    for connection in connections:
        status, text = place.ask(keys[-1], connection=connection)
        assert status == 401 and json.loads(text)["error"]["code"] == "key_revoked", f"{status} {text}"
    assert "was revoked" in place.command("key", "rotate", "app", fails=True)
    actions = [row["action"] for row in json.loads(place.command("audit", "--json"))]
    assert actions == ["key.revoke"] + ["key.rotate"] * 5 + ["key.create"], actions


def survives(place: Place) -> None:
    """Keys and their state are there after a restart; commands work without a gateway, too."""
    kept = place.command("key", "create", "--team", "load", "--id", "kept", "--tag", "env=prod", "--budget", "$5/day")
    place.weir.stop()
    offline = place.command("key", "create", "--team", "load", "--id", "offline")
    assert "there is a key kept already" in place.command("key", "create", "--team", "load", "--id", "kept", fails=True)
    place.start()
    assert place.ask(kept)[0] == place.ask(offline)[0] == 200
    result = subprocess.run(
        [PROGRAMS / "weir", "serve", "--config", str(place.configuration)], capture_output=True, text=True,
        env=os.environ | {"MOCK_KEY": CREDENTIAL})
    assert result.returncode == 1 and "in use by another weir" in result.stderr, result.stderr


def counts(place: Place) -> None:
    """A prompt whose bytes do not fit into the budget fits once its tokens are counted, where the model's vocabulary is known."""
    key = place.command("key", "create", "--team", "tight")
    prose = "The weir holds the river back, and the miller opens it when the wheel is to turn. " * 250
    assert 0.02e12 < len(prose) * 2_500_000 < 0.1e12, "more bytes than money, fewer tokens"
    status, text = place.ask(key, messages=[{"role": "user", "content": prose}], max_tokens=50)
    assert status == 429 and json.loads(text)["error"]["code"] == "budget_exceeded", f"{status} {text}"
    status, text = place.ask(key, model="gpt", messages=[{"role": "user", "content": prose}], max_tokens=50)
    assert status == 200, f"{status} {text}"
    row = json.loads(place.command("ledger", "dump").splitlines()[-1])
    assert row["nano_usd"] <= row["held_nano_usd"] < 16_000_000, row


def counts_answers(place: Place) -> None:
    """A stream whose usage does not come is billed by the tokens of the text that came."""
    key = place.command("key", "create", "--team", "load")
    for directive in ("events=60 bytes=70 usage=off", "events=60 bytes=70 cut=40", "events=9 bytes=3 usage=off tool=get_weather"):
        connection = http.client.HTTPConnection(place.weir.address, timeout=30)
        body = {"model": "gpt-load", "stream": True, "messages": [{"role": "user", "content": f"#mock {directive}"}]}
        connection.request("POST", "/v1/chat/completions", json.dumps(body), {"authorization": f"Bearer {key}"})
        text, wire = "", b""
        try:
            wire = connection.getresponse().read()
        except http.client.IncompleteRead as cut:
            wire = cut.partial
        for line in wire.decode().splitlines():
            if line.startswith("data: {"):
                for choice in json.loads(line[6:]).get("choices", []):
                    text += choice["delta"].get("content") or ""
                    text += "".join(call["function"]["arguments"] for call in choice["delta"].get("tool_calls", []))
        assert text, directive
        counted = subprocess.run(
            [PROGRAMS / "weir", "count", "--encoding", "o200k_base"], input=json.dumps({"id": "a", "text": text}), capture_output=True, text=True)
        tokens = json.loads(counted.stdout)["tokens"]
        attempt = json.loads(place.command("ledger", "dump").splitlines()[-1])["attempts"][0]
        assert attempt["status"] == "estimated" and attempt["usage"].get("output_tokens") == tokens, f"{directive}: {tokens} tokens, {attempt}"


def agrees(place: Place) -> None:
    """The counters in memory and the ledger say the same while the gateway runs, also under load and after it."""
    key = place.command("key", "create", "--team", "load", "--tag", "env=test", "--budget", "$50")
    loads = [Load(place, [key]) for _ in range(4)]
    for load in loads:
        load.start()
    time.sleep(0.5)
    for load in loads:
        load.stopping = True
        load.join()
    text = place.command("ledger", "verify")
    assert "gateway:  0 request(s) hold $0.00; 5 budget(s) compared" in text and "all is well" in text, text


def leaks(place: Place, keys: list[str]) -> None:
    poor = place.command("key", "create", "--team", "poor")
    texts = [place.ask(poor, "events=400")[1] for _ in range(3)]
    texts += [place.ask(CREDENTIAL)[1], place.ask(keys[-1])[1], place.ask(poor, "status=401")[1], place.ask(poor, "garbage=head")[1]]
    with open(f"/proc/{place.weir.process.pid}/cmdline", "rb") as file:
        texts.append(file.read().decode())
    for arguments in (["key", "list"], ["key", "list", "--json"], ["audit"], ["team", "list"], ["ledger", "dump"], ["spend", "--json"]):
        texts.append(place.command(*arguments))
    place.weir.stop()
    hidden = [CREDENTIAL, poor] + keys
    for path in [path for path in place.folder.rglob("*") if path.is_file() and path.name != "mock.log"]:
        texts.append(path.read_bytes().decode(errors="replace"))
    for secret in hidden:
        # The random part alone, too: a shortened secret is one still.
        for part in (secret, secret.rsplit("-", 1)[-1]):
            found = [text for text in texts if part in text and part != "4711"]
            assert not found, f"a secret shows: {found[0][:300]}"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        place = Place(Path(name), credential=CREDENTIAL)
        try:
            place.start()
            keys = rotates(place)
            revokes(place, keys)
            survives(place)
            counts(place)
            counts_answers(place)
            agrees(place)
            leaks(place, keys)
        finally:
            place.stop()
    print("7 passed, 0 failed")


if __name__ == "__main__":
    main()
