"""The SDKs of Anthropic, Google and Amazon, and OpenAI's for Azure, against weir-mock itself: what it says must be what they understand.

Each test of a stream compares it with the whole answer to the same question, and every usage with the mock's own bill.
"""

import json
import urllib.error
import urllib.request
from types import SimpleNamespace

import anthropic
import boto3
import botocore.config
import botocore.exceptions
import openai
import pytest
from google import genai
from google.genai import errors, types

from conftest import MOCK_KEY, binary
from processes import Program, wait_until
from shapes import CHAT_TOOL, WEATHER, gather, user

ACCESS_KEY, SECRET_KEY = "AKIAMOCKACCESSKEY", "mock/secret+access/key"
CLAUDE, GEMINI, BEDROCK = "claude-sonnet-4-6", "gemini-3-pro-preview", "anthropic.claude-sonnet-4-5-20250929-v1:0"


@pytest.fixture(scope="module")
def server(logs):
    command = [str(binary("weir-mock")), "--listen", "127.0.0.1:0", "--key", MOCK_KEY,
               "--access-key", ACCESS_KEY, "--secret-access-key", SECRET_KEY]
    program = Program(command, logs / "mock-dialects.log").wait_ready()
    yield f"http://{program.address}"
    assert program.stop() == 0, program.tail()


def bill(server, **wanted) -> dict:
    """The last entry of the bill that has these members, once it is there."""
    def find():
        with urllib.request.urlopen(f"{server}/mock/billed?limit=10000", timeout=10) as answer:
            entries = json.load(answer)["data"]
        return next((entry for entry in reversed(entries) if wanted.items() <= entry.items()), None)

    return wait_until(find, f"a bill with {wanted}")


# Anthropic

CLAUDE_TOOL = {"name": WEATHER["name"], "description": WEATHER["description"], "input_schema": WEATHER["parameters"]}


@pytest.fixture(scope="module")
def claude(server):
    with anthropic.Anthropic(base_url=server, api_key=MOCK_KEY, max_retries=0, timeout=30) as client:
        yield client


def ask_claude(claude, text, **options):
    return claude.messages.create(**{"model": CLAUDE, "max_tokens": 4096, "messages": user(text)} | options)


