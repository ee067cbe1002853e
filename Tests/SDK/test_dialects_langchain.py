"""LangChain's ChatOpenAI as a client of Weir, and a provider of each dialect."""

import openai
import pydantic
import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_openai import ChatOpenAI

from dialects import KEY, PIXEL, check_books, cost, has_pixel, schema, stops
from shapes import CHAT_TOOL

pytestmark = pytest.mark.gateway

QUESTION = "What is a weir? #mock seed=7 events=6 bytes=24 input=70 cached=20 output=9"


@pytest.fixture
def model(gateway, upstream):
    def make(name: str = upstream.name, **options) -> ChatOpenAI:
        return ChatOpenAI(**{"model": name, "base_url": f"{gateway.root}/v1", "api_key": KEY, "max_retries": 0, "timeout": 30,
                             "stream_usage": True} | options)

    return make


def stream(model, messages) -> AIMessage:
    """The chunks of a stream, added up as LangChain's users do."""
    whole = None
    for chunk in model.stream(messages):
        whole = chunk if whole is None else whole + chunk
    return whole


def invoke(model, messages) -> AIMessage:
    return model.invoke(messages)


def test_invoke_and_stream_say_the_same_and_cost_what_was_billed(model, gateway):
    whole = model(include_response_headers=True).invoke(QUESTION)
    bill, usage = gateway.billed(), whole.usage_metadata
    assert len(whole.content.encode()) == 6 * 24 and whole.response_metadata["finish_reason"] == "stop"
    assert (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"]) == (70, 9, 79)
    assert usage["input_token_details"]["cache_read"] == 20
    billed = float(whole.response_metadata["headers"]["x-weir-cost-usd"])
    assert billed == pytest.approx(cost(bill["usage"]), abs=1e-9)
    final = stream(model(), QUESTION)
    assert final.content == whole.content and final.response_metadata["finish_reason"] == "stop"
    for name in ("input_tokens", "output_tokens", "total_tokens"):
        assert final.usage_metadata[name] == usage[name]
    assert gateway.billed()["usage"] == bill["usage"]


def test_responses_are_spoken_too(model, gateway, upstream):
    """With `use_responses_api` it asks through the other API."""
    for method in (invoke, stream):
        answer = method(model(use_responses_api=True), QUESTION)
        assert len(answer.text.encode()) == 6 * 24 and answer.usage_metadata["output_tokens"] == 9
        assert gateway.billed()["path"].endswith("/responses") == upstream.passes_responses


@pytest.mark.parametrize("responses", [False, True], ids=["chat", "responses"])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("method", [invoke, stream])
def test_a_tool_is_called_and_its_result_goes_back(model, method, responses, count):
    tools = model(use_responses_api=responses).bind_tools([CHAT_TOOL])
    question = HumanMessage(f"Weather? #mock tool=get_weather events=5 calls={count}")
    answer = method(tools, [question])
    calls = answer.tool_calls
    assert len({call["id"] for call in calls}) == len({call["args"]["text"] for call in calls}) == len(calls) == count
    assert not answer.invalid_tool_calls and all(call["name"] == "get_weather" for call in calls)
    results = [ToolMessage("rain", tool_call_id=call["id"]) for call in calls]
    history = [SystemMessage("Be terse."), question, answer, *results]
    final = method(tools, history + [HumanMessage("And now? #mock events=2 bytes=16")])
    assert len(final.text.encode()) == 32 and not final.tool_calls


def test_results_of_parallel_calls_go_back(model):
    calls = [{"name": "get_weather", "args": {"city": city}, "id": f"call_{city}"} for city in ("Oslo", "Bern")]
    history = [HumanMessage("Weather?"), AIMessage("", tool_calls=calls), *(
        ToolMessage(sky, tool_call_id=f"call_{city}") for city, sky in (("Oslo", "snow"), ("Bern", "fog")))]
    for method in (invoke, stream):
        assert method(model().bind_tools([CHAT_TOOL]), history).content


def test_an_image_is_seen(model, gateway, upstream):
    parts = [{"type": "text", "text": "What is this?"}, {"type": "image", "base64": PIXEL, "mime_type": "image/png"}]
    for method in (invoke, stream):
        assert method(model(), [HumanMessage(parts)]).content and has_pixel(upstream, gateway.asked())


class Reading(pydantic.BaseModel):
    """What was read."""

    text: str


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")  # LangChain's own doing
def test_an_answer_has_the_form_of_a_class(model, gateway, upstream):
    reader = model().with_structured_output(Reading, method="json_schema")
    reading = reader.invoke("Read. #mock json events=4 bytes=20")
    assert len(reading.text.encode()) == 80 and schema(upstream, gateway.asked())["required"] == ["text"]
    assert list(reader.stream("Read. #mock json events=4 bytes=20"))[-1] == reading


def test_an_answer_has_the_form_of_a_tool(model):
    """LangChain forbids parallel calls for it, which some dialects cannot say: with a tool that is named it is a hint."""
    question = "Read. #mock tool=Reading events=4 bytes=20"
    reader = model().with_structured_output(Reading, method="function_calling")
    assert len(reader.invoke(question).text.encode()) == 80


def test_an_answer_is_some_json_object(model):
    reader = model().with_structured_output(Reading, method="json_mode")
    assert reader.invoke("Answer in JSON. #mock json").text


def test_stops_and_limits_go_along(model, gateway, upstream):
    assert model(stop_sequences=["END"], max_tokens=50, temperature=0.5).invoke("Hello").content
    assert stops(upstream, gateway.asked()) == ["END"]
    answer = model(max_tokens=7).invoke("Long #mock events=50")
    assert answer.response_metadata["finish_reason"] == "length" and answer.usage_metadata["output_tokens"] == 7


def test_probabilities_are_given_or_refused(model, upstream):
    asked = model(logprobs=True, top_logprobs=2)
    if upstream.dialect in ("anthropic", "bedrock"):
        with pytest.raises(openai.BadRequestError) as caught:
            asked.invoke("Hello")
        assert caught.value.code == "unsupported_parameter" and caught.value.param == "logprobs"
    else:
        assert asked.invoke("Hello").content


@pytest.mark.parametrize("told, error, code", [
    (400, openai.BadRequestError, None), (401, openai.InternalServerError, "upstream_auth_error"),
    (429, openai.RateLimitError, "rate_limit_exceeded"), (500, openai.InternalServerError, "upstream_error")])
@pytest.mark.parametrize("method", [invoke, stream])
def test_a_provider_refuses(model, upstream, method, told, error, code):
    with pytest.raises(openai.APIStatusError) as caught:
        method(model(), f"Fail #mock status={told} retry-after=7")
    assert isinstance(caught.value, error) and (caught.value.code == code or told in (400, 429)), repr(caught.value)


def test_a_credential_a_model_or_a_key_is_wrong(model, upstream):
    with pytest.raises(openai.InternalServerError) as caught:
        model(f"{upstream.name}-wrong").invoke("Hello")
    assert caught.value.status_code == 502
    with pytest.raises(openai.NotFoundError):
        model(upstream.model).invoke("Hello")
    with pytest.raises(openai.AuthenticationError):
        model(api_key="sk-weir-wrong").invoke("Hello")


@pytest.mark.parametrize("fault", ["cut=5", "error=5"])
def test_a_stream_breaks(model, fault):
    got = []
    with pytest.raises(openai.APIError):
        for chunk in model().stream(f"Break #mock events=9 bytes=8 {fault}"):
            got.append(chunk.content)
    assert "".join(got) and model().invoke("Hello").content


def test_the_books_agree(model, gateway, upstream):
    assert model().invoke("Hello").content
    check_books(gateway, upstream)
