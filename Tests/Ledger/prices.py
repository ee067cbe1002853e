"""A price that was wrong is corrected: weir prices recompute bills the ledger again, once, with and without a gateway that runs."""

import json
import tempfile
from pathlib import Path

from gateway import INPUT_PICO, Place

REQUESTS, ESTIMATED = 30, 3


def reprice(place: Place, old: str, new: str) -> None:
    """Changes the output price of the configuration, and starts the gateway anew where it runs."""
    text = place.configuration.read_text()
    changed = text.replace(f'mock-1, from: 2020-01-01, input: "$2.50/M", output: "{old}"', f'mock-1, from: 2020-01-01, input: "$2.50/M", output: "{new}"')
    assert text != changed, f"no output price {old}"
    place.configuration.write_text(changed)


def bill(place: Place, output_pico: int) -> int:
    """What the requests whose usage is known cost by a price."""
    total = 0
    for line in place.command("ledger", "dump").splitlines():
        for attempt in json.loads(line)["attempts"]:
            if attempt["status"] == "exact":
                usage = attempt["usage"]
                total += -(-(usage.get("input_tokens", 0) * INPUT_PICO + usage.get("output_tokens", 0) * output_pico) // 1000)
    return total


def spent(place: Place) -> int:
    return sum(row["nano_usd"] for row in json.loads(place.command("spend", "--json")))


def counter(place: Place) -> int:
    return json.loads(place.command("team", "show", "load", "--json"))["budgets"][0]["spent_nano_usd"]


def recompute(place: Place, *arguments: str) -> dict:
    return json.loads(place.command("prices", "recompute", "--json", *arguments))


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        place = Place(Path(name))
        try:
            place.start()
            key = place.command("key", "create", "--team", "load")
            for number in range(REQUESTS):
                assert place.ask(key, f"events={number + 1} input={number}", stream=number % 2 == 1)[0] == 200
            for _ in range(ESTIMATED):
                assert place.ask(key, "events=5 usage=off", stream=True)[0] == 200
            guessed = spent(place) - bill(place, 10_000_000)
            assert guessed > 0, "streams without usage are billed by the count of their text"

            report = recompute(place)
            assert report["recorded"] == 0 and sum(row["changed"] for row in report["rows"]) == 0, report
            assert report["left_alone"] == [{"reason": "estimated", "text": "their usage is Weir's own count", "requests": ESTIMATED}], report

            # The gateway runs, with the corrected price.
            place.weir.stop()
            reprice(place, "$10/M", "$20/M")
            place.start()
            before = spent(place)
            report = recompute(place, "--dry-run")
            assert report["recorded"] == 0 and report["rows"][0]["changed"] == REQUESTS and spent(place) == before, report
            report = recompute(place)
            dearer = bill(place, 20_000_000) + guessed
            assert report["recorded"] == REQUESTS and report["rows"][0]["requests"] == REQUESTS, report
            assert spent(place) == counter(place) == dearer, f"{spent(place)}, {counter(place)} and {dearer}"
            assert report["rows"][0]["difference_nano_usd"] == dearer - before, report
            assert recompute(place)["recorded"] == 0 and spent(place) == dearer, "a second time changes nothing"
            assert "all is well" in place.command("ledger", "verify")

            # Nobody runs; back to less, only a pattern that does not match, then all.
            place.weir.stop()
            reprice(place, "$20/M", "$1/M")
            assert recompute(place, "--model", "gpt*")["rows"] == []
            assert recompute(place, "--model", "mock-*")["recorded"] == REQUESTS
            cheaper = bill(place, 1_000_000) + guessed
            assert spent(place) == cheaper
            place.start()
            assert counter(place) == cheaper and "all is well" in place.command("ledger", "verify")
            rows = [row for row in json.loads(place.command("audit", "--json")) if row["action"] == "prices.recompute"]
            assert len(rows) == 2 and rows[0]["details"].startswith(f"{REQUESTS} requests by "), rows
            dumped = json.loads(place.command("ledger", "dump").splitlines()[REQUESTS // 2])
            assert dumped["nano_usd"] + dumped["adjusted_nano_usd"] <= dumped["nano_usd"], dumped
            text = place.command("prices", "recompute")
            assert "0 adjustment(s) recorded" in text and "left alone: 3 request(s)" in text, text
        finally:
            place.stop()
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
