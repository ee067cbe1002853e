"""The openai SDK against a real model server, llama.cpp with a tiny model of random weights."""

import asyncio
import json

import openai
import pytest

from shapes import CHAT_TOOL, RESPONSES_TOOL, check_arguments, check_usage, gather, user

TOOL_CALL_TOKEN, END_TOKEN = 261, 260  # in tiny_model.py's vocabulary
# The grammar of a required call forbids the end until the call is written: the smaller bias starts it, the greater ends the turn.
TOOL_BIAS = {str(TOOL_CALL_TOKEN): 90, str(END_TOKEN): 100}
FIXED = {"temperature": 0, "seed": 1, "max_tokens": 24}


@pytest.fixture(scope="module")
def client(llama):
    with llama.client() as client:
        yield client


def test_a_chat_answers_with_text_and_usage(client):
    answer = client.chat.completions.create(model="tiny", messages=user("Where is the weir?"), **FIXED)
    assert answer.object == "chat.completion" and answer.choices[0].message.role == "assistant"
    assert answer.choices[0].message.content and answer.choices[0].finish_reason in ("stop", "length")
    check_usage(answer.usage)


def test_a_stream_says_what_the_whole_answer_says(client):
    whole = client.chat.completions.create(model="tiny", messages=user("Say it twice."), **FIXED)
    text, _, finish, _, chunks = gather(
        client.chat.completions.create(model="tiny", messages=user("Say it twice."), stream=True, **FIXED))
    assert text == whole.choices[0].message.content and finish == whole.choices[0].finish_reason
    assert len({chunk.id for chunk in chunks}) == 1 and len(chunks) > 10


def test_usage_comes_in_the_stream_when_asked_for(client):
    *_, usages, chunks = gather(client.chat.completions.create(
        model="tiny", messages=user("Count."), stream=True, stream_options={"include_usage": True}, **FIXED))
    assert len(usages) == 1 and chunks[-1].choices == []
    check_usage(usages[0])


def test_usage_stays_away_from_the_stream_when_not_asked_for(client):
    *_, usages, chunks = gather(client.chat.completions.create(model="tiny", messages=user("Count."), stream=True, **FIXED))
    assert usages == [] and all(chunk.choices for chunk in chunks)


def test_a_tool_is_called_and_its_result_sent_back(client):
    asked = user("How is the weather in Oslo?")
    answer = client.chat.completions.create(
        model="tiny", messages=asked, tools=[CHAT_TOOL], tool_choice="required", parallel_tool_calls=False,
        logit_bias=TOOL_BIAS, temperature=0, max_tokens=300)
    message = answer.choices[0].message
    assert answer.choices[0].finish_reason == "tool_calls" and len(message.tool_calls) == 1
    assert message.tool_calls[0].id and message.tool_calls[0].function.name == "get_weather"
    check_arguments(message.tool_calls[0].function.arguments)

    result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "rain"}
    history = asked + [message.model_dump(exclude_none=True), result]
    assert client.chat.completions.create(model="tiny", messages=history, **FIXED).choices[0].message.content


def test_a_tool_call_streams_in_parts(client):
    _, calls, finish, _, chunks = gather(client.chat.completions.create(
        model="tiny", messages=user("How is the weather?"), tools=[CHAT_TOOL], tool_choice="required",
        parallel_tool_calls=False, logit_bias=TOOL_BIAS, temperature=0, max_tokens=300, stream=True))
    assert finish == "tool_calls" and list(calls) == [0] and calls[0]["name"] == "get_weather" and calls[0]["id"]
    assert sum(bool(chunk.choices and chunk.choices[0].delta.tool_calls) for chunk in chunks) > 3
    check_arguments(calls[0]["arguments"])


def test_an_answer_keeps_to_a_json_schema(client):
    schema = {"name": "place", "schema": CHAT_TOOL["function"]["parameters"], "strict": True}
    answer = client.chat.completions.create(
        model="tiny", messages=user("Where?"), response_format={"type": "json_schema", "json_schema": schema},
        temperature=0, max_tokens=200)
    check_arguments(answer.choices[0].message.content)


def test_log_probabilities_come_along(client):
    answer = client.chat.completions.create(model="tiny", messages=user("Odds?"), logprobs=True, top_logprobs=3, **FIXED)
    first = answer.choices[0].logprobs.content[0]
    assert first.logprob <= 0 and len(first.top_logprobs) == 3


def test_old_completions_work(client):
    answer = client.completions.create(model="tiny", prompt="ba be bi", max_tokens=8, temperature=0)
    assert answer.object == "text_completion" and answer.choices[0].text
    check_usage(answer.usage)


def test_models_are_listed(client):
    assert "tiny" in [model.id for model in client.models.list()]


