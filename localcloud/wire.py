"""AWS's wire protocols: which service and action a request is, its input, and replies and errors in its protocol."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4
from xml.sax.saxutils import escape

from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request as MotoRequest
from moto.core.request import determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

Reply = tuple[int, list[tuple[str, str]], Iterable[bytes]]
# Signing names whose botocore model has another name.
MODEL_NAMES = {"monitoring": "cloudwatch", "tagging": "resourcegroupstaggingapi", "states": "stepfunctions"}
SCOPE = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/]*)/([^/]*)/aws4_request")


@dataclass(frozen=True)
class Wire:
    """How to answer: the service's signing name, the action and the protocol of the request."""

    service: str
    action: str
    protocol: str
    content_type: str
    method: str
    operation: OperationModel | None


@dataclass(frozen=True)
class Request:
    """One signed AWS request."""

    wire: Wire
    access_key_id: str
    region: str
    params: dict[str, Any]
    headers: dict[str, str]


def parse_request(environ: dict[str, Any]) -> Request | None:
    """The AWS request in `environ` (whose body stays readable), or None for a request that nobody signed."""
    scope = _scope(environ)
    if scope is None:
        return None
    access_key_id, region, service = scope
    if service == "s3" and environ.get("PATH_INFO", "").startswith("/v20180820/"):
        service = "s3control"
    body = b"" if service == "s3" and not _names_objects(environ) else _buffer_body(environ)
    headers = {key[5:].lower().replace("_", "-"): value for key, value in environ.items() if key.startswith("HTTP_")}
    wire, params = _parse(service, environ, body)
    return Request(wire, access_key_id, region, params, headers)


def reply_with_json(wire: Wire, reply: dict[str, Any]) -> Reply:
    """`reply` as a success of this call: JSON as it stands, or laid out by the operation's model."""
    if wire.protocol in ("json", "rest-json") and not _is_laid_out(wire.operation):
        body = json.dumps(reply, default=_json_default).encode()
        status = int(wire.operation.http.get("responseCode", 200)) if wire.operation else 200
        return status, _headers(wire, body), [body]
    if wire.operation is None:
        raise NotImplementedError("no model of this operation to answer with")
    name = wire.operation.service_model.service_name
    reply_dict = get_serializer_class(name, wire.protocol)(wire.operation).serialize(reply)
    text = reply_dict["body"]
    body = text.encode() if isinstance(text, str) else text
    headers = [(key, str(value)) for key, value in reply_dict["headers"].items() if key.lower() != "content-length"]
    named = {key.lower() for key, _ in headers}
    headers += [(key, value) for key, value in _headers(wire, body) if key.lower() not in named]
    return _status(wire.operation, reply, int(reply_dict["status_code"])), headers, [body]


def _status(operation: OperationModel, reply: dict[str, Any], default: int) -> int:
    """The status that the reply names, where the operation has a member for it (Lambda's Invoke)."""
    members = getattr(operation.output_shape, "members", {})
    named = (name for name, member in members.items() if member.serialization.get("location") == "statusCode")
    return int(next((reply[name] for name in named if name in reply), default))


def rewrite_json(
    status: int,
    headers: list[tuple[str, str]],
    body: Iterable[bytes],
    change: Callable[[dict[str, Any]], dict[str, Any]],
) -> Reply:
    """The JSON reply changed, with its length made right."""
    text = b"".join(body)
    changed = json.dumps(change(json.loads(text or b"{}")), default=_json_default).encode()
    kept = [(key, value) for key, value in headers if key.lower() != "content-length"]
    return status, [*kept, ("Content-Length", str(len(changed)))], [changed]


def reply_with_error(wire: Wire, code: str, message: str, status: int, fields: dict[str, Any]) -> Reply:
    """An error in the protocol of the call."""
    if wire.protocol in ("json", "rest-json"):
        # Error shapes disagree about the case of "message": send both, as the SDKs read only their model's.
        body = json.dumps({"__type": code, "message": message, "Message": message, **fields}).encode()
    elif wire.service == "s3":
        body = f'<?xml version="1.0" encoding="UTF-8"?><Error>{_xml_error(code, message)}'.encode()
        body += f"<RequestId>{uuid4()}</RequestId></Error>".encode()
    elif wire.protocol == "ec2":
        body = f"<Response><Errors><Error>{_xml_error(code, message)}</Error></Errors>".encode()
        body += f"<RequestID>{uuid4()}</RequestID></Response>".encode()
    else:
        who = "Sender" if status < 500 else "Receiver"
        body = f"<ErrorResponse><Error><Type>{who}</Type>{_xml_error(code, message)}</Error>".encode()
        body += f"<RequestId>{uuid4()}</RequestId></ErrorResponse>".encode()
    headers = _headers(wire, body)
    if wire.protocol in ("json", "rest-json"):
        headers.append(("x-amzn-ErrorType", code))
    return status, headers, [] if wire.method == "HEAD" else [body]


