"""The usages that are asked about: for every model some of each kind that its prices tell apart, at the times when they change."""

import datetime
import random

from genai_prices import types

UTC = datetime.UTC
USUAL_TIME = datetime.datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


class Question:
    """One usage object as a provider returns it, and where genai-prices finds the extractor for it."""

    def __init__(self, kind, api, usage, extractor, at=USUAL_TIME, context=None):
        self.kind, self.api, self.usage, self.extractor = kind, api, usage, extractor
        self.at, self.context = at, context or {}

    def moved(self, kind, at=None, context=None):
        return Question(f"{self.kind} {kind}", self.api, self.usage, self.extractor, at or self.at, context or self.context)


def name_of(clause):
    """A name that the rule holds for, or None."""
    match clause:
        case types.ClauseEquals(equals=text) | types.ClauseStartsWith(starts_with=text):
            return text
        case types.ClauseEndsWith(ends_with=text) | types.ClauseContains(contains=text):
            return text
        case types.ClauseOr(or_=parts):
            return next(filter(None, map(name_of, parts)), None)
        case types.ClauseAnd(and_=parts):
            return next(filter(None, map(name_of, parts)), None)
    return None


def price_sets(model):
    """All prices of a model: of every date, hour and variant."""
    prices = model.prices if isinstance(model.prices, list) else [types.ConditionalPrice(prices=model.prices)]
    return prices, model.price_variants or []


def rate_names(model):
    prices, variants = price_sets(model)
    return {name for entry in [*prices, *variants] for name, value in vars(entry.prices).items() if value is not None}


def borders(model):
    """The numbers of input tokens above which a tier begins."""
    prices, variants = price_sets(model)
    values = [value for entry in [*prices, *variants] for value in vars(entry.prices).values()]
    return sorted({tier.start for value in values if isinstance(value, types.TieredPrices) for tier in value.tiers})


def moments(model):
    """The times around which a price changes."""
    prices, variants = price_sets(model)
    times = []
    for entry in [*prices, *variants]:
        constraint = entry.constraint
        if isinstance(constraint, types.StartDateConstraint):
            start = datetime.datetime.combine(constraint.start_date, datetime.time(), tzinfo=UTC)
            times += [start - datetime.timedelta(seconds=1), start]
        elif isinstance(constraint, types.TimeOfDateConstraint):
            for edge in (constraint.start_time, constraint.end_time):
                moment = datetime.datetime.combine(USUAL_TIME.date(), edge.replace(tzinfo=None), tzinfo=UTC)
                times += [moment - datetime.timedelta(seconds=1), moment]
    return sorted(set(times))


