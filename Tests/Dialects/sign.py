"""Signs random requests with botocore and writes them as Tests/Fixtures/dialects/sigv4.tsv, or compares them with that file.

Columns: access key, secret key, session token, region, time, host, model, stream, body, authorization.
"""

import random
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from unittest import mock
from urllib.parse import quote

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

FILE = Path(__file__).parent.parent / "Fixtures" / "dialects" / "sigv4.tsv"
MODELS = ["anthropic.claude-3-5-sonnet-20241022-v2:0", "us.amazon.nova-pro-v1:0", "meta.llama3-70b-instruct-v1:0"]
KEY_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="


def text(source: random.Random, letters: str, least: int, most: int) -> str:
    return "".join(source.choice(letters) for _ in range(source.randint(least, most)))


def model(source: random.Random) -> str:
    kind = source.randrange(4)
    if kind == 0:
        return source.choice(MODELS)
    if kind == 1:
        profile = text(source, "abcdef0123456789", 4, 20)
        return f"arn:aws:bedrock:eu-west-1:123456789012:inference-profile/{profile}"
    return text(source, "abcXYZ019-._~:/ +%@!$&'()*,;=é", 1, 40).strip(". /") or "m"


def line(source: random.Random) -> str:
    access, secret = text(source, KEY_LETTERS[:26] + KEY_LETTERS[52:62], 20, 20), text(source, KEY_LETTERS, 1, 90)
    token = text(source, KEY_LETTERS, 100, 900) if source.random() < 0.5 else ""
    region = source.choice(["us-east-1", "eu-central-1", "ap-southeast-2", "us-gov-west-1"])
    now = datetime(2020, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=source.randrange(400_000_000))
    host = f"bedrock-runtime.{region}.amazonaws.com"
    name, stream = model(source), source.random() < 0.5
    body = text(source, '{}[]",: abcdefé\\u', 0, 300)
    path = f"/model/{quote(name, safe='~')}/{'converse-stream' if stream else 'converse'}"

    request = AWSRequest(
        "POST", f"https://{host}{path}", headers={"Content-Type": "application/json"}, data=body.encode()
    )
    with mock.patch.object(botocore.auth, "get_current_datetime", lambda remove_tzinfo=True: now.replace(tzinfo=None)):
        botocore.auth.SigV4Auth(Credentials(access, secret, token or None), "bedrock", region).add_auth(request)
    time = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert request.headers["X-Amz-Date"] == time.replace("-", "").replace(":", "")
    fields = [access, secret, token, region, time, host, name, str(stream).lower(), body]
    return "\t".join([*fields, request.headers["Authorization"]])


def main() -> int:
    source = random.Random(4)
    lines = "".join(line(source) + "\n" for _ in range(200))
    if sys.argv[1:] == ["--write"]:
        FILE.write_text(lines)
        return 0
    if FILE.read_text() == lines:
        return 0
    print(f"{FILE.name} is not what this botocore signs", file=sys.stderr)
    return 1


sys.exit(main())