def _xml_error(code: str, message: str) -> str:
    return f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"


def _scope(environ: dict[str, Any]) -> tuple[str, str, str] | None:
    if match := SCOPE.search(environ.get("HTTP_AUTHORIZATION", "")):
        return match.group(1), match.group(2), match.group(3).lower()
    query = environ.get("QUERY_STRING", "")
    if "X-Amz-Credential=" in query:
        parts = parse_qs(query)["X-Amz-Credential"][0].split("/")
        return (parts[0], parts[2], parts[3].lower()) if len(parts) == 5 else None
    return None


def _buffer_body(environ: dict[str, Any]) -> bytes:
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        body: bytes = stream.read()
    else:
        body = stream.read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
    return body


def _names_objects(environ: dict[str, Any]) -> bool:
    """Whether this is S3's DeleteObjects: the one body of S3 that says what a call is about; others are data."""
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    return environ.get("REQUEST_METHOD") == "POST" and "delete" in query


def _parse(service: str, environ: dict[str, Any], body: bytes) -> tuple[Wire, dict[str, Any]]:
    request = MotoRequest({**environ, "wsgi.input": io.BytesIO(body)})
    content_type = environ.get("CONTENT_TYPE", "")
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    model_name = "dynamodbstreams" if target.startswith("DynamoDBStreams") else MODEL_NAMES.get(service, service)
    method = environ.get("REQUEST_METHOD", "GET")
    try:
        model = get_service_model(model_name)
        protocol = determine_request_protocol(model, content_type)
        if target:
            request.environ["HTTP_X_AMZ_TARGET"] = _whole_target(target, str(model.metadata.get("targetPrefix")))
        operation, path_params = get_service_router(model_name).match(request)
    except NotFound:
        return Wire(service, target.rpartition(".")[2], "rest-xml", content_type, method, None), {}
    except Exception:  # a service that botocore doesn't know: moto may
        return Wire(service, target.rpartition(".")[2], "json", content_type, method, None), {}
    wire = Wire(service, str(operation.name), protocol, content_type, method, operation)
    if service == "s3" and not body:
        return wire, {**request.args.to_dict(), **path_params}
    if protocol == "json":
        return wire, json.loads(body or b"{}")
    parsed = PROTOCOL_PARSERS[protocol](operation).parse(
        {
            "method": method,
            "values": request.values,
            "headers": request.headers,
            "body": body,
            "url_path": request.path,
            "url_params": path_params,
        }
    )
    return wire, dict(parsed)


def _whole_target(target: str, prefix: str) -> str:
    """The target as botocore's model has it: SDKs leave out the front of a long prefix, as of CloudTrail's."""
    short, _, action = target.rpartition(".")
    return f"{prefix}.{action}" if prefix.endswith(f".{short}") else target


def _is_laid_out(operation: OperationModel | None) -> bool:
    """Whether parts of the output travel outside the JSON body: headers, status, or a raw payload."""
    shape = operation.output_shape if operation else None
    if shape is None:
        return False
    members = getattr(shape, "members", {})
    return "payload" in shape.serialization or any("location" in member.serialization for member in members.values())


def _headers(wire: Wire, body: bytes) -> list[tuple[str, str]]:
    kinds = {"json": wire.content_type or "application/x-amz-json-1.1", "rest-json": "application/json"}
    return [
        ("Content-Type", kinds.get(wire.protocol, "text/xml")),
        ("Content-Length", str(len(body))),
        ("x-amzn-RequestId", str(uuid4())),
    ]


def _json_default(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, set | frozenset | tuple):
        return sorted(value)
    raise TypeError(f"a reply holds a {type(value).__name__}, which JSON has no word for")
