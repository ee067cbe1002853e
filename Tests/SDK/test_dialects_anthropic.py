"""The anthropic SDK, the newest one and an old one, and a provider of each dialect: Messages."""

import anthropic
import pydantic
import pytest

from dialects import KEY, PIXEL, check_books, cost, has_pixel, schema, stops
from shapes import WEATHER, user

pytestmark = pytest.mark.gateway

QUESTION = "What is a weir? #mock seed=7 events=6 bytes=24 input=70 cached=20 output=9"
TOOL = {"name": WEATHER["name"], "description": WEATHER["description"], "input_schema": WEATHER["parameters"]}
IS_OLD = anthropic.__version__.startswith("0.")


@pytest.fixture(scope="module")
def client(gateway):
    with anthropic.Anthropic(base_url=gateway.root, api_key=KEY, max_retries=0, timeout=30) as client:
        yield client


def parameters(upstream, text="Hello", **options) -> dict:
    return {"model": upstream.name, "max_tokens": 4096, "messages": user(text)} | options


def ask(client, upstream, text="Hello", **options):
    return client.messages.create(**parameters(upstream, text, **options))


def stream(client, upstream, text="Hello", **options):
    with client.messages.stream(**parameters(upstream, text, **options)) as events:
        return events.get_final_message()


def counts(usage) -> tuple:
    return usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens or 0, usage.output_tokens


@pytest.mark.parametrize("written", [0, 8])
def test_json_and_stream_say_the_same_and_cost_what_was_billed(client, gateway, upstream, written):
    if upstream.dialect == "gemini":
        written = 0  # nothing there says what was written to the cache
    question = QUESTION + f" written={written}"
    raw = client.messages.with_raw_response.create(**parameters(upstream, question))
    whole, bill = raw.parse(), gateway.billed()
    assert [block.type for block in whole.content] == ["text"] and len(whole.content[0].text.encode()) == 6 * 24
    assert whole.stop_reason == "end_turn" and whole.role == "assistant" and whole.type == "message"
    assert counts(whole.usage) == (50 - written, 20, written, 9)
    assert float(raw.headers["x-weir-cost-usd"]) == pytest.approx(cost(bill["usage"]), abs=1e-9)
    assert raw.headers["x-weir-provider"] == upstream.name and bill["model"] == upstream.model
    final = stream(client, upstream, question)
    assert final.content[0].text == whole.content[0].text and final.stop_reason == "end_turn"
    assert final.usage.output_tokens == 9 and gateway.billed()["usage"] == bill["usage"]
    # The old SDK takes over nothing but the output's count from the stream's end, where other providers say the rest.
    if not IS_OLD or upstream.dialect == "anthropic":
        assert counts(final.usage) == counts(whole.usage)


