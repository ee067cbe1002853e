"""The openai SDK and a provider of each dialect: chat completions.

Whatever the provider speaks, the SDK sees the same; what a provider cannot do, it hears, or reads in `x-weir-dropped`.
"""

import base64
import json

import openai
import pydantic
import pytest

from dialects import KEY, PIXEL, check_books, cost, has_pixel, schema, stops
from shapes import CHAT_TOOL, gather, user

pytestmark = pytest.mark.gateway

QUESTION = "What is a weir? #mock seed=7 events=6 bytes=24 input=70 cached=20 output=9"


@pytest.fixture(scope="module")
def client(gateway):
    with openai.OpenAI(base_url=f"{gateway.root}/v1", api_key=KEY, max_retries=0, timeout=30) as client:
        yield client


def ask(client, upstream, text="Hello", **options):
    return client.chat.completions.create(**{"model": upstream.name, "messages": user(text)} | options)


def test_json_and_stream_say_the_same_and_cost_what_was_billed(client, gateway, upstream):
    raw = client.chat.completions.with_raw_response.create(model=upstream.name, messages=user(QUESTION))
    whole, bill = raw.parse(), gateway.billed()
    assert len(whole.choices[0].message.content.encode()) == 6 * 24 and whole.choices[0].finish_reason == "stop"
    usage = whole.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (70, 9, 79)
    assert usage.prompt_tokens_details.cached_tokens == 20
    assert float(raw.headers["x-weir-cost-usd"]) == pytest.approx(cost(bill["usage"]), abs=1e-9)
    assert raw.headers["x-weir-provider"] == upstream.name and bill["model"] == upstream.model
    if upstream.dialect != "gemini":  # Google gives no id in a header
        assert raw.headers["x-weir-upstream-request-id"] == bill["request_id"]
    text, _, finish, usages, _ = gather(
        ask(client, upstream, QUESTION, stream=True, stream_options={"include_usage": True}))
    assert text == whole.choices[0].message.content and finish == "stop" and len(usages) == 1
    assert usages[0].model_dump(include={"prompt_tokens", "completion_tokens", "total_tokens"}) == usage.model_dump(
        include={"prompt_tokens", "completion_tokens", "total_tokens"})
    assert gateway.billed()["usage"] == bill["usage"]
    assert gather(ask(client, upstream, QUESTION, stream=True))[3] == [], "nobody asked for usage"


def test_reasoning_is_counted(client, gateway, upstream):
    usage = ask(client, upstream, "Think. #mock events=3 reasoning=6").usage
    assert usage.completion_tokens == gateway.billed()["usage"]["output_tokens"] == 9
    # Amazon does not say how much of an answer was thought.
    assert usage.completion_tokens_details.reasoning_tokens == (0 if upstream.dialect == "bedrock" else 6)


def test_a_limit_ends_an_answer(client, upstream):
    answer = ask(client, upstream, "Long #mock events=50", max_completion_tokens=7)
    assert answer.choices[0].finish_reason == "length" and answer.usage.completion_tokens == 7


def check_calls(message, finish, calls) -> None:
    assert finish == "tool_calls" and len(message.tool_calls) == calls and not message.content
    for call in message.tool_calls:
        assert call.type == "function" and call.function.name == "get_weather"
        assert list(json.loads(call.function.arguments)) == ["text"]
    assert len({call.id for call in message.tool_calls}) == calls
    assert len({call.function.arguments for call in message.tool_calls}) == calls


