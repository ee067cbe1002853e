"""Every refusal and every failure reaches the openai SDK as the exception that its documentation promises."""

import json
import urllib.error
import urllib.request

import openai
import pytest

from conftest import BODY_LIMIT
from shapes import gather, user

pytestmark = pytest.mark.gateway


@pytest.fixture(scope="module")
def client(weir):
    with weir.client() as client:
        yield client


def chat(client, text="Hello", model="mock-model", **options):
    return client.chat.completions.create(model=model, messages=user(text), **options)


def caught(exception: type, status: int, code: str | None, call) -> openai.APIStatusError:
    with pytest.raises(openai.APIStatusError) as info:
        call()
    error = info.value
    assert type(error) is exception and error.status_code == status and error.code == code, repr(error)
    assert error.request_id and error.request_id == error.response.headers["request-id"]
    assert isinstance(error.body, dict) and {"message", "type", "param", "code"} <= error.body.keys()
    return error


def test_unknown_key(weir):
    with weir.client("sk-weir-demo-wrong") as client:
        caught(openai.AuthenticationError, 401, "invalid_api_key", lambda: chat(client))
        caught(openai.AuthenticationError, 401, "invalid_api_key", lambda: list(client.models.list()))
        caught(openai.AuthenticationError, 401, "invalid_api_key", lambda: chat(client, stream=True))


def test_no_key(client):
    caught(openai.AuthenticationError, 401, "invalid_api_key",
           lambda: chat(client, extra_headers={"Authorization": openai.Omit()}))


def test_key_as_x_api_key(weir, client):
    headers = {"Authorization": openai.Omit(), "x-api-key": weir.keys["demo"]}
    assert chat(client, extra_headers=headers).choices
    with pytest.raises(openai.APIStatusError):
        chat(client, extra_headers={"x-api-key": weir.keys["narrow"]})


def test_model_that_does_not_exist(client):
    error = caught(openai.NotFoundError, 404, "model_not_found", lambda: chat(client, model="no-such-model"))
    assert error.param == "model" and "no-such-model" in error.message


def test_model_that_the_key_may_not_use(weir):
    with weir.client("narrow") as client:
        caught(openai.PermissionDeniedError, 403, "model_not_allowed", lambda: chat(client))


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"model": 17, "messages": []}', b'{"model": "tiny", "model": "tiny"}'])
def test_body_that_is_no_request(weir, body):
    """Sent by hand: the SDK would not."""
    headers = {"Authorization": f"Bearer {weir.keys['demo']}", "Content-Type": "application/json"}
    with pytest.raises(urllib.error.HTTPError) as info:
        urllib.request.urlopen(urllib.request.Request(f"{weir.base_url}/chat/completions", body, headers), timeout=10)
    with info.value as answer:
        error = json.load(answer)["error"]
        assert answer.status == 400 and answer.headers["x-request-id"]
    assert error["type"] == "invalid_request_error" and error["message"] and "code" in error


def test_path_that_does_not_exist(client):
    with pytest.raises(openai.NotFoundError) as info:
        client.post("/no/such/path", cast_to=object, body={})
    assert isinstance(info.value.body, dict) and info.value.request_id


def test_body_over_the_limit(client):
    caught(openai.APIStatusError, 413, "request_too_large", lambda: chat(client, "x" * (BODY_LIMIT + 1)))
    assert chat(client, "x" * (BODY_LIMIT // 2)).choices


def test_rate_limit_of_the_upstream(client):
    with pytest.raises(openai.RateLimitError) as info:
        chat(client, "#mock status=429 retry-after=2")
    assert info.value.response.headers["retry-after"] == "2" and info.value.request_id


def test_rate_limit_before_a_stream(client):
    with pytest.raises(openai.RateLimitError) as info:
        chat(client, "#mock status=429 retry-after=2", stream=True)
    assert info.value.response.headers["retry-after"] == "2"


def test_the_sdk_retries_what_it_may(client):
    """An SDK of two tries makes two, tells so, and gives up with the same exception."""
    with pytest.raises(openai.RateLimitError) as info:
        chat(client.with_options(max_retries=1), "#mock status=429 retry-after=0")
    assert info.value.response.request.headers["x-stainless-retry-count"] == "1"


@pytest.mark.parametrize("status", [400, 404, 422])
def test_fault_of_the_request_keeps_its_status_or_becomes_the_gateways(client, status):
    with pytest.raises(openai.APIStatusError) as info:
        chat(client, f"#mock status={status}")
    assert info.value.status_code in {400: (400,), 404: (404, 502), 422: (422, 400)}[status] and info.value.request_id


@pytest.mark.parametrize("status", [500, 502, 503, 529])
def test_failure_of_the_upstream(client, status):
    with pytest.raises(openai.InternalServerError) as info:
        chat(client, f"#mock status={status}")
    assert info.value.request_id and info.value.body


def test_upstream_that_nobody_listens_at(client):
    with pytest.raises(openai.InternalServerError) as info:
        chat(client, model="unreachable")
    assert info.value.status_code in (502, 503) and info.value.code in ("upstream_error", "upstream_unavailable")
    assert "127.0.0.1" not in info.value.message


@pytest.mark.parametrize("cut", [1, 3])
def test_stream_that_breaks(client, cut):
    """Not a silent end, and not a bare broken connection: the error is in the stream."""
    got = []
    with pytest.raises(openai.APIError) as info:
        for chunk in chat(client, f"#mock cut={cut} events=9 bytes=20", stream=True):
            got.append(chunk)
    assert type(info.value) is openai.APIError and info.value.code == "upstream_error" and len(got) <= cut
    assert chat(client).choices, "the next request is served"


def test_stream_of_responses_that_breaks(client):
    """Ends with an error event or with response.failed, never as if it were complete."""
    types = []
    try:
        for event in client.responses.create(model="mock-model", input="#mock cut=3 events=9", stream=True):
            types.append(event.type)
    except openai.APIError:
        types.append("error")
    assert types[-1] in ("error", "response.failed") and "response.completed" not in types


def test_answer_that_is_no_json(client):
    with pytest.raises(openai.InternalServerError) as info:
        chat(client, "#mock garbage=json")
    assert info.value.status_code == 502


def test_client_that_runs_out_of_patience(client):
    with pytest.raises(openai.APITimeoutError):
        chat(client, "#mock first=5s events=2", timeout=0.3)
    assert gather(chat(client, "#mock events=4", stream=True))[2] == "stop"
