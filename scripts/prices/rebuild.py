"""Makes the bundled price table from genai-prices (names, rules, prices) and litellm (output limits), and says what is new in it."""

import argparse
import datetime
import decimal
import importlib.metadata
import json
import pathlib
import sys
import zipfile

from genai_prices import data, types
from genai_prices.data_units import unit_data

TABLE = pathlib.Path(__file__).resolve().parents[2] / "Sources/CPrices/prices.json"
LITELLM = "1.80.0"

# The rates of the table, by genai-prices' names, in the table's order.
RATES = {
    "input_mtok": "input", "output_mtok": "output", "cache_read_mtok": "cache_read", "cache_write_mtok": "cache_write",
    "cache_write_1h_mtok": "cache_write_1h", "input_audio_mtok": "input_audio", "cache_audio_read_mtok": "cache_read_audio",
    "output_audio_mtok": "output_audio", "input_image_mtok": "input_image", "cache_image_read_mtok": "cache_read_image",
    "output_image_mtok": "output_image", "input_video_mtok": "input_video", "output_video_mtok": "output_video",
    "output_reasoning_mtok": "output_reasoning", "output_citation_mtok": "output_citation", "web_searches_kcount": "web_search",
    "storage_searches_kcount": "storage_search", "requests_kcount": "request", "input_text_messages_kcount": "input_text_message",
    "input_document_kpages": "document_page", "input_annotated_document_kpages": "annotated_document_page",
    "input_mchars": "input_character", "audio_hours": "audio_hour", "input_audio_hours": "input_audio_hour",
}

# What litellm puts before a provider's names.
LITELLM_PREFIXES = {
    "openai": [""], "aws": ["", "bedrock/"], "google": ["gemini/", "", "vertex_ai/"], "azure": ["azure/", "", "azure_ai/"],
    "anthropic": [""], "groq": ["groq/"], "openrouter": ["openrouter/"], "voyageai": ["voyage/"], "x-ai": ["xai/"],
    "mistral": ["mistral/"], "moonshotai": ["moonshot/"], "cohere": ["", "cohere/"], "databricks": ["databricks/"],
    "perplexity": ["perplexity/"], "cerebras": ["cerebras/"], "cloudflare": ["cloudflare/"], "deepseek": ["deepseek/"],
    "together": ["together_ai/"], "fireworks": ["fireworks_ai/"], "novita": ["novita/"], "zai": ["zai/"],
}

PER = {unit["price_key"]: unit["per"] for unit in unit_data.values()}


class Builder:
    def __init__(self, limits):
        self.limits = limits
        self.rounded = []
        self.left_out = set()

    def rule(self, clause):
        match clause:
            case types.ClauseEquals(equals=text):
                return {"equals": text}
            case types.ClauseStartsWith(starts_with=text):
                return {"prefix": text}
            case types.ClauseEndsWith(ends_with=text):
                return {"suffix": text}
            case types.ClauseContains(contains=text):
                return {"contains": text}
            case types.ClauseRegex(regex=text):
                return {"regex": text}
            case types.ClauseOr(or_=parts):
                return {"any": [self.rule(part) for part in parts]}
            case types.ClauseAnd(and_=parts):
                return {"all": [self.rule(part) for part in parts]}
        raise ValueError(f"a match rule of another kind: {clause!r}")

    def pico(self, value, key, place):
        """Pico-dollars per token or event, or per 3,600 seconds."""
        per = 1 if PER[key] == 3600 else PER[key]
        exact = value * 10**12 / per
        whole = int(exact.to_integral_value(decimal.ROUND_HALF_EVEN))
        if whole != exact:
            provider, model = place
            self.rounded.append({
                "provider": provider, "model": model, "rate": RATES[key], "published_usd": str(value), "stored": whole,
            })
        return whole

    def amount(self, value, key, place):
        if not isinstance(value, types.TieredPrices):
            return self.pico(value, key, place)
        tiers = [{"above": tier.start, "rate": self.pico(tier.price, key, place)} for tier in value.tiers]
        return {"base": self.pico(value.base, key, place), "tiers": tiers}

    def rates(self, prices, place):
        values = vars(prices)
        self.left_out |= {key for key, value in values.items() if value is not None and key not in RATES}
        rates = {name: self.amount(values[key], key, place) for key, name in RATES.items() if values.get(key) is not None}
        # A price of nothing at all is a gap or a gift; neither is to be taken for granted.
        return {} if all(rate == 0 for rate in rates.values()) else rates

    def entry(self, condition, prices, place):
        entry = {}
        if isinstance(condition, types.StartDateConstraint):
            entry["from"] = condition.start_date.isoformat()
        elif isinstance(condition, types.TimeOfDateConstraint):
            entry["daily_utc"] = [f"{time:%H:%M}" for time in (condition.start_time, condition.end_time)]
        return entry | {"rates": self.rates(prices, place)}

    def model(self, provider, model):
        place = (provider.id, model.id)
        entry = {"id": model.id, "match": self.rule(model.match)}
        if model.name is not None:
            entry["name"] = model.name
        if model.context_window is not None:
            entry["context_window"] = model.context_window
        entry |= self.output_limits(provider, model)
        if model.deprecated:
            entry["deprecated"] = True
        sets = model.prices if isinstance(model.prices, list) else [types.ConditionalPrice(prices=model.prices)]
        prices = [self.entry(each.constraint, each.prices, place) for each in sets]
        if not any(price["rates"] for price in prices):
            entry["unpriced"] = True
        entry["prices"] = prices
        if model.price_variants:
            entry["variants"] = [
                {"when": each.when} | self.entry(each.constraint, each.prices, place) for each in model.price_variants
            ]
        return entry

    def output_limits(self, provider, model):
        for prefix in LITELLM_PREFIXES.get(provider.id, []):
            known = self.limits.get(prefix + model.id)
            if known is None:
                continue
            pairs = (("max_input", known.get("max_input_tokens")), ("max_output", known.get("max_output_tokens")))
            return {name: value for name, value in pairs if isinstance(value, int)}
        return {}

    def provider(self, provider):
        head = {"id": provider.id, "name": provider.name, "url_regex": provider.api_pattern}
        if provider.model_match:
            head["model_match"] = self.rule(provider.model_match)
        if provider.provider_match:
            head["provider_match"] = self.rule(provider.provider_match)
        if provider.fallback_model_providers:
            head["fallback"] = provider.fallback_model_providers
        if provider.pricing_urls:
            head["pricing_urls"] = provider.pricing_urls
        models = ",\n".join(
            json.dumps(self.model(provider, model), ensure_ascii=False, separators=(",", ":")) for model in provider.models
        )
        return json.dumps(head, ensure_ascii=False)[:-1] + f', "models":[\n{models}\n]}}'


