"""The openai SDK and a provider of each dialect: Responses."""

import json

import openai
import pydantic
import pytest

from dialects import KEY, PIXEL, check_books, cost, has_pixel, schema
from shapes import RESPONSES_TOOL, user

pytestmark = pytest.mark.gateway

QUESTION = "What is a weir? #mock seed=7 events=6 bytes=24 input=70 cached=20 output=9"


@pytest.fixture(scope="module")
def client(gateway):
    with openai.OpenAI(base_url=f"{gateway.root}/v1", api_key=KEY, max_retries=0, timeout=30) as client:
        yield client


def ask(client, upstream, text="Hello", **options):
    return client.responses.create(**{"model": upstream.name, "input": text} | options)


def stream(client, upstream, text="Hello", **options):
    """The response at the end of a stream, whose events were in order."""
    events = list(ask(client, upstream, text, stream=True, **options))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert events[0].type == "response.created" and events[-1].type in ("response.completed", "response.incomplete")
    final = events[-1].response
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == final.output_text and final.id == events[0].response.id
    return final


def test_json_and_stream_say_the_same_and_cost_what_was_billed(client, gateway, upstream):
    raw = client.responses.with_raw_response.create(model=upstream.name, input=QUESTION)
    whole, bill = raw.parse(), gateway.billed()
    assert whole.status == "completed" and len(whole.output_text.encode()) == 6 * 24
    assert whole.error is None and whole.incomplete_details is None
    usage = whole.usage
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (70, 9, 79)
    assert usage.input_tokens_details.cached_tokens == 20
    assert float(raw.headers["x-weir-cost-usd"]) == pytest.approx(cost(bill["usage"]), abs=1e-9)
    assert bill["path"].endswith("/responses") == upstream.passes_responses
    final = stream(client, upstream, QUESTION)
    assert final.output_text == whole.output_text and final.usage == usage and gateway.billed()["usage"] == bill["usage"]


@pytest.mark.parametrize("method", [ask, stream])
def test_a_limit_ends_a_response(client, upstream, method):
    answer = method(client, upstream, "Long #mock events=50", max_output_tokens=17)
    assert answer.status == "incomplete" and answer.incomplete_details.reason == "max_output_tokens"
    assert answer.usage.output_tokens == 17


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("method", [ask, stream])
def test_a_tool_is_called_and_its_result_goes_back(client, upstream, method, count):
    question = f"Weather? #mock tool=get_weather events=5 calls={count}"
    answer = method(client, upstream, question, tools=[RESPONSES_TOOL])
    calls = [item for item in answer.output if item.type == "function_call"]
    assert len(calls) == len({call.call_id for call in calls}) == len({call.arguments for call in calls}) == count
    for call in calls:
        assert call.name == "get_weather" and list(json.loads(call.arguments)) == ["text"]
    results = [{"type": "function_call_output", "call_id": call.call_id, "output": "rain"} for call in calls]
    items = user(question) + answer.output + results + user("And now? #mock events=2 bytes=16")
    final = method(client, upstream, items, tools=[RESPONSES_TOOL])
    assert final.status == "completed" and len(final.output_text.encode()) == 32


def test_results_of_parallel_calls_go_back(client, upstream):
    calls = [{"type": "function_call", "call_id": f"call_{city}", "name": "get_weather",
              "arguments": json.dumps({"city": city})} for city in ("Oslo", "Bern")]
    results = [{"type": "function_call_output", "call_id": f"call_{city}", "output": sky} for city, sky in (
        ("Bern", "fog"), ("Oslo", "snow"))]
    for method in (ask, stream):
        assert method(client, upstream, user("Weather?") + calls + results, tools=[RESPONSES_TOOL]).output_text


def test_an_image_is_seen(client, gateway, upstream):
    picture = {"type": "input_image", "detail": "auto", "image_url": f"data:image/png;base64,{PIXEL}"}
    content = [{"type": "input_text", "text": "What is this?"}, picture]
    for method in (ask, stream):
        assert method(client, upstream, [{"role": "user", "content": content}]).output_text
        assert has_pixel(upstream, gateway.asked())


class Reading(pydantic.BaseModel):
    text: str


