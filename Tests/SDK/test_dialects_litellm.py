"""The litellm library as a client of Weir, as of an OpenAI-compatible server, and a provider of each dialect."""

import json
import os

# Before litellm is imported: its table of prices is in the package, and nothing is fetched.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm
import pydantic
import pytest

from dialects import KEY, PIXEL, check_books, cost, has_pixel, schema, stops
from shapes import CHAT_TOOL, user

pytestmark = [pytest.mark.gateway, pytest.mark.filterwarnings("ignore")]

QUESTION = "What is a weir? #mock seed=7 events=6 bytes=24 input=70 cached=20 output=9"


@pytest.fixture
def ask(gateway, upstream):
    def call(text="Hello", model=upstream.name, **options):
        return litellm.completion(**{
            "model": f"openai/{model}", "messages": user(text), "api_base": f"{gateway.root}/v1", "api_key": KEY,
            "max_retries": 0, "num_retries": 0, "timeout": 30} | options)

    return call


def stream(answer):
    """What the library itself makes of a stream's chunks."""
    return litellm.stream_chunk_builder(list(answer))


def test_json_and_stream_say_the_same_and_cost_what_was_billed(ask, gateway):
    whole, bill = ask(QUESTION), gateway.billed()
    assert len(whole.choices[0].message.content.encode()) == 6 * 24 and whole.choices[0].finish_reason == "stop"
    usage = whole.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (70, 9, 79)
    assert usage.prompt_tokens_details.cached_tokens == 20
    headers = whole._hidden_params["additional_headers"]
    assert float(headers["llm_provider-x-weir-cost-usd"]) == pytest.approx(cost(bill["usage"]), abs=1e-9)
    final = stream(ask(QUESTION, stream=True, stream_options={"include_usage": True}))
    assert final.choices[0].message.content == whole.choices[0].message.content
    assert (final.usage.prompt_tokens, final.usage.completion_tokens) == (70, 9)
    assert gateway.billed()["usage"] == bill["usage"]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("streams", [False, True], ids=["json", "stream"])
def test_a_tool_is_called_and_its_result_goes_back(ask, streams, count):
    question = f"Weather? #mock tool=get_weather events=5 calls={count}"
    answer = ask(question, tools=[CHAT_TOOL], stream=streams)
    message = (stream(answer) if streams else answer).choices[0].message
    calls = message.tool_calls
    assert len({call.id for call in calls}) == len({call.function.arguments for call in calls}) == len(calls) == count
    for call in calls:
        assert call.function.name == "get_weather" and list(json.loads(call.function.arguments)) == ["text"]
    results = [{"role": "tool", "tool_call_id": call.id, "content": "rain"} for call in calls]
    history = user(question) + [message.model_dump(exclude_none=True), *results] + user("And now? #mock events=2 bytes=16")
    final = ask(messages=history, tools=[CHAT_TOOL], stream=streams)
    final = stream(final) if streams else final
    assert len(final.choices[0].message.content.encode()) == 32 and final.choices[0].finish_reason == "stop"


def test_results_of_parallel_calls_go_back(ask):
    calls = [{"id": f"call_{city}", "type": "function", "function": {
        "name": "get_weather", "arguments": json.dumps({"city": city})}} for city in ("Oslo", "Bern")]
    results = [{"role": "tool", "tool_call_id": f"call_{city}", "content": sky} for city, sky in (
        ("Oslo", "snow"), ("Bern", "fog"))]
    history = user("Weather?") + [{"role": "assistant", "content": None, "tool_calls": calls}, *results]
    assert ask(messages=history, tools=[CHAT_TOOL]).choices[0].finish_reason == "stop"


def test_an_image_is_seen(ask, gateway, upstream):
    parts = [{"type": "text", "text": "What is this?"}, {
        "type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}]
    assert ask(messages=[{"role": "user", "content": parts}]).choices[0].message.content
    assert has_pixel(upstream, gateway.asked())


class Reading(pydantic.BaseModel):
    text: str


def test_an_answer_has_the_form_of_a_class(ask, gateway, upstream):
    question = "Read. #mock json events=4 bytes=20"
    answer = ask(question, response_format=Reading)
    reading = Reading.model_validate_json(answer.choices[0].message.content)
    assert len(reading.text.encode()) == 80 and schema(upstream, gateway.asked())["required"] == ["text"]
    streamed = stream(ask(question, response_format=Reading, stream=True))
    assert streamed.choices[0].message.content == answer.choices[0].message.content


def test_stops_and_limits_go_along(ask, gateway, upstream):
    assert ask(stop=["END"]).choices and stops(upstream, gateway.asked()) == ["END"]
    answer = ask("Long #mock events=50", max_tokens=7)
    assert answer.choices[0].finish_reason == "length" and answer.usage.completion_tokens == 7


def test_probabilities_are_given_or_refused(ask, gateway, upstream):
    if upstream.dialect in ("anthropic", "bedrock"):
        with pytest.raises(litellm.BadRequestError, match=f"the model `{upstream.name}` is served in another API"):
            ask(logprobs=True)
        assert gateway.bill(gateway.seen)["data"] == [], "no provider was asked"
    else:
        assert ask(logprobs=True).choices[0].message.content


@pytest.mark.parametrize("told, error", [
    (400, litellm.BadRequestError), (401, litellm.exceptions.BadGatewayError), (429, litellm.RateLimitError),
    (500, litellm.exceptions.BadGatewayError), (503, litellm.ServiceUnavailableError)])
@pytest.mark.parametrize("streams", [False, True], ids=["json", "stream"])
def test_a_provider_refuses(ask, upstream, told, error, streams):
    with pytest.raises(error) as caught:
        ask(f"Fail #mock status={told} retry-after=7", stream=streams)
    assert caught.value.status_code == {401: 502, 500: 502}.get(told, told)


def test_a_credential_a_model_or_a_key_is_wrong(ask, upstream):
    with pytest.raises(litellm.exceptions.BadGatewayError) as caught:
        ask(model=f"{upstream.name}-wrong")
    assert caught.value.status_code == 502
    with pytest.raises(litellm.NotFoundError):
        ask(model=upstream.model)
    with pytest.raises(litellm.AuthenticationError):
        ask(api_key="sk-weir-wrong")


@pytest.mark.parametrize("fault", ["cut=5", "error=5"])
def test_a_stream_breaks(ask, fault):
    got = []
    with pytest.raises(Exception) as caught:
        for chunk in ask(f"Break #mock events=9 bytes=8 {fault}", stream=True):
            got.append(chunk)
    assert type(caught.value).__module__.startswith("litellm"), repr(caught.value)
    assert got and ask().choices[0].message.content


def test_the_books_agree(ask, gateway, upstream):
    assert ask().choices
    check_books(gateway, upstream)