def test_claude_answers_and_streams_the_same(claude, server):
    question = "What is a weir? #mock events=9 bytes=40 input=70 cached=20 written=8"
    whole = ask_claude(claude, question)
    assert whole.stop_reason == "end_turn" and whole.content[0].type == "text" and whole.content[0].text
    with claude.messages.stream(model=CLAUDE, max_tokens=4096, messages=user(question)) as stream:
        final = stream.get_final_message()
    assert final.content[0].text == whole.content[0].text and final.stop_reason == "end_turn"
    for answer in (whole, final):
        usage = answer.usage
        assert (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (42, 20, 8)
        entry = bill(server, request_id="req_" + answer.id.removeprefix("msg_"), path="/v1/messages")
        assert entry["usage"] == {
            "input_tokens": 70, "output_tokens": usage.output_tokens, "cached_tokens": 20, "reasoning_tokens": 0,
            "cache_write_tokens": 8}
        assert usage.output_tokens == 9


def test_claude_uses_a_tool_and_takes_its_result(claude):
    question = "Weather? #mock tool=get_weather events=5"
    whole = ask_claude(claude, question, tools=[CLAUDE_TOOL])
    use = whole.content[0]
    assert whole.stop_reason == "tool_use" and use.name == "get_weather" and use.input["text"]
    with claude.messages.stream(
            model=CLAUDE, max_tokens=4096, messages=user(question), tools=[CLAUDE_TOOL]) as stream:
        streamed = stream.get_final_message().content[0]
    assert streamed.input == use.input and streamed.id != use.id
    history = user(question) + [{"role": "assistant", "content": whole.content}]
    result = {"type": "tool_result", "tool_use_id": use.id, "content": "rain"}
    answer = ask_claude(claude, "", messages=history + [
        {"role": "user", "content": [result, {"type": "text", "text": "And now? #mock events=2"}]}], tools=[CLAUDE_TOOL])
    assert answer.content[0].type == "text"
    with pytest.raises(anthropic.BadRequestError, match="without `tool_result` blocks immediately after"):
        ask_claude(claude, "", messages=history + user("And now?"), tools=[CLAUDE_TOOL])
    with pytest.raises(anthropic.BadRequestError, match="must come before"):
        ask_claude(claude, "", messages=history + [
            {"role": "user", "content": [{"type": "text", "text": "Here"}, result]}], tools=[CLAUDE_TOOL])
    with pytest.raises(anthropic.BadRequestError, match="unexpected `tool_use_id`"):
        ask_claude(claude, "", messages=[{"role": "user", "content": [result]}], tools=[CLAUDE_TOOL])


def test_claude_thinks_and_knows_its_thought_again(claude, server):
    thinking = {"type": "enabled", "budget_tokens": 2048}
    question = "Think. #mock events=3 reasoning=6"
    whole = ask_claude(claude, question, thinking=thinking)
    thought, text = whole.content
    assert thought.type == "thinking" and thought.thinking and thought.signature and text.type == "text"
    assert whole.usage.output_tokens == 9 and whole.usage.output_tokens_details.thinking_tokens == 6
    with claude.messages.stream(model=CLAUDE, max_tokens=4096, messages=user(question), thinking=thinking) as stream:
        final = stream.get_final_message()
    assert [block.model_dump() for block in final.content] == [block.model_dump() for block in whole.content]

    def replay(signature):
        block = {"type": "thinking", "thinking": thought.thinking, "signature": signature}
        return ask_claude(claude, "", thinking=thinking, messages=user(question) + [
            {"role": "assistant", "content": [block, {"type": "text", "text": text.text.strip() + "."}]}] + user("Go on"))

    assert replay(thought.signature).content[0].type == "thinking"
    with pytest.raises(anthropic.BadRequestError, match="Invalid `signature`"):
        replay(thought.signature[:-4] + "AAAA")


def test_claude_counts_tokens(claude):
    assert claude.messages.count_tokens(model=CLAUDE, messages=user("How many? #mock input=33")).input_tokens == 33


def test_claude_stops_at_the_limit(claude):
    answer = ask_claude(claude, "Long #mock events=50", max_tokens=7)
    assert answer.stop_reason == "max_tokens" and answer.usage.output_tokens == 7


@pytest.mark.parametrize("status, error", [
    (401, anthropic.AuthenticationError), (403, anthropic.PermissionDeniedError), (404, anthropic.NotFoundError),
    (429, anthropic.RateLimitError), (500, anthropic.InternalServerError), (529, anthropic.InternalServerError)])
def test_claude_fails_as_told(claude, server, status, error):
    with pytest.raises(error) as caught:
        ask_claude(claude, f"Fail #mock status={status} retry-after=3")
    assert caught.value.status_code == status and caught.value.request_id.startswith("req_mock")
    assert caught.value.response.headers["retry-after"] == "3"
    entry = bill(server, request_id=caught.value.request_id)
    assert entry["status"] == "refused" and entry["usage"]["output_tokens"] == 0


def test_claude_breaks_in_a_stream(claude, server):
    with pytest.raises(anthropic.APIError) as caught:
        for _ in ask_claude(claude, "Break #mock events=9 error=6", stream=True):
            pass
    assert caught.value.body["error"]["type"] == "overloaded_error"
    assert bill(server, path="/v1/messages", status="cut")["usage"]["output_tokens"] == 3


@pytest.mark.parametrize("options, message", [
    ({"temperature": 0.5}, "temperature: not supported with anthropic-version"),
    ({"extra_body": {"n": 2}}, "n: Extra inputs are not permitted"),
    ({"messages": [{"role": "assistant", "content": "Hi"}]}, "first message must use"),
    ({"messages": user("")}, "non-empty"),
    ({"messages": user("  \n")}, "non-whitespace"),
    ({"messages": []}, "at least one message"),
    ({"tool_choice": {"type": "any"}}, "only be specified while providing tools"),
    ({"stop_sequences": [" "]}, "non-whitespace"),
    ({"thinking": {"type": "enabled", "budget_tokens": 100}}, "greater than or equal to 1024"),
    ({"thinking": {"type": "enabled", "budget_tokens": 5000}}, "must be greater than `thinking.budget_tokens`"),
    ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, r"messages\.0\.content\.0\.text\.text: Field required"),
    ({"extra_headers": {"anthropic-version": "2020-01-01"}}, "not a valid version"),
])
def test_claude_is_strict(claude, options, message):
    with pytest.raises(anthropic.BadRequestError, match=message) as caught:
        if "temperature" in options:
            options = {"extra_body": options}
        ask_claude(claude, "Hi", **options)
    assert caught.value.body["type"] == "error" and caught.value.body["error"]["type"] == "invalid_request_error"


