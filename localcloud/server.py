"""Joins the extensions into one gateway and serves it on loopback, with endpoints of its own under /localcloud/."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from waitress.server import create_server

from localcloud.accounts import identify
from localcloud.clock import advance
from localcloud.gateway import AwsError, Extensions, Gateway, StartResponse
from localcloud.home import HOME
from localcloud.recording import Recorder, record_with
from localcloud.requests_read import Channel
from localcloud.schedules import fire
from localcloud.serial import lock_for

# A call that waits for another (an Athena query, a Lambda function, a long poll) holds a thread meanwhile.
THREADS = 64
LARGEST_BODY_BYTES = 5 * 1024**3  # S3's own limit of one PutObject

EXTENSIONS = (
    "localcloud.accounts",
    "localcloud.clock",
    "localcloud.organisation",
    "localcloud.managed_policies",
    "localcloud.ram",
    "localcloud.athena",
    "localcloud.lakeformation",
    "localcloud.glue",
    "localcloud.s3_access",
    "localcloud.object_lock",
    "localcloud.refusals",
    "localcloud.functions",
    "localcloud.function_settings",
    "localcloud.queues",
    "localcloud.read_back",
    "localcloud.event_rules",
    "localcloud.jobs",
    "localcloud.keys",
    "localcloud.schedules",
    "localcloud.cloudformation",
    "localcloud.cloudformation_change_sets",
    "localcloud.trail",
    "localcloud.transactions",
)


def build_extensions() -> tuple[Extensions, list[Callable[[], None]]]:
    """Every extension merged, and what to call on a reset."""
    merged, resets = Extensions(), []
    for name in EXTENSIONS:
        module = importlib.import_module(name)
        merged.add(module)
        if hasattr(module, "reset"):
            resets.append(module.reset)
    return merged, resets


class Application:
    """The gateway plus `/localcloud/…`: status, reset, calls, advance."""

    def __init__(self, directory: Path) -> None:
        self.recorder = Recorder(directory / "calls.jsonl")
        record_with(self.recorder)
        extensions, self.resets = build_extensions()
        moto: Any = DomainDispatcherApplication(create_backend_app)
        self.gateway = Gateway(moto, extensions, identify, self.recorder, lock_for)
        self.routes: dict[tuple[str, str], Callable[[], Any]] = {
            ("GET", "/localcloud/status"): lambda: {"status": "up", "pid": os.getpid()},
            ("GET", "/localcloud/calls"): self.recorder.read,
            ("POST", "/localcloud/reset"): self.reset,
        }

    def answer(self, method: str, path: str, query: dict[str, str]) -> tuple[str, Any]:
        """Status and body of one of our own endpoints."""
        if (method, path) == ("POST", "/localcloud/fire"):
            try:
                return "200 OK", fire(query["schedule"], query["account"], query["region"], query.get("time", ""))
            except AwsError as error:
                return "400 Bad Request", {"error": str(error)}
        if (method, path) == ("POST", "/localcloud/advance"):
            return "200 OK", advance(float(query["hours"]))
        route = self.routes.get((method, path))
        return ("200 OK", route()) if route else ("404 Not Found", {"error": f"{path}: no such endpoint"})

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        environ["RAW_URI"] = environ["REQUEST_URI"]  # moto reads the undecoded path by this name
        path = environ.get("PATH_INFO", "")
        if not path.startswith("/localcloud/"):
            return self.gateway(environ, start_response)
        query = dict(parse_qsl(environ.get("QUERY_STRING", "")))
        status, reply = self.answer(environ["REQUEST_METHOD"], path, query)
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(reply).encode()]

    def reset(self) -> dict[str, str]:
        """An empty cloud again, as just started."""
        from moto.moto_api._internal.models import moto_api_backend

        for reset in self.resets:
            reset()
        moto_api_backend.reset()
        self.recorder.clear()
        return {"status": "empty"}


def serve(port: int, directory: Path) -> None:
    """Serve until killed; says where in `<directory>/cloud.json` once it answers."""
    directory.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("MOTO_S3_DEFAULT_MAX_KEYS", "1000")
    application = Application(directory)
    server: Any = create_server(
        application,
        host="127.0.0.1",
        port=port,
        threads=THREADS,
        connection_limit=1000,
        max_request_body_size=LARGEST_BODY_BYTES,
    )
    server.channel_class = Channel
    HOME.endpoint, HOME.directory = f"http://127.0.0.1:{server.effective_port}", directory
    os.environ["MOTO_PORT"] = str(server.effective_port)
    state = directory / "cloud.json"
    state.with_suffix(".new").write_text(json.dumps({"endpoint": HOME.endpoint, "pid": os.getpid()}))
    state.with_suffix(".new").replace(state)
    try:
        server.run()
    finally:  # jobs and functions are processes of their own
        for reset in application.resets:
            reset()
