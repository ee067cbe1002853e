"""Asks `weir cost` and genai-prices the same and compares the answers to the nano-dollar."""

import argparse
import collections
import decimal
import json
import os
import pathlib
import subprocess
import sys
import time

from genai_prices import data

from questions import name_of, questions

FOLDER = pathlib.Path(__file__).resolve().parent
DIFFERENCES = FOLDER / "differences.json"
TREE = FOLDER.parent.parent


def program():
    folders = [os.environ["WEIR_BIN_DIR"]] if "WEIR_BIN_DIR" in os.environ else [".build/release", ".build/debug"]
    for folder in folders:
        path = TREE / folder / "weir"
        if path.exists():
            return path
    sys.exit("Tests/Prices/run: there is no weir program; run swift build --product weir")


def known_name(provider, model):
    """A name by which genai-prices finds the model, or None if an earlier one of the table takes all of them."""
    for name in (model.id, name_of(model.match)):
        if name and provider.find_model(name, all_providers=data.providers) is model:
            return name
    return None


def response(question):
    if question.extractor[0] == "google":
        return {"usageMetadata": question.usage, "modelVersion": "m"}
    if question.extractor == ("mistral", "ocr"):
        return {"usage_info": question.usage, "model": "m"}
    return {"usage": question.usage, "model": "m"}


def expected(provider, model, question, providers):
    """What genai-prices says: a status and nano-dollars, rounded up."""
    extractor, flavour = question.extractor
    _, usage = providers[extractor].extract_usage(response(question), api_flavor=flavour)
    prices = model.get_prices(question.at, question.context)
    if all(value is None for value in vars(prices).values()):
        return "unpriced", None
    cost = model.calc_price(
        usage, provider, genai_request_timestamp=question.at, price_context=question.context
    )
    return "ok", int((cost.total_price * 10**9).to_integral_value(decimal.ROUND_CEILING))


def ask(lines):
    asked = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    answers = subprocess.run([program(), "cost"], input=asked, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in answers.stdout.splitlines()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", default="1")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    decimal.getcontext().prec = 60
    started = time.monotonic()

    providers = {provider.id: provider for provider in data.providers}
    asked, lines, hidden = [], [], []
    for provider in data.providers:
        for model in provider.models:
            name = known_name(provider, model)
            if name is None:
                hidden.append(f"{provider.id}/{model.id}")
                continue
            for question in questions(provider, model, options.seed):
                asked.append((provider, model, question))
                lines.append({
                    "id": len(lines), "provider": provider.id, "model": name, "at": question.at.isoformat(),
                    "api": question.api, "usage": question.usage, "context": question.context,
                })
    answers = ask(lines)
    if len(answers) != len(lines):
        sys.exit(f"{len(lines)} lines were asked, {len(answers)} answered")

    found = collections.defaultdict(list)
    models = set()
    for (provider, model, question), line, answer in zip(asked, lines, answers):
        status, nano = expected(provider, model, question, providers)
        models.add((provider.id, model.id))
        same = answer["id"] == line["id"] and answer["status"] == status and answer.get("nano_usd") == nano
        if same and answer.get("matched") == model.id:
            continue
        found[f"{provider.id}/{model.id}"].append(
            f"{question.kind}: genai-prices {status} {nano}, weir {answer['status']} {answer.get('nano_usd')}"
            f" ({answer.get('matched')}) {answer.get('message', '')}"
        )

    reasons = json.loads(DIFFERENCES.read_text()) if DIFFERENCES.exists() else {}
    if options.write:
        reasons = {name: reasons.get(name, "?") for name in sorted(found)}
        DIFFERENCES.write_text(json.dumps(reasons, indent=1, ensure_ascii=False) + "\n")
    bad = False
    for name in sorted(found):
        if reasons.get(name, "?") == "?":
            bad = True
            print(f"{name}: a difference that differences.json does not explain")
            for text in found[name][:4]:
                print(f"    {text}")
    # Another seed may ask for too few tokens for a difference to show.
    for name in sorted(reasons.keys() - found.keys()) if options.seed == "1" else ():
        bad = True
        print(f"{name}: differences.json explains a difference that there is not")
    print(
        f"{len(lines)} usages of {len(models)} models, {sum(map(len, found.values()))} differ in {len(found)} models,"
        f" {len(hidden)} models cannot be named, {time.monotonic() - started:.0f} s"
    )
    sys.exit(1 if bad else 0)


main()
