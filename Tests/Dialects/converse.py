"""Checks each body of Tests/Fixtures/dialects/converse.tsv with botocore's model of Bedrock Runtime: it is valid there, and botocore would send the
same for what it says."""

import base64
import json
import re
import sys
from pathlib import Path

from botocore import loaders, model, serialize, validate

FILE = Path(__file__).parent.parent / "Fixtures" / "dialects" / "converse.tsv"
SERVICE = model.ServiceModel(loaders.Loader().load_service_model("bedrock-runtime", "service-2"))
CONVERSE = SERVICE.operation_model("Converse")


def value(shape: model.Shape, body, faults: list[str]):
    """The body as an application would give it to botocore: bytes instead of base64. Patterns, which botocore leaves to the server, are checked."""
    if getattr(shape, "is_document_type", False):
        return body
    if shape.type_name == "structure":
        if shape.metadata.get("union") and len(body) != 1:
            faults.append(f"{shape.name} has {len(body)} members")
        return {name: value(shape.members[name], member, faults) if name in shape.members else member
                for name, member in body.items()}
    if shape.type_name == "list":
        return [value(shape.member, element, faults) for element in body]
    if shape.type_name == "blob":
        return base64.b64decode(body + "=" * (-len(body) % 4))
    if shape.type_name == "string":
        pattern = shape.metadata.get("pattern")
        if pattern and not re.fullmatch(pattern, body):
            faults.append(f"{shape.name} does not match {pattern}: {body}")
        if shape.enum and body not in shape.enum:
            faults.append(f"{shape.name} is none of {shape.enum}: {body}")
    return body


def faults(body: dict) -> list[str]:
    found: list[str] = []
    parameters = {"modelId": "m"} | value(CONVERSE.input_shape, body, found)
    report = validate.ParamValidator().validate(parameters, CONVERSE.input_shape)
    if report.has_errors():
        return [*found, report.generate_report()]
    sent = serialize.create_serializer("rest-json", False).serialize_to_request(parameters, CONVERSE)
    if json.loads(sent["body"]) != body:
        found.append(f"botocore would send {sent['body']}")
    roles = [message["role"] for message in body["messages"]]
    if roles != ["user", "assistant"] * (len(roles) // 2) + ["user"] * (len(roles) % 2):
        found.append(f"roles do not alternate: {roles}")
    return found


def main() -> int:
    status = 0
    for line in FILE.read_text().splitlines():
        name, body = line.split("\t")
        for fault in faults(json.loads(body)):
            print(f"{name}: {fault}", file=sys.stderr)
            status = 1
    return status


sys.exit(main())