def test_claude_wants_the_key(server):
    with anthropic.Anthropic(base_url=server, api_key="wrong", max_retries=0) as client:
        with pytest.raises(anthropic.AuthenticationError):
            ask_claude(client, "Hi")


# Gemini


def gemini_client(server, key=MOCK_KEY):
    return genai.Client(api_key=key, http_options=types.HttpOptions(base_url=server, timeout=30_000))


@pytest.fixture(scope="module")
def gemini(server):
    return gemini_client(server)


GEMINI_TOOL = types.Tool(function_declarations=[types.FunctionDeclaration(
    name=WEATHER["name"], description=WEATHER["description"], parameters_json_schema=WEATHER["parameters"])])


def test_gemini_answers_and_streams_the_same(gemini, server):
    question = "What is a weir? #mock events=9 bytes=40 input=70 cached=20"
    whole = gemini.models.generate_content(model=GEMINI, contents=question)
    assert whole.text and whole.candidates[0].finish_reason == "STOP"
    chunks = list(gemini.models.generate_content_stream(model=GEMINI, contents=question))
    assert "".join(chunk.text or "" for chunk in chunks) == whole.text
    assert chunks[-1].candidates[0].finish_reason == "STOP" and all(chunk.usage_metadata for chunk in chunks)
    for answer in (whole, chunks[-1]):
        usage = answer.usage_metadata
        assert (usage.prompt_token_count, usage.candidates_token_count, usage.cached_content_token_count) == (70, 9, 20)
        assert usage.total_token_count == 79
        entry = bill(server, request_id="req_" + answer.response_id)
        assert entry["usage"]["output_tokens"] == 9 and entry["model"] == GEMINI


def test_gemini_calls_a_function_and_takes_its_response(gemini):
    question = "Weather? #mock tool=get_weather events=5"
    configuration = types.GenerateContentConfig(
        tools=[GEMINI_TOOL], automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True))
    whole = gemini.models.generate_content(model=GEMINI, contents=question, config=configuration)
    call = whole.function_calls[0]
    assert call.name == "get_weather" and call.args["text"]
    chunks = list(gemini.models.generate_content_stream(model=GEMINI, contents=question, config=configuration))
    assert [call.args for chunk in chunks for call in chunk.function_calls or []] == [call.args]

    def answer(content, responses=1):
        response = types.Part.from_function_response(name="get_weather", response={"sky": "grey"})
        response.function_response.id = call.id
        history = [types.UserContent(question), content, types.Content(role="user", parts=[response] * responses)]
        return gemini.models.generate_content(model=GEMINI, contents=history, config=configuration)

    content = whole.candidates[0].content
    assert content.parts[0].thought_signature
    # The script of the first question is still there, and the last line counts.
    assert answer(content).function_calls
    with pytest.raises(errors.ClientError, match="number of function response parts is equal"):
        answer(content, responses=2)
    forged = content.model_copy(deep=True)
    forged.parts[0].thought_signature = b"forged"
    with pytest.raises(errors.ClientError, match="Thought signature is not valid"):
        answer(forged)
    forged.parts[0].thought_signature = None
    with pytest.raises(errors.ClientError, match="missing a thought_signature"):
        answer(forged)


def test_gemini_shows_its_thoughts(gemini):
    configuration = types.GenerateContentConfig(thinking_config=types.ThinkingConfig(include_thoughts=True))
    question = "Think. #mock events=3 reasoning=6"
    whole = gemini.models.generate_content(model=GEMINI, contents=question, config=configuration)
    thought, text = whole.candidates[0].content.parts
    assert thought.thought and thought.text and not text.thought
    assert whole.usage_metadata.thoughts_token_count == 6 and whole.usage_metadata.candidates_token_count == 3
    chunks = list(gemini.models.generate_content_stream(model=GEMINI, contents=question, config=configuration))
    parts = [part for chunk in chunks for part in chunk.candidates[0].content.parts]
    assert "".join(part.text for part in parts if part.thought) == thought.text
    assert "".join(part.text for part in parts if not part.thought) == text.text
    assert chunks[-1].usage_metadata.thoughts_token_count == 6