@pytest.mark.parametrize("calls", [1, 3])
@pytest.mark.parametrize("streams", [False, True], ids=["json", "stream"])
def test_a_tool_is_called_and_its_result_goes_back(client, upstream, streams, calls):
    question = f"Weather? #mock tool=get_weather events=5 calls={calls}"
    if streams:
        with client.chat.completions.stream(
                model=upstream.name, messages=user(question), tools=[CHAT_TOOL]) as stream:
            answer = stream.get_final_completion()
    else:
        answer = ask(client, upstream, question, tools=[CHAT_TOOL])
    choice = answer.choices[0]
    check_calls(choice.message, choice.finish_reason, calls)
    history = user(question) + [choice.message.model_dump(exclude_none=True, exclude={"parsed"}), *(
        {"role": "tool", "tool_call_id": call.id, "content": "rain"} for call in choice.message.tool_calls)]
    messages = history + user("And now? #mock events=2 bytes=16")
    assert len(ask(client, upstream, messages=messages, tools=[CHAT_TOOL]).choices[0].message.content.encode()) == 32
    text, _, finish, _, _ = gather(ask(client, upstream, messages=messages, tools=[CHAT_TOOL], stream=True))
    assert len(text.encode()) == 32 and finish == "stop"


def test_results_of_parallel_calls_go_back(client, upstream):
    calls = [{"id": f"call_{city}", "type": "function", "function": {
        "name": "get_weather", "arguments": json.dumps({"city": city})}} for city in ("Oslo", "Bern")]
    results = [{"role": "tool", "tool_call_id": f"call_{city}", "content": sky} for city, sky in (
        ("Bern", "fog"), ("Oslo", "snow"))]
    history = user("Weather?") + [{"role": "assistant", "content": "I look.", "tool_calls": calls}, *results]
    for streams in (False, True):
        answer = ask(client, upstream, messages=history, tools=[CHAT_TOOL], stream=streams)
        assert gather(answer)[2] == "stop" if streams else answer.choices[0].finish_reason == "stop"


@pytest.mark.parametrize("choice", ["none", "required", {"type": "function", "function": {"name": "get_weather"}}],
                         ids=["none", "required", "named"])
def test_a_tool_is_chosen(client, upstream, choice):
    assert ask(client, upstream, "Hello #mock events=2", tools=[CHAT_TOOL], tool_choice=choice).choices