def test_an_answer_has_the_form_of_a_class(client, gateway, upstream):
    question = "Read. #mock json events=4 bytes=20"
    answer = client.responses.parse(model=upstream.name, input=question, text_format=Reading)
    assert len(answer.output_parsed.text.encode()) == 80
    assert schema(upstream, gateway.asked())["required"] == ["text"]
    with client.responses.stream(model=upstream.name, input=question, text_format=Reading) as events:
        assert events.get_final_response().output_parsed == answer.output_parsed


def test_reasoning_is_shown_and_goes_back(client, gateway, upstream):
    """Also sealed: what a provider has signed it knows again, and the mock would refuse what was changed."""
    options = {"include": ["reasoning.encrypted_content"], "reasoning": {"effort": "low", "summary": "auto"}, "store": False}
    for method in (ask, stream):
        answer = method(client, upstream, "Think. #mock events=3 reasoning=6", **options)
        assert answer.usage.output_tokens == gateway.billed()["usage"]["output_tokens"] == 9
        items = user("Think.") + answer.output + user("Go on #mock events=2")
        assert method(client, upstream, items, **options).output_text
        gateway.forget()


def test_instructions_go_along(client, gateway, upstream):
    assert ask(client, upstream, instructions="Be terse.").output_text and "Be terse." in str(gateway.asked())


@pytest.mark.parametrize("name, options", [
    ("previous_response_id", {"previous_response_id": "resp_1"}), ("background", {"background": True}),
    ("tools[0]", {"tools": [{"type": "web_search"}]}), ("conversation", {"conversation": "conv_1"})])
def test_what_only_openai_keeps_is_refused_elsewhere(client, gateway, upstream, name, options):
    if upstream.passes_responses:
        assert ask(client, upstream, **options).id
        return
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, upstream, **options)
    assert caught.value.code == "unsupported_parameter" and caught.value.param == name
    assert gateway.bill(gateway.seen)["data"] == [], "no provider was asked"


@pytest.mark.parametrize("told, error, status, code", [
    (400, openai.BadRequestError, 400, None), (401, openai.InternalServerError, 502, "upstream_auth_error"),
    (429, openai.RateLimitError, 429, "rate_limit_exceeded"), (500, openai.InternalServerError, 502, "upstream_error"),
    (503, openai.InternalServerError, 503, "upstream_unavailable")])
@pytest.mark.parametrize("method", [ask, stream])
def test_a_provider_refuses(client, upstream, told, error, status, code, method):
    with pytest.raises(openai.APIStatusError) as caught:
        method(client, upstream, f"Fail #mock status={told} retry-after=7")
    problem = caught.value
    assert type(problem) is error and problem.status_code == status and problem.request_id, repr(problem)
    assert (problem.code == code or told in (400, 429)) and problem.body.keys() >= {"message", "type", "param", "code"}
    # Amazon says nothing of when to try again.
    if told == 429 and upstream.dialect != "bedrock":
        assert problem.response.headers["retry-after"] == "7"


def test_a_credential_a_model_or_a_key_is_wrong(client, upstream):
    with pytest.raises(openai.InternalServerError) as caught:
        ask(client, upstream, model=f"{upstream.name}-wrong")
    assert caught.value.status_code == 502 and caught.value.code == "upstream_auth_error"
    with pytest.raises(openai.NotFoundError) as caught:
        ask(client, upstream, model=upstream.model)
    assert caught.value.code == "model_not_found"
    with pytest.raises(openai.AuthenticationError) as caught:
        ask(client.with_options(api_key="sk-weir-wrong"), upstream)
    assert caught.value.code == "invalid_api_key"


@pytest.mark.parametrize("fault", ["cut=7", "error=7"])
def test_a_stream_breaks(client, upstream, fault):
    """Ends with an error or with response.failed, never as if it were complete."""
    got = []
    try:
        for event in ask(client, upstream, f"Break #mock events=9 bytes=8 {fault}", stream=True):
            got.append(event.type)
    except openai.APIError:
        got.append("error")
    assert got[-1] in ("error", "response.failed") and "response.completed" not in got
    assert "response.output_text.delta" in got
    assert ask(client, upstream).status == "completed"


def test_the_books_agree(client, gateway, upstream):
    assert ask(client, upstream).output_text
    check_books(gateway, upstream)