def test_gemini_counts_tokens(gemini):
    assert gemini.models.count_tokens(model=GEMINI, contents="How many? #mock input=33").total_tokens == 33


def test_gemini_stops_at_the_limit(gemini):
    answer = gemini.models.generate_content(
        model=GEMINI, contents="Long #mock events=50", config=types.GenerateContentConfig(max_output_tokens=7))
    assert answer.candidates[0].finish_reason == "MAX_TOKENS" and answer.usage_metadata.candidates_token_count == 7


@pytest.mark.parametrize("status, name, error", [
    (403, "PERMISSION_DENIED", errors.ClientError), (404, "NOT_FOUND", errors.ClientError),
    (429, "RESOURCE_EXHAUSTED", errors.ClientError), (500, "INTERNAL", errors.ServerError),
    (503, "UNAVAILABLE", errors.ServerError)])
def test_gemini_fails_as_told(gemini, status, name, error):
    with pytest.raises(error) as caught:
        gemini.models.generate_content(model=GEMINI, contents=f"Fail #mock status={status} retry-after=46")
    assert caught.value.code == status and caught.value.status == name
    if status == 429:
        details = {each["@type"].split(".")[-1]: each for each in caught.value.details["error"]["details"]}
        assert details["RetryInfo"]["retryDelay"] == "46s"


def test_gemini_is_strict(server, gemini):
    def post(body, model=GEMINI):
        request = urllib.request.Request(
            f"{server}/v1beta/models/{model}:generateContent", json.dumps(body).encode(),
            {"content-type": "application/json", "x-goog-api-key": MOCK_KEY})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)["error"]

    hello = [{"role": "user", "parts": [{"text": "Hi"}]}]
    status, error = post({"contents": hello, "max_tokens": 3})
    assert status == 400 and error["status"] == "INVALID_ARGUMENT" and 'Unknown name "max_tokens"' in error["message"]
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"}
    declaration = {"name": "f", "parameters": schema}
    status, error = post({"contents": hello, "tools": [{"function_declarations": [declaration]}]})
    assert status == 400 and 'Unknown name "$schema"' in error["message"]
    assert post({"contents": hello, "generation_config": {"max_output_tokens": 3}})[0] == 200
    assert post({"contents": hello, "generationConfig": {"temperature": 3}})[0] == 400
    assert post({"contents": []})[0] == 400
    stranger = gemini_client(server, "wrong")
    with pytest.raises(errors.ClientError) as caught:
        stranger.models.generate_content(model=GEMINI, contents="Hi")
    assert caught.value.code == 400 and caught.value.details["error"]["details"][0]["reason"] == "API_KEY_INVALID"


# Bedrock


def bedrock_client(server, secret=SECRET_KEY, access=ACCESS_KEY):
    return boto3.client(
        "bedrock-runtime", region_name="us-east-1", endpoint_url=server, aws_access_key_id=access,
        aws_secret_access_key=secret, config=botocore.config.Config(retries={"total_max_attempts": 1}))


@pytest.fixture(scope="module")
def bedrock(server):
    return bedrock_client(server)


BEDROCK_TOOLS = {"tools": [{"toolSpec": {
    "name": WEATHER["name"], "description": WEATHER["description"], "inputSchema": {"json": WEATHER["parameters"]}}}]}


def turn(text, role="user"):
    return {"role": role, "content": [{"text": text}]}


def read_stream(answer) -> SimpleNamespace:
    """What a converse-stream says, put together."""
    text = arguments = thought = signature = ""
    tool = stop = metadata = None
    for event in answer["stream"]:
        assert stop is None or "metadata" in event, "only metadata comes after the stop"
        if start := event.get("contentBlockStart"):
            tool = start["start"]["toolUse"]
        if delta := event.get("contentBlockDelta", {}).get("delta"):
            text += delta.get("text", "")
            arguments += delta.get("toolUse", {}).get("input", "")
            thought += delta.get("reasoningContent", {}).get("text", "")
            signature += delta.get("reasoningContent", {}).get("signature", "")
        stop = event.get("messageStop", {}).get("stopReason") or stop
        metadata = event.get("metadata") or metadata
    return SimpleNamespace(
        text=text, arguments=arguments, thought=thought, signature=signature, tool=tool, stop=stop,
        usage=metadata["usage"])