def text_of(builder, as_of):
    version = importlib.metadata.version("genai-prices")
    used = "names, match rules, prices, dates, tiers, variants, context windows"
    limits = "max_output and max_input where the names are the same; cross-check"
    sources = [
        {"name": "genai-prices", "version": version, "licence": "MIT", "used_for": used},
        {"name": "litellm", "version": LITELLM, "licence": "MIT", "used_for": limits},
    ]
    note = (
        "1 pico-USD = 1e-12 USD = 0.001 nano-USD. Token rates are per token, event rates per event, "
        "audio_hour rates per 3,600 seconds. See prices.md."
    )
    providers = ",\n".join(builder.provider(provider) for provider in data.providers)
    rounded = ",\n".join(f"  {json.dumps(entry, ensure_ascii=False)}" for entry in builder.rounded)
    return (
        f'{{\n "format": 1,\n "unit": "pico-USD",\n "note": {json.dumps(note)},\n "sources": {json.dumps(sources)},\n'
        f' "as_of": "{as_of}",\n "rounded": [\n{rounded}],\n "providers":[\n{providers}\n]}}\n'
    )


def models_of(table):
    return {(provider["id"], model["id"]): model for provider in table["providers"] for model in provider["models"]}


def changes(old, new):
    """A line for each provider that is new or described anew, and for each model that came, went or changed."""
    for name in ("providers", "rounded"):
        heads = [[{**entry, "models": None} for entry in table[name]] for table in (old, new)]
        for head in heads[1]:
            if head not in heads[0]:
                yield f"  {name}: {json.dumps(head)}"
    before, after = models_of(old), models_of(new)
    for key in sorted(before.keys() | after.keys()):
        name = "/".join(key)
        if key not in before:
            yield f"+ {name} {json.dumps(after[key]['prices'])}"
        elif key not in after:
            yield f"- {name}"
        else:
            for part in sorted(before[key].keys() | after[key].keys()):
                one, two = before[key].get(part), after[key].get(part)
                if one != two:
                    yield f"  {name} {part}: {json.dumps(one)} -> {json.dumps(two)}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--litellm", required=True, help="litellm's wheel")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    decimal.getcontext().prec = 60
    if LITELLM not in pathlib.Path(options.litellm).name:
        sys.exit(f"update-prices: litellm {LITELLM} is needed and no other")
    with zipfile.ZipFile(options.litellm) as wheel:
        limits = json.loads(wheel.read("litellm/model_prices_and_context_window_backup.json"))

    committed = TABLE.read_text()
    old = json.loads(committed)
    version = importlib.metadata.version("genai-prices")
    is_same_version = version == next(source["version"] for source in old["sources"] if source["name"] == "genai-prices")
    builder = Builder(limits)
    text = text_of(builder, old["as_of"] if is_same_version else f"{datetime.date.today():%Y-%m}")
    for key in sorted(builder.left_out):
        print(f"update-prices: prices of {key} are left out: the table has no rate for them", file=sys.stderr)
    if text == committed:
        print(f"the table is what genai-prices {version} and litellm {LITELLM} give")
        return
    for line in changes(old, json.loads(text)):
        print(line)
    if options.check:
        sys.exit("update-prices: the table differs")
    TABLE.write_text(text)
    print(f"the table is now of genai-prices {version}; run the tests, and Tests/Prices/run with the same version")


main()