def chat(draw, prompt=None, **parts):
    prompt = draw.randint(100, 60_000) if prompt is None else prompt
    completion = draw.randint(1, 8_000)
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    inside, outside = {}, {}
    if "cached" in parts:
        inside["cached_tokens"] = draw.randint(1, prompt // 2)
    if "written" in parts:
        inside["cache_write_tokens"] = draw.randint(1, prompt // 3)
    if "audio" in parts:
        inside["audio_tokens"] = draw.randint(1, prompt // 2)
        outside["audio_tokens"] = draw.randint(0, completion // 2)
    if "reasoning" in parts:
        outside["reasoning_tokens"] = draw.randint(0, completion // 2)
    usage["prompt_tokens_details"] = inside or None
    usage["completion_tokens_details"] = outside or None
    return usage


def anthropic(draw, prompt=None):
    five, hour = draw.randint(0, 9_000), draw.randint(0, 9_000)
    read = draw.randint(0, 50_000)
    prompt = draw.randint(1, 20_000) if prompt is None else max(0, prompt - five - hour - read)
    output = draw.randint(1, 8_000)
    return {
        "input_tokens": prompt,
        "cache_creation_input_tokens": five + hour,
        "cache_read_input_tokens": read,
        "cache_creation": {"ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": hour},
        "output_tokens": output,
        "output_tokens_details": {"thinking_tokens": draw.randint(0, output)},
    }


def gemini(draw, names):
    """Modalities that have a price of their own; text besides. What is cached is split as well."""
    prompt = {"TEXT": draw.randint(100, 40_000)}
    cached = {"TEXT": draw.randint(0, prompt["TEXT"])} if "cache_read_mtok" in names else {}
    output = {"TEXT": draw.randint(1, 4_000)}
    for modality, name in (("AUDIO", "audio"), ("IMAGE", "image"), ("VIDEO", "video")):
        if f"input_{name}_mtok" in names:
            prompt[modality] = draw.randint(1, 9_000)
            if f"cache_{name}_read_mtok" in names:
                cached[modality] = draw.randint(0, prompt[modality])
        if f"output_{name}_mtok" in names:
            output[modality] = draw.randint(1, 9_000)

    def details(counts):
        return [{"modality": modality, "tokenCount": count} for modality, count in counts.items()]

    usage = {
        "promptTokenCount": sum(prompt.values()),
        "promptTokensDetails": details(prompt),
        "candidatesTokenCount": sum(output.values()),
        "candidatesTokensDetails": details(output),
        "thoughtsTokenCount": draw.randint(0, 4_000),
    }
    if cached:
        usage["cachedContentTokenCount"] = sum(cached.values())
        usage["cacheTokensDetails"] = details(cached)
    return usage


def bedrock(draw):
    five, hour = draw.randint(0, 9_000), draw.randint(0, 9_000)
    return {
        "inputTokens": draw.randint(1, 20_000),
        "outputTokens": draw.randint(1, 8_000),
        "cacheReadInputTokens": draw.randint(0, 50_000),
        "cacheWriteInputTokens": five + hour,
        "cacheDetails": [{"ttl": "5m", "inputTokens": five}, {"ttl": "1h", "inputTokens": hour}],
    }


def responses(draw):
    prompt, output = draw.randint(100, 60_000), draw.randint(1, 8_000)
    return {
        "input_tokens": prompt,
        "input_tokens_details": {"cached_tokens": draw.randint(0, prompt)},
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": draw.randint(0, output)},
        "total_tokens": prompt + output,
    }


def images(draw):
    text, image, output = draw.randint(1, 900), draw.randint(1, 9_000), draw.randint(1, 9_000)
    return {
        "input_tokens": text + image,
        "input_tokens_details": {"text_tokens": text, "image_tokens": image},
        "output_tokens": output,
        "output_tokens_details": {"text_tokens": output // 4, "image_tokens": output - output // 4},
        "total_tokens": text + image + output,
    }


def perplexity(draw):
    usage = {"prompt_tokens": draw.randint(1, 9_000), "completion_tokens": draw.randint(1, 4_000)}
    return usage | {
        "citation_tokens": draw.randint(0, 9_000),
        "reasoning_tokens": draw.randint(0, 90_000),
        "num_search_queries": draw.randint(1, 30),
    }


def xai(draw):
    usage = chat(draw, reasoning=True, cached=True)
    usage["completion_tokens_details"]["reasoning_tokens"] += usage["completion_tokens"]
    return usage


CHAT, RESPONSES = ("openai", "chat"), ("openai", "responses")


def usages(model, names, draw):
    """Kinds of usage whose parts the model's prices tell apart, and plain ones for all."""
    if names and names <= {"input_audio_hours", "audio_hours", "input_text_messages_kcount"}:
        yield Question("seconds", "openai.transcription", {"type": "duration", "seconds": draw.randint(11, 9_000)}, ("openai", "live"))
        return
    if names and names <= {"input_document_kpages", "input_annotated_document_kpages"}:
        yield Question("pages", "mistral.ocr", {"pages_processed": draw.randint(1, 900)}, ("mistral", "ocr"))
        return
    if names == {"input_mchars"}:
        return
    if names and "output_mtok" not in names:
        tokens = draw.randint(1, 9_000)
        yield Question("embeddings", "embeddings", {"prompt_tokens": tokens, "total_tokens": tokens}, ("openai", "embeddings"))
        return
    yield Question("chat", "openai.chat", chat(draw), CHAT)
    yield Question("chat cached reasoning", "openai.chat", chat(draw, cached=True, reasoning=True), CHAT)
    yield Question("chat written", "openai.chat", chat(draw, cached=True, written=True), CHAT)
    yield Question("responses", "openai.responses", responses(draw), RESPONSES)
    yield Question("anthropic", "anthropic", anthropic(draw), ("anthropic", "default"))
    yield Question("bedrock", "bedrock", bedrock(draw), ("aws", "default"))
    yield Question("xai", "xai.chat", xai(draw), ("x-ai", "chat"))
    if any("audio" in name or "image" in name or "video" in name for name in names):
        yield Question("modalities", "gemini", gemini(draw, names), ("google", "default"))
    if "input_audio_mtok" in names:
        yield Question("chat audio", "openai.chat", chat(draw, audio=True, reasoning=True), CHAT)
    if "input_image_mtok" in names:
        yield Question("images", "openai.images", images(draw), ("openai", "images"))
    if "web_searches_kcount" in names or "requests_kcount" in names:
        usage = anthropic(draw)
        if "web_searches_kcount" in names:
            usage["server_tool_use"] = {"web_search_requests": draw.randint(1, 20)}
            yield Question("perplexity", "perplexity", perplexity(draw), ("perplexity", "default"))
        yield Question("searches", "anthropic", usage, ("anthropic", "default"))
    for border in borders(model):
        for prompt in (border - 1, border, border + 1):
            if prompt > 100:
                yield Question(f"tier {prompt}", "openai.chat", chat(draw, prompt=prompt, cached=True), CHAT)
                yield Question(f"tier {prompt} anthropic", "anthropic", anthropic(draw, prompt=max(prompt, 70_000)), ("anthropic", "default"))


def questions(provider, model, seed):
    """All questions about one model."""
    draw = random.Random(f"{seed} {provider.id} {model.id}")
    first = None
    for question in usages(model, rate_names(model), draw):
        first = first or question
        yield question
        for variant in model.price_variants or []:
            yield question.moved(f"{variant.when}", context=variant.when)
    for moment in moments(model):
        if first:
            yield first.moved(f"at {moment:%Y-%m-%dT%H:%M:%S}", at=moment)
            for variant in model.price_variants or []:
                yield first.moved(f"{variant.when} at {moment:%Y-%m-%dT%H:%M:%S}", at=moment, context=variant.when)