def test_embeddings_are_the_same_as_floats_and_as_base64(client):
    """Left to itself the SDK asks for base64 and decodes it."""
    packed = client.embeddings.create(model="tiny", input=["river", "lake"])
    plain = client.embeddings.create(model="tiny", input=["river", "lake"], encoding_format="float")
    assert [item.index for item in packed.data] == [0, 1] and len(packed.data[0].embedding) == 64
    assert packed.data[0].embedding != packed.data[1].embedding
    for one, other in zip(packed.data, plain.data, strict=True):
        assert one.embedding == pytest.approx(other.embedding, abs=1e-6)
    assert packed.usage.prompt_tokens > 0


def test_a_response_answers_with_text_and_usage(client):
    answer = client.responses.create(model="tiny", input="Where is the weir?", temperature=0, max_output_tokens=24)
    assert answer.object == "response" and answer.id.startswith("resp_") and answer.output_text
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens


def test_a_response_streams_named_events(client):
    events = list(client.responses.create(
        model="tiny", input="Where is the weir?", temperature=0, max_output_tokens=24, stream=True))
    names = [event.type for event in events]
    assert names[0] == "response.created" and names[-1] == "response.completed"
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text and text == events[-1].response.output_text and events[-1].response.usage.output_tokens > 0


def test_a_response_calls_a_tool(client):
    answer = client.responses.create(
        model="tiny", input="How is the weather?", tools=[RESPONSES_TOOL], tool_choice="required",
        parallel_tool_calls=False, temperature=0, max_output_tokens=300, extra_body={"logit_bias": TOOL_BIAS})
    calls = [item for item in answer.output if item.type == "function_call"]
    assert len(calls) == 1 and calls[0].name == "get_weather" and calls[0].call_id
    check_arguments(calls[0].arguments)


def test_a_raw_answer_shows_its_head(client):
    raw = client.chat.completions.with_raw_response.create(model="tiny", messages=user("Head?"), **FIXED)
    assert raw.status_code == 200 and raw.headers["content-type"].startswith("application/json")
    assert raw.parse().choices[0].message.content


def test_a_mistake_in_the_request_is_a_bad_request(client):
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="tiny", messages="not a list", max_tokens=4)
    assert caught.value.status_code == 400 and "messages" in str(caught.value)


def test_a_stream_given_up_early_leaves_the_client_usable(client):
    stream = client.chat.completions.create(
        model="tiny", messages=user("Go on and on."), stream=True, temperature=0, max_tokens=2000)
    for count, _ in enumerate(stream):
        if count == 5:
            break
    stream.close()
    assert client.chat.completions.create(model="tiny", messages=user("Still there?"), **FIXED).choices


def test_twenty_streams_at_once(llama):
    """The asynchronous client shares its connections among them; each must come to its own end."""
    prompts = [f"Prompt {number % 5}" for number in range(20)]

    async def one(client, prompt):
        stream = await client.chat.completions.create(model="tiny", messages=user(prompt), stream=True, **FIXED)
        choices = [chunk.choices[0] async for chunk in stream if chunk.choices]
        assert choices[-1].finish_reason in ("stop", "length")
        return "".join(choice.delta.content or "" for choice in choices)

    async def all_of_them():
        async with openai.AsyncOpenAI(base_url=llama.base_url, api_key=llama.key, max_retries=0, timeout=60) as client:
            return await asyncio.gather(*(one(client, prompt) for prompt in prompts))

    texts = asyncio.run(all_of_them())
    assert all(texts) and len(texts) == 20


def test_unicode_and_long_prompts_arrive_whole(client):
    """Prompt tokens of the real tokenizer show that no byte was lost or doubled on the way."""
    def tokens(text: str) -> int:
        answer = client.chat.completions.create(model="tiny", messages=user(text), temperature=0, max_tokens=1)
        return answer.usage.prompt_tokens

    empty = tokens("")
    assert tokens("☃" * 50) == empty + 150  # three byte tokens each
    assert tokens("~" * 3000) == empty + 3000


@pytest.mark.gateway
def test_the_gateway_names_itself_in_the_head(client):
    raw = client.chat.completions.with_raw_response.create(model="tiny", messages=user("Head?"), **FIXED)
    assert raw.headers["x-request-id"] == raw.headers["request-id"] and raw.headers["server-timing"]
    stream = client.chat.completions.with_raw_response.create(model="tiny", messages=user("Head?"), stream=True, **FIXED)
    assert stream.headers["x-request-id"] and stream.headers["content-type"].startswith("text/event-stream")
    list(stream.parse())


@pytest.mark.gateway
def test_a_wrong_credential_of_the_gateway_is_not_the_clients_fault(client):
    with pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model="misconfigured", messages=user("Hello"), max_tokens=4)
    assert caught.value.status_code == 502 and caught.value.code == "upstream_auth_error"
    assert "not-the-key" not in json.dumps(caught.value.body) and "127.0.0.1" not in json.dumps(caught.value.body)
