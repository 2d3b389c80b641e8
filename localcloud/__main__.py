"""`python -m localcloud up|down|status|reset|fire|advance|serve`: starts, finds, stops and tells the server."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

START_SECONDS = 60
STOP_SECONDS = 10


def main() -> int:
    """Run the command; the exit code is 0 when it got what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m localcloud", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "status", "reset", "fire", "advance", "serve"])
    parser.add_argument("what", nargs="?", default="", help="fire: an EventBridge schedule's name; advance: hours")
    parser.add_argument("--account", default="111111111111", help="for fire: the schedule's account")
    parser.add_argument("--region", default="eu-west-1", help="for fire: the schedule's region")
    parser.add_argument(
        "--time", default="", help="for fire: the schedule's time, as 2026-11-21T00:05:00Z; default: now"
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--directory", type=Path, default=Path(".local"), help="state, log and record of calls")
    arguments = parser.parse_args()
    if arguments.command == "serve":
        from localcloud.server import serve

        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        serve(arguments.port, arguments.directory)
        return 0
    if arguments.command == "up":
        return up(arguments.port, arguments.directory)
    if arguments.command == "reset":
        return tell(arguments.directory, "/localcloud/reset")
    if arguments.command == "fire":
        query = {"schedule": arguments.what, "account": arguments.account, "region": arguments.region}
        query |= {"time": arguments.time} if arguments.time else {}
        return tell(arguments.directory, f"/localcloud/fire?{urllib.parse.urlencode(query)}")
    if arguments.command == "advance":
        return tell(
            arguments.directory, f"/localcloud/advance?{urllib.parse.urlencode({'hours': float(arguments.what)})}"
        )
    return down(arguments.directory) if arguments.command == "down" else status(arguments.directory)


def up(port: int, directory: Path) -> int:
    """Start the server in the background unless it runs; prints its endpoint."""
    if state := running(directory):
        print(state["endpoint"])
        return 0
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "cloud.json").unlink(missing_ok=True)
    command = [sys.executable, "-m", "localcloud", "serve", "--port", str(port), "--directory", str(directory)]
    environment = {name: value for name, value in os.environ.items() if name != "AWS_PROFILE"}  # it needs nobody's
    with (directory / "cloud.log").open("ab") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True, env=environment
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if state := running(directory):
            print(state["endpoint"])
            return 0
        time.sleep(0.05)
    print(f"localcloud: up: no answer. Fix: read {directory / 'cloud.log'}.", file=sys.stderr)
    return 1


def down(directory: Path) -> int:
    """Stop the server; stopping a stopped one is fine."""
    if state := running(directory):
        os.kill(state["pid"], signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while running(directory) and time.monotonic() < deadline:
            time.sleep(0.05)
    (directory / "cloud.json").unlink(missing_ok=True)
    return 0


def status(directory: Path) -> int:
    """Print the endpoint of the running server, or say that none runs."""
    state = running(directory)
    print(state["endpoint"] if state else "down")
    return 0 if state else 1


def tell(directory: Path, path: str) -> int:
    """Send a command to the running server and print its answer."""
    state = running(directory)
    if state is None:
        print("localcloud: server: down is not up. Fix: python -m localcloud up.", file=sys.stderr)
        return 1
    request = urllib.request.Request(state["endpoint"] + path, method="POST")  # noqa: S310 - our own loopback
    try:
        with urllib.request.urlopen(request, timeout=120) as reply:  # noqa: S310 - our own loopback
            print(reply.read().decode())
            return 0
    except urllib.error.HTTPError as error:
        print(json.load(error)["error"], file=sys.stderr)
        return 1


def running(directory: Path) -> dict[str, Any] | None:
    """The state of the server that answers, or None."""
    try:
        state: dict[str, Any] = json.loads((directory / "cloud.json").read_text())
        with urllib.request.urlopen(f"{state['endpoint']}/localcloud/status", timeout=5) as reply:  # noqa: S310 - our own loopback
            return state if json.load(reply).get("pid") == state["pid"] else None
    except (OSError, ValueError, urllib.error.URLError):
        return None


if __name__ == "__main__":
    sys.exit(main())
