"""The openai SDK against weir-mock: what a client sees when all is well, and that nothing is counted twice."""

import json
import urllib.request

import pytest

from processes import wait_until
from shapes import CHAT_TOOL, RESPONSES_TOOL, check_usage, gather, user


@pytest.fixture(scope="module")
def client(mock):
    with mock.client() as client:
        yield client


def billed(mock_server) -> str:
    with urllib.request.urlopen(f"http://{mock_server.address}/mock/billed", timeout=10) as answer:
        return answer.read().decode()


def test_a_chat_answers_the_same_to_the_same(mock, client):
    def ask():
        return client.chat.completions.create(model=mock.model, messages=user("What is a weir?"), seed=5)

    one, other = ask(), ask()
    assert one.choices[0].message.content and one.choices[0].finish_reason == "stop"
    assert one.choices[0].message.content == other.choices[0].message.content
    check_usage(one.usage)


def test_a_stream_ends_with_its_reason(mock, client):
    text, _, finish, usages, chunks = gather(client.chat.completions.create(
        model=mock.model, messages=user("Stream #mock events=8 gap=1ms first=20ms bytes=40"), stream=True))
    assert text and finish == "stop" and usages == [] and all(chunk.choices for chunk in chunks)


def test_a_stream_counts_when_asked(mock, client):
    *_, usages, chunks = gather(client.chat.completions.create(
        model=mock.model, messages=user("Stream #mock events=8 bytes=40"), stream=True,
        stream_options={"include_usage": True}))
    assert len(usages) == 1 and chunks[-1].choices == []
    check_usage(usages[0])


def test_a_tool_is_called(mock, client):
    answer = client.chat.completions.create(
        model=mock.model, messages=user("Weather? #mock tool=get_weather"), tools=[CHAT_TOOL])
    call = answer.choices[0].message.tool_calls[0]
    assert answer.choices[0].finish_reason == "tool_calls" and call.id and call.function.name == "get_weather"
    assert isinstance(json.loads(call.function.arguments), dict)


def test_a_tool_call_streams(mock, client):
    _, calls, finish, _, _ = gather(client.chat.completions.create(
        model=mock.model, messages=user("Weather? #mock tool=get_weather"), tools=[CHAT_TOOL], stream=True))
    assert finish == "tool_calls" and calls[0]["name"] == "get_weather" and calls[0]["id"]
    assert isinstance(json.loads(calls[0]["arguments"]), dict)


def test_embeddings(mock, client):
    answer = client.embeddings.create(model=mock.model, input=["river", "lake"])
    assert len(answer.data) == 2 and len(answer.data[0].embedding) == len(answer.data[1].embedding) > 0
    assert all(isinstance(number, float) for number in answer.data[0].embedding)


def test_a_response(mock, client):
    answer = client.responses.create(model=mock.model, input="What is a weir?", tools=[RESPONSES_TOOL])
    assert answer.status == "completed" and answer.output_text and answer.usage.output_tokens > 0


def test_a_response_streams(mock, client):
    events = list(client.responses.create(model=mock.model, input="What is a weir? #mock events=8", stream=True))
    assert events[0].type == "response.created" and events[-1].type == "response.completed"
    assert [event.sequence_number for event in events] == list(range(len(events)))
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text and text == events[-1].response.output_text


def test_the_upstream_bills_each_request_once(mock, client, mock_server):
    whole = client.chat.completions.create(model=mock.model, messages=user("Bill me"))
    *_, chunks = gather(client.chat.completions.create(model=mock.model, messages=user("Bill me"), stream=True))
    for answer in (identity.removeprefix("chatcmpl-") for identity in (whole.id, chunks[0].id)):  # the bill has req_ before it
        wait_until(lambda: billed(mock_server).count(answer) == 1, f"one bill for {answer}")


@pytest.mark.gateway
def test_models_are_those_the_key_may_use(weir):
    with weir.client() as client:
        names = {model.id for model in client.models.list()}
        assert {"mock-model", "tiny"} <= names and "mock-1" not in names
        assert client.models.retrieve("mock-model").id == "mock-model"
    with weir.client("narrow") as client:
        assert [model.id for model in client.models.list()] == ["tiny"]


@pytest.mark.gateway
def test_sigterm_lets_a_stream_finish(start_weir):
    """What had begun comes to its end, then the program ends with 0."""
    gateway = start_weir()
    with gateway.client() as client:
        stream = client.chat.completions.create(
            model="mock-model", messages=user("Slowly #mock events=40 gap=25ms bytes=20"), stream=True)
        next(stream)
        gateway.program.terminate()
        text, _, finish, _, chunks = gather(stream)
    assert finish == "stop" and len(chunks) >= 39
    assert gateway.program.wait() == 0