def test_an_image_is_seen(client, gateway, upstream):
    parts = [{"type": "text", "text": "What is this? #mock events=2"}, {
        "type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}]
    assert ask(client, upstream, messages=[{"role": "user", "content": parts}]).choices[0].message.content
    assert has_pixel(upstream, gateway.asked())


class Reading(pydantic.BaseModel):
    text: str


def test_an_answer_has_the_form_of_a_class(client, gateway, upstream):
    messages = user("Read. #mock json events=4 bytes=20")
    answer = client.chat.completions.parse(model=upstream.name, messages=messages, response_format=Reading)
    assert len(answer.choices[0].message.parsed.text.encode()) == 80
    assert schema(upstream, gateway.asked())["required"] == ["text"]
    with client.chat.completions.stream(model=upstream.name, messages=messages, response_format=Reading) as stream:
        assert stream.get_final_completion().choices[0].message.parsed == answer.choices[0].message.parsed


def test_an_answer_is_some_json_object(client, upstream):
    answer = ask(client, upstream, "Answer in JSON. #mock json", response_format={"type": "json_object"})
    assert json.loads(answer.choices[0].message.content)["text"]


def test_stops_are_said_in_the_dialect(client, gateway, upstream):
    assert ask(client, upstream, stop=["END", "\n\nUser:"]).choices
    assert stops(upstream, gateway.asked()) == ["END", "\n\nUser:"]


# What of a request each dialect can say: passes, is named in x-weir-dropped, or is refused by the name of the parameter.
SAID, DROPPED, REFUSED = "said", "dropped", "refused"
OPTIONS = [
    ("n", {"n": 2}, {"anthropic": REFUSED, "bedrock": REFUSED}),
    ("logprobs", {"logprobs": True, "top_logprobs": 2}, {"anthropic": REFUSED, "bedrock": REFUSED}),
    ("logit_bias", {"logit_bias": {"50256": -100}}, {"anthropic": REFUSED, "gemini": REFUSED, "bedrock": REFUSED}),
    ("frequency_penalty", {"frequency_penalty": 0.5}, {"anthropic": REFUSED, "bedrock": REFUSED}),
    ("presence_penalty", {"presence_penalty": 0.5}, {"anthropic": REFUSED, "bedrock": REFUSED}),
    ("seed", {"seed": 7}, {"anthropic": DROPPED, "bedrock": DROPPED}),
    ("temperature", {"temperature": 0.5}, {}),
    ("user", {"user": "u-1"}, {"gemini": DROPPED, "bedrock": DROPPED}),
    ("parallel_tool_calls", {"parallel_tool_calls": False, "tools": [CHAT_TOOL]}, {"gemini": REFUSED, "bedrock": REFUSED}),
    ("reasoning_effort", {"reasoning_effort": "low"}, {}),
    ("store", {"store": False}, {}),
    ("verbosity", {"verbosity": "low"}, {"anthropic": DROPPED, "gemini": DROPPED, "bedrock": DROPPED}),
]


@pytest.mark.parametrize("name, options, fates", OPTIONS, ids=[name for name, _, _ in OPTIONS])
def test_what_cannot_be_said_is_told(client, gateway, upstream, name, options, fates):
    fate = fates.get(upstream.dialect, SAID)
    call = client.chat.completions.with_raw_response.create
    if fate == REFUSED:
        with pytest.raises(openai.BadRequestError) as caught:
            call(model=upstream.name, messages=user("Hello"), **options)
        assert caught.value.code == "unsupported_parameter" and caught.value.param == name and caught.value.request_id
        assert gateway.bill(gateway.seen)["data"] == [], "no provider was asked"
        return
    answer = call(model=upstream.name, messages=user("Hello"), **options)
    dropped = [each for each in answer.headers.get("x-weir-dropped", "").split(", ") if each]
    assert answer.parse().choices and dropped == ([name] if fate == DROPPED else [])


PDF = base64.b64encode(b"%PDF-1.4\n%%EOF\n").decode()
LONG_ID = "call/\u00fc 1" + "x" * 80
CALL = {"role": "assistant", "content": None, "tool_calls": [{
    "id": LONG_ID, "type": "function", "function": {"name": "get_weather", "arguments": ""}}]}
# Conversations that are not as every provider has them, with who refuses them and by which parameter.
CONVERSATIONS = [
    ("instructions anywhere", [{"role": "developer", "content": "Be terse."}, *user("A"), {
        "role": "system", "content": "Be kind."}, *user("B")], {}, {}),
    ("an answer without a word", [*user("A"), {"role": "assistant", "content": ""}, *user("B")], {}, {}),
    ("a call of no tool of this request", [*user("A"), CALL, {
        "role": "tool", "tool_call_id": LONG_ID, "content": ""}], {}, {}),
    ("a tool without parameters", user("A"), {"tools": [{"type": "function", "function": {"name": "f"}}]}, {}),
    ("some of the tools", user("A"), {"tools": [CHAT_TOOL], "tool_choice": {"type": "allowed_tools", "allowed_tools": {
        "mode": "required", "tools": [{"type": "function", "function": {"name": "get_weather"}}]}}}, {}),
    ("a document", [{"role": "user", "content": [{"type": "text", "text": "Read."}, {"type": "file", "file": {
        "filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}}]}], {}, {}),
    ("an image at an address", [{"role": "user", "content": [{"type": "image_url", "image_url": {
        "url": "https://example.com/a.png"}}]}], {}, {"gemini": "messages[0].image_url", "bedrock": "messages[0].image_url"}),
    ("a sound", [{"role": "user", "content": [{"type": "text", "text": "Listen."}, {"type": "input_audio", "input_audio": {
        "data": "UklGRg==", "format": "wav"}}]}], {}, {
        "anthropic": "messages[0].content[1]", "bedrock": "messages[0].input_audio"}),
    ("an answer that comes first", [{"role": "assistant", "content": "Hi"}, *user("A")], {}, {
        "anthropic": "messages[0]", "bedrock": "messages"}),
]


@pytest.mark.parametrize("messages, options, refused", [each[1:] for each in CONVERSATIONS], ids=[
    name.replace(" ", "-") for name, *_ in CONVERSATIONS])
def test_unusual_conversations(client, gateway, upstream, messages, options, refused):
    if param := refused.get(upstream.dialect):
        with pytest.raises(openai.BadRequestError) as caught:
            ask(client, upstream, messages=messages, **options)
        assert caught.value.param == param and gateway.bill(gateway.seen)["data"] == [], caught.value
        return
    for streams in (False, True):
        answer = ask(client, upstream, messages=messages, stream=streams, **options)
        assert gather(answer)[2] == "stop" if streams else answer.choices[0].finish_reason == "stop"


def test_what_is_no_conversation_stays_with_its_api(client, upstream):
    if upstream.speaks_openai:
        assert len(client.embeddings.create(model=upstream.name, input=["river", "lake"]).data) == 2
        return
    for call in (lambda: client.embeddings.create(model=upstream.name, input="river"),
                 lambda: client.completions.create(model=upstream.name, prompt="A weir")):
        with pytest.raises(openai.BadRequestError) as caught:
            call()
        assert caught.value.code == "unsupported_endpoint" and caught.value.param == "model"


@pytest.mark.parametrize("told, error, status, code", [
    (400, openai.BadRequestError, 400, None), (401, openai.InternalServerError, 502, "upstream_auth_error"),
    (403, openai.InternalServerError, 502, "upstream_auth_error"), (429, openai.RateLimitError, 429, "rate_limit_exceeded"),
    (500, openai.InternalServerError, 502, "upstream_error"), (503, openai.InternalServerError, 503, "upstream_unavailable")])
@pytest.mark.parametrize("streams", [False, True], ids=["json", "stream"])
def test_a_provider_refuses(client, upstream, told, error, status, code, streams):
    with pytest.raises(openai.APIStatusError) as caught:
        ask(client, upstream, f"Fail #mock status={told} retry-after=7", stream=streams)
    problem = caught.value
    assert type(problem) is error and problem.status_code == status and problem.request_id, repr(problem)
    assert (problem.code == code or told in (400, 429)) and problem.body.keys() >= {"message", "type", "param", "code"}
    # Amazon says nothing of when to try again, and Google only where a quota is used up.
    if told == 429 and upstream.dialect != "bedrock" or told == 503 and upstream.dialect not in ("gemini", "bedrock"):
        assert problem.response.headers["retry-after"] == "7"


def test_a_credential_is_wrong(client, upstream):
    with pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model=f"{upstream.name}-wrong", messages=user("Hello"))
    assert caught.value.status_code == 502 and caught.value.code == "upstream_auth_error"


def test_a_model_is_unknown_and_a_key_is_wrong(client, upstream):
    with pytest.raises(openai.NotFoundError) as unknown:
        client.chat.completions.create(model=upstream.model, messages=user("Hello"))
    assert unknown.value.code == "model_not_found" and unknown.value.param == "model"
    with pytest.raises(openai.AuthenticationError) as caught:
        ask(client.with_options(api_key="sk-weir-wrong"), upstream)
    assert caught.value.code == "invalid_api_key"


@pytest.mark.parametrize("fault", ["cut=5", "error=5", "garbage=sse"])
def test_a_stream_breaks(client, upstream, fault):
    """Not a silent end: the error is in the stream, and the next request is served."""
    got = []
    # Events of the client's own API pass as they are, so that the SDK itself trips over one that is no JSON.
    with pytest.raises(json.JSONDecodeError if fault == "garbage=sse" and upstream.speaks_openai else openai.APIError):
        for chunk in ask(client, upstream, f"Break #mock events=9 bytes=8 {fault}", stream=True):
            got += [choice.finish_reason for choice in chunk.choices]
    assert got and set(got) == {None}
    assert ask(client, upstream).choices[0].finish_reason == "stop"


def test_the_books_agree(client, gateway, upstream):
    assert ask(client, upstream).choices
    check_books(gateway, upstream)
