"""An attempt in a process of its own (`python -m tests.faults.killed`) that a real SIGKILL ends. Judges nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import asdict

from insightshare.aws.publishing import Settings
from tests.faults.hook import Fault, Hook, Stopped
from tests.faults.lake import Lake
from tests.faults.operations import OPERATIONS, Facts, Operation
from tests.faults.points import in_this_process

SECONDS = 120


def in_a_process_that_is_killed(lake: Lake, operation: Operation, facts: Facts, hook: Hook) -> object:
    """The first attempt is killed in its process, at the call and in the way that the hook's plan says."""
    if hook.met:
        return in_this_process(lake, operation, facts, hook)
    (number, fault), *_ = hook.plan.items()
    order = {"endpoint": lake.endpoint, "settings": asdict(lake.settings), "operation": operation.name}
    body = json.dumps({**order, "facts": facts, "number": number, "fault": fault})
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.killed"], input=body, capture_output=True, text=True, timeout=SECONDS
    )
    if done.returncode != -signal.SIGKILL:
        raise AssertionError(f"the process ended with {done.returncode} instead of a SIGKILL: {done.stderr[-1000:]}")
    hook.met.append(fault)
    hook.plan.clear()
    raise Stopped


def main() -> int:
    """Make the attempt that standard input describes; does not return if the plan's call is reached."""
    order = json.load(sys.stdin)
    lake = Lake(order["endpoint"], Settings(**order["settings"]))
    hook = Hook({order["number"]: Fault(order["fault"])})
    OPERATIONS[order["operation"]].attempt(lake.ports(hook), order["facts"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