def test_bedrock_answers_and_streams_the_same(bedrock, server):
    messages = [turn("What is a weir? #mock events=9 bytes=40 input=70 cached=20 written=8")]
    whole = bedrock.converse(modelId=BEDROCK, messages=messages)
    text = whole["output"]["message"]["content"][0]["text"]
    stream = read_stream(answer := bedrock.converse_stream(modelId=BEDROCK, messages=messages))
    assert text and stream.text == text and whole["stopReason"] == stream.stop == "end_turn"
    for usage, metadata in ((whole["usage"], whole["ResponseMetadata"]), (stream.usage, answer["ResponseMetadata"])):
        assert usage == {"inputTokens": 42, "outputTokens": 9, "totalTokens": 79, "cacheReadInputTokens": 20,
                         "cacheWriteInputTokens": 8}
        entry = bill(server, request_id=metadata["RequestId"])
        assert entry["model"] == BEDROCK and entry["usage"]["input_tokens"] == 70 and entry["usage"]["output_tokens"] == 9


def test_bedrock_uses_a_tool_and_takes_its_result(bedrock):
    question = turn("Weather? #mock tool=get_weather events=5")
    whole = bedrock.converse(modelId=BEDROCK, messages=[question], toolConfig=BEDROCK_TOOLS)
    message = whole["output"]["message"]
    use = message["content"][0]["toolUse"]
    stream = read_stream(bedrock.converse_stream(modelId=BEDROCK, messages=[question], toolConfig=BEDROCK_TOOLS))
    assert whole["stopReason"] == stream.stop == "tool_use" and stream.tool["name"] == use["name"] == "get_weather"
    assert json.loads(stream.arguments) == use["input"]

    def answer(content, **options):
        messages = [question, message, {"role": "user", "content": content}]
        return bedrock.converse(modelId=BEDROCK, messages=messages, **({"toolConfig": BEDROCK_TOOLS} | options))

    result = {"toolResult": {"toolUseId": use["toolUseId"], "content": [{"json": {"sky": "grey"}}]}}
    assert answer([result, {"text": "#mock events=1"}])["output"]
    for content, text in [([{"text": "Well?"}], "Expected toolResult blocks"), ([result, result], "exceeds the number")]:
        with pytest.raises(bedrock.exceptions.ValidationException, match=text):
            answer(content)
    with pytest.raises(bedrock.exceptions.ValidationException, match="toolConfig field must be defined"):
        bedrock.converse(modelId=BEDROCK, messages=[question, message, {"role": "user", "content": [result]}])


def test_bedrock_thinks_and_knows_its_thought_again(bedrock):
    thinking = {"thinking": {"type": "enabled", "budget_tokens": 2048}}
    question = turn("Think. #mock events=3 reasoning=6")
    whole = bedrock.converse(modelId=BEDROCK, messages=[question], additionalModelRequestFields=thinking)
    thought = whole["output"]["message"]["content"][0]["reasoningContent"]["reasoningText"]
    stream = read_stream(
        bedrock.converse_stream(modelId=BEDROCK, messages=[question], additionalModelRequestFields=thinking))
    assert thought == {"text": stream.thought, "signature": stream.signature} and whole["usage"]["outputTokens"] == 9
    history = [question, whole["output"]["message"], turn("Go on")]
    assert bedrock.converse(modelId=BEDROCK, messages=history)["output"]
    thought["text"] += "!"
    with pytest.raises(bedrock.exceptions.ValidationException, match="Invalid `signature`"):
        bedrock.converse(modelId=BEDROCK, messages=history)


@pytest.mark.parametrize("status, name", [
    (403, "AccessDeniedException"), (404, "ResourceNotFoundException"), (429, "ThrottlingException"),
    (424, "ModelErrorException"), (500, "InternalServerException"), (503, "ServiceUnavailableException")])
