"""Requests that several tests send, and what every answer must look like."""

import json

WEATHER = {
    "name": "get_weather",
    "description": "The weather in a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string", "enum": ["Oslo", "Bern"]}},
        "required": ["city"],
        "additionalProperties": False,
    },
}
CHAT_TOOL = {"type": "function", "function": WEATHER}
RESPONSES_TOOL = {"type": "function", "strict": False, **WEATHER}


def user(text: str) -> list[dict]:
    return [{"role": "user", "content": text}]


def check_usage(usage) -> None:
    assert usage.prompt_tokens > 0 and usage.completion_tokens > 0
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


def check_arguments(text: str) -> None:
    arguments = json.loads(text)
    assert list(arguments) == ["city"] and arguments["city"] in ("Oslo", "Bern")


def gather(stream) -> tuple[str, dict[int, dict], str | None, list, list]:
    """Reads a chat stream to its end: text, tool calls by index, finish reason, usages, chunks."""
    text, calls, finish, usages, chunks = "", {}, None, [], []
    for chunk in stream:
        chunks.append(chunk)
        if chunk.usage:
            usages.append(chunk.usage)
        for choice in chunk.choices:
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
            for part in choice.delta.tool_calls or []:
                call = calls.setdefault(part.index, {"id": "", "name": "", "arguments": ""})
                call["id"] += part.id or ""
                call["name"] += (part.function and part.function.name) or ""
                call["arguments"] += (part.function and part.function.arguments) or ""
    return text, calls, finish, usages, chunks