def test_events_come_in_order(client, upstream):
    events = list(ask(client, upstream, "Hello #mock events=3", stream=True))
    types = [event.type for event in events if event.type != "ping"]
    assert types[:2] == ["message_start", "content_block_start"]
    assert types[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert set(types[2:-3]) == {"content_block_delta"} and events[0].message.id.startswith("msg_")


def test_a_limit_ends_an_answer(client, upstream):
    for answer in (ask(client, upstream, "Long #mock events=50", max_tokens=7),
                   stream(client, upstream, "Long #mock events=50", max_tokens=7)):
        assert answer.stop_reason == "max_tokens" and answer.usage.output_tokens == 7


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("method", [ask, stream])
def test_a_tool_is_used_and_its_result_goes_back(client, upstream, method, count):
    question = f"Weather? #mock tool=get_weather events=5 calls={count}"
    answer = method(client, upstream, question, tools=[TOOL])
    uses = [block for block in answer.content if block.type == "tool_use"]
    assert answer.stop_reason == "tool_use" and len({use.id for use in uses}) == len(uses) == count
    assert all(use.name == "get_weather" and list(use.input) == ["text"] for use in uses)
    assert len({use.input["text"] for use in uses}) == count
    messages = user(question) + [{"role": "assistant", "content": answer.content}, {
        "role": "user", "content": [
            *({"type": "tool_result", "tool_use_id": use.id, "content": "rain"} for use in uses),
            {"type": "text", "text": "And now? #mock events=2 bytes=16"}]}]
    final = method(client, upstream, messages=messages, tools=[TOOL])
    assert final.stop_reason == "end_turn" and len(final.content[0].text.encode()) == 32


def test_results_of_parallel_uses_go_back(client, upstream):
    uses = [{"type": "tool_use", "id": f"toolu_{city}", "name": "get_weather", "input": {"city": city}}
            for city in ("Oslo", "Bern")]
    results = [{"type": "tool_result", "tool_use_id": "toolu_Bern", "content": [{"type": "text", "text": "fog"}]},
               {"type": "tool_result", "tool_use_id": "toolu_Oslo", "content": "no such city", "is_error": True}]
    messages = user("Weather?") + [
        {"role": "assistant", "content": [{"type": "text", "text": "I look."}, *uses]}, {"role": "user", "content": results}]
    for method in (ask, stream):
        assert method(client, upstream, messages=messages, tools=[TOOL]).stop_reason == "end_turn"


@pytest.mark.parametrize("choice", ["any", "auto", "none", "tool"])
def test_a_tool_is_chosen(client, upstream, choice):
    named = {"type": choice, "name": "get_weather"} if choice == "tool" else {"type": choice}
    assert ask(client, upstream, "Hello #mock events=2", tools=[TOOL], tool_choice=named).content


def test_an_image_is_seen(client, gateway, upstream):
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
    content = [{"type": "text", "text": "What is this?"}, picture]
    for method in (ask, stream):
        assert method(client, upstream, messages=[{"role": "user", "content": content}]).content[0].text
        assert has_pixel(upstream, gateway.asked())


def test_instructions_and_stops_go_along(client, gateway, upstream):
    assert ask(client, upstream, system="Be terse.", stop_sequences=["END"]).content
    asked = gateway.asked()
    assert stops(upstream, asked) == ["END"] and "Be terse." in str(asked)


class Reading(pydantic.BaseModel):
    text: str


@pytest.mark.newest
def test_an_answer_has_the_form_of_a_class(client, gateway, upstream):
    text = "Read. #mock json events=4 bytes=20"
    answer = client.messages.parse(**parameters(upstream, text), output_format=Reading)
    assert len(answer.parsed_output.text.encode()) == 80
    assert schema(upstream, gateway.asked())["required"] == ["text"]
    assert stream(client, upstream, text, output_format=Reading).parsed_output == answer.parsed_output


THINKING = {"type": "enabled", "budget_tokens": 2048}


@pytest.mark.newest
@pytest.mark.filterwarnings("ignore:Using Claude")
@pytest.mark.parametrize("method", [ask, stream])
def test_thinking_comes_first_and_goes_back(client, gateway, upstream, method):
    question = "Think. #mock events=3 reasoning=6"
    answer = method(client, upstream, question, thinking=THINKING)
    thought = answer.content[0] if answer.content[0].type == "thinking" else None
    assert answer.content[-1].type == "text" and answer.usage.output_tokens == gateway.billed()["usage"]["output_tokens"] == 9
    # OpenAI's chat completions show no thought.
    assert (thought is None) == upstream.speaks_openai
    if thought:
        assert thought.thinking and (thought.signature or upstream.dialect == "gemini")
    # What the mock has signed it knows again: a changed signature, or a changed thought, it would refuse.
    content = [block.model_dump(exclude_none=True) for block in answer.content]
    content[-1]["text"] = "A weir."
    messages = user(question) + [{"role": "assistant", "content": content}] + user("Go on #mock events=2")
    assert method(client, upstream, messages=messages, thinking=THINKING).content[-1].text


@pytest.mark.newest
@pytest.mark.filterwarnings("ignore:Using Claude")
def test_a_forged_thought_is_refused_where_it_means_something(client, upstream):
    content = [{"type": "thinking", "thinking": "Hm.", "signature": "Zm9yZ2Vk"}, {"type": "text", "text": "A weir."}]
    messages = user("Think.") + [{"role": "assistant", "content": content}] + user("Go on")
    if upstream.dialect in ("anthropic", "bedrock"):
        with pytest.raises(anthropic.BadRequestError, match="signature"):
            ask(client, upstream, messages=messages, thinking=THINKING)
    else:  # another provider's signature means nothing there, and the thought is left out
        assert ask(client, upstream, messages=messages, thinking=THINKING).stop_reason == "end_turn"


def test_tokens_are_counted(client, upstream):
    api = client.beta.messages if IS_OLD else client.messages
    tokens = api.count_tokens(model=upstream.name, messages=user("How many tokens are these? #mock input=33")).input_tokens
    # Anthropic counts itself; for the others Weir does.
    assert tokens == 33 if upstream.dialect == "anthropic" else 5 <= tokens <= 60


@pytest.mark.parametrize("told, error, status, name", [
    (400, anthropic.BadRequestError, 400, "invalid_request_error"), (401, anthropic.InternalServerError, 502, "api_error"),
    (403, anthropic.InternalServerError, 502, "api_error"), (429, anthropic.RateLimitError, 429, "rate_limit_error"),
    (500, anthropic.InternalServerError, 502, "api_error"), (529, anthropic.InternalServerError, 529, "overloaded_error")])
@pytest.mark.parametrize("method", [ask, stream])
def test_a_provider_refuses(client, upstream, told, error, status, name, method):
    if upstream.dialect == "bedrock" and told == 529:
        told = 503  # as Amazon says it
    with pytest.raises(anthropic.APIStatusError) as caught:
        method(client, upstream, f"Fail #mock status={told} retry-after=7")
    problem = caught.value
    assert isinstance(problem, error) and problem.status_code == status, repr(problem)
    assert problem.body["type"] == "error" and problem.body["error"]["type"] == name and problem.body["error"]["message"]
    # What a provider says in the client's own API passes as it came.
    headers = problem.response.headers
    assert problem.body["request_id"] in (headers["request-id"], headers.get("x-weir-upstream-request-id"))
    # Amazon says nothing of when to try again.
    if told == 429 and upstream.dialect != "bedrock":
        assert problem.response.headers["retry-after"] == "7"


def test_a_credential_a_key_or_a_model_is_wrong(client, upstream):
    with pytest.raises(anthropic.InternalServerError) as caught:
        ask(client, upstream, model=f"{upstream.name}-wrong")
    assert caught.value.status_code == 502 and caught.value.body["error"]["type"] == "api_error"
    with pytest.raises(anthropic.NotFoundError) as caught:
        ask(client, upstream, model=upstream.model)
    assert caught.value.body["error"]["type"] == "not_found_error"
    with pytest.raises(anthropic.AuthenticationError) as caught:
        ask(client.with_options(api_key="sk-weir-wrong"), upstream)
    assert caught.value.body["error"]["type"] == "authentication_error"


# What of a request each dialect can say: passes, is named in x-weir-dropped, is refused, or is refused by the provider. The newest SDK asks for
# a version of the API that knows no sampling, and the address of `openai` is not OpenAI's: there may be a server that knows `top_k`.
SAID, DROPPED, REFUSED, REFUSED_THERE = "said", "dropped", "refused", "refused there"
UNKNOWN_NOW = {} if IS_OLD else {"anthropic": REFUSED_THERE}
HOSTED = {"type": "web_search_20250305", "name": "web_search"}
OPTIONS = [
    ("temperature", {"temperature": 0.5}, UNKNOWN_NOW),
    ("top_k", {"top_k": 5}, UNKNOWN_NOW | {"openai": REFUSED_THERE, "azure": DROPPED}),
    ("metadata.user_id", {"metadata": {"user_id": "u-1"}}, {"gemini": DROPPED, "bedrock": DROPPED}),
    ("tools", {"tools": [HOSTED]}, {"openai": REFUSED, "azure": REFUSED, "gemini": REFUSED, "bedrock": REFUSED}),
    ("stop_sequences", {"stop_sequences": list("abcdef")}, {"azure": REFUSED, "gemini": REFUSED}),
]


@pytest.mark.parametrize("name, options, fates", OPTIONS, ids=[name for name, _, _ in OPTIONS])
def test_what_cannot_be_said_is_told(client, gateway, upstream, name, options, fates):
    fate = fates.get(upstream.dialect, SAID)
    # The newest SDK's functions have no parameters for sampling any more.
    request = parameters(upstream, extra_body=options)
    if fate in (REFUSED, REFUSED_THERE):
        with pytest.raises(anthropic.BadRequestError, match=name) as caught:
            client.messages.with_raw_response.create(**request)
        assert caught.value.body["error"]["type"] == "invalid_request_error"
        billed = [entry["status"] for entry in gateway.bill(gateway.seen)["data"]]
        assert billed in ([], ["refused"]) if fate == REFUSED_THERE else billed == [], "no provider was asked"
        return
    answer = client.messages.with_raw_response.create(**request)
    dropped = [each for each in answer.headers.get("x-weir-dropped", "").split(", ") if each]
    assert answer.parse().content and dropped == ([name] if fate == DROPPED else [])


@pytest.mark.parametrize("fault", ["cut=6", "error=6"])
def test_a_stream_breaks(client, upstream, fault):
    got = []
    with pytest.raises(anthropic.APIError):
        for event in ask(client, upstream, f"Break #mock events=9 bytes=8 {fault}", stream=True):
            got.append(event.type)
    assert "content_block_delta" in got and "message_stop" not in got
    assert ask(client, upstream).stop_reason == "end_turn"


def test_the_books_agree(client, gateway, upstream):
    assert ask(client, upstream).content
    check_books(gateway, upstream)