def test_bedrock_fails_as_told(bedrock, status, name):
    with pytest.raises(getattr(bedrock.exceptions, name)) as caught:
        bedrock.converse(modelId=BEDROCK, messages=[turn(f"Fail #mock status={status}")])
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_bedrock_breaks_in_a_stream(bedrock):
    with pytest.raises(botocore.exceptions.EventStreamError, match="modelStreamErrorException"):
        read_stream(bedrock.converse_stream(modelId=BEDROCK, messages=[turn("#mock error=4")]))
    with pytest.raises(Exception, match="[Cc]hecksum"):
        read_stream(bedrock.converse_stream(modelId=BEDROCK, messages=[turn("#mock garbage=sse")]))


@pytest.mark.parametrize("options, message", [
    ({"messages": [turn("Hi", "assistant")]}, "must start with a user message"),
    ({"messages": [turn("Hi"), turn("There")]}, "must alternate"),
    ({"messages": [turn(" ")]}, "is blank"),
    ({"messages": [{"role": "user", "content": []}]}, "is empty"),
    ({"toolConfig": {"tools": [{"toolSpec": {"name": "a b", "inputSchema": {"json": {"type": "object"}}}}]}}, "pattern"),
])
def test_bedrock_is_strict(bedrock, options, message):
    with pytest.raises(bedrock.exceptions.ValidationException, match=message):
        bedrock.converse(**{"modelId": BEDROCK, "messages": [turn("Hi")]} | options)


@pytest.mark.parametrize("model", [BEDROCK, "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.some-model-v1:0"])
def test_bedrock_checks_signatures(server, bedrock, model):
    assert bedrock.converse(modelId=model, messages=[turn("Hi")])["output"]
    with pytest.raises(botocore.exceptions.ClientError, match="InvalidSignatureException"):
        bedrock_client(server, secret="another").converse(modelId=model, messages=[turn("Hi")])
    with pytest.raises(botocore.exceptions.ClientError, match="UnrecognizedClientException"):
        bedrock_client(server, access="AKIAANOTHER").converse(modelId=model, messages=[turn("Hi")])


# Azure


def azure_client(server, key=MOCK_KEY, version="2024-10-21"):
    return openai.AzureOpenAI(
        azure_endpoint=server, api_key=key, api_version=version, max_retries=0, timeout=30)


def test_azure_answers_and_streams_the_same(server):
    question = user("What is a weir? #mock events=9 bytes=40")
    with azure_client(server) as client:
        whole = client.chat.completions.create(model="my-deployment", messages=question)
        stream = client.chat.completions.create(
            model="my-deployment", messages=question, stream=True, stream_options={"include_usage": True})
        text, _, finish, usages, chunks = gather(stream)
    assert text == whole.choices[0].message.content and finish == "stop" and usages == [whole.usage]
    assert chunks[0].choices == [] and chunks[0].prompt_filter_results[0]["prompt_index"] == 0
    assert whole.choices[0].content_filter_results["hate"]["filtered"] is False
    entry = bill(server, request_id="req_" + whole.id.removeprefix("chatcmpl-"))
    assert entry["path"] == "/openai/deployments/chat/completions" and entry["model"] == "my-deployment"
    assert entry["usage"]["output_tokens"] == whole.usage.completion_tokens == 9


def test_azure_calls_a_tool_by_either_path(server):
    with azure_client(server) as dated, openai.OpenAI(base_url=f"{server}/openai/v1", api_key=MOCK_KEY) as plain:
        for client in (dated, plain):
            answer = client.chat.completions.create(
                model="d", messages=user("Weather? #mock tool=get_weather"), tools=[CHAT_TOOL])
            assert answer.choices[0].message.tool_calls[0].function.name == "get_weather"


def test_azure_fails_in_its_own_shape(server):
    with azure_client(server, key="wrong") as client, pytest.raises(openai.AuthenticationError) as caught:
        client.chat.completions.create(model="d", messages=user("Hi"))
    assert caught.value.code == "401" and caught.value.type is None
    with azure_client(server, version="then") as client, pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="d", messages=user("Hi"))
    assert caught.value.code == "404" and caught.value.body["message"] == "Resource not found"
    with azure_client(server) as client, pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(model="d", messages=user("#mock status=429 retry-after=7"))
    assert caught.value.code == "429" and caught.value.response.headers["retry-after"] == "7"
    assert caught.value.response.headers["apim-request-id"]
