"""Runs several processes in every possible order of their calls to the ports. Knows nothing of publishing's rules.

A process is any function of `Ports`. It is run again and again with the answers that it got so far; its next new call
is the step that the explorer may take next. So the code under test is the real code. Orders that lead to the same state
are followed together: each state is visited once, and every order is counted.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

from insightshare.errors import InsightshareError, Retryable
from insightshare.publish.ports import Ports
from tests.fakes import NOON, World, ports_on

Process = Callable[[Ports], object]
PortsOn = Callable[[World], Ports]
READS = {"read", "list", "folders", "table", "partition", "partitions", "run", "runs", "pointer", "pointers"}
READS |= {"newest_pointer", "decision", "decisions", "last_decision", "versions"}


@dataclass(frozen=True)
class Call:
    """One call to a port, not yet made."""

    port: str
    method: str
    arguments: tuple[Any, ...]

    def is_private(self, files_change: bool) -> bool:
        """Whether it reads what no process changes: tables that do not move; manifests and run folders, unless told."""
        what = str(self.arguments[0]) if self.arguments else ""
        if self.method == "table":
            return not what.endswith("_latest")
        if files_change:
            return False
        return (self.method == "list" and what.startswith("insights/")) or (
            self.method == "read" and what.endswith("/manifest.json")
        )

    def on(self, ports: Ports) -> Any:
        """Make the call; an error of ours is an answer like any other."""
        try:
            return getattr(getattr(ports, self.port), self.method)(*self.arguments)
        except InsightshareError as error:
            return error


class Pause(BaseException):
    """Leaves a process at its next call; no `except Exception` in the code under test can swallow it."""

    def __init__(self, call: Call) -> None:
        self.call = call


class Violation(Exception):
    """What a process saw that nobody may see; ends the process, and is in what was explored."""


class Replay:
    """One port that gives the recorded answers and pauses at the first new call."""

    def __init__(self, port: str, answers: Iterator[Any]) -> None:
        self._port = port
        self._answers = answers

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method == "uri":
            return ports_on(World()).storage.uri  # text only, no step

        def call(*arguments: Any) -> Any:
            for answer in self._answers:
                if isinstance(answer, InsightshareError):
                    raise answer
                return answer
            raise Pause(Call(self._port, method, arguments))

        return call


class Codes:
    """One small number per different value, so that states compare quickly; keeps one object for equal values."""

    def __init__(self) -> None:
        self._by_text: dict[str, Any] = {}
        self._by_identity: dict[int, int] = {}

    def kept(self, value: Any) -> Any:
        """Return the object that is kept for values equal to this one; they are equal if they print alike."""
        if id(value) in self._by_identity:
            return value
        kept = self._by_text.setdefault(repr(value), value)
        self._by_identity.setdefault(id(kept), len(self._by_identity))
        return kept

    def code(self, kept: Any) -> int:
        """Return the number of an object that is kept."""
        return self._by_identity[id(kept)]

    def world(self, world: World) -> int:
        """Return what is equal for equal worlds; the order of announcements and of the queue does not count."""
        parts = [
            frozenset((key, self.code(value)) for key, value in part.items())
            if isinstance(part, dict)
            else tuple(sorted(map(self.code, part)))
            for part in vars(world).values()
        ]
        return hash(tuple(parts))

    def keep(self, world: World) -> World:
        """Replace every value of the world by the kept one."""
        for part in vars(world).values():
            for place in part if isinstance(part, dict) else range(len(part)):
                part[place] = self.kept(part[place])
        return world


@dataclass(frozen=True)
class Node:
    """One state: the world, and what each process has seen; with the accidents that may still happen.

    `world_key` and `histories` are hashes of the world and of each process's answers: 64 bits, practically never equal
    for different ones, where whole tuples would take gigabytes.
    """

    world: World
    world_key: int
    answers: tuple[tuple[Any, ...], ...]
    histories: tuple[int, ...]
    crashes: int
    late: int
    in_flight: tuple[Call, ...] = ()

    @property
    def key(self) -> tuple[Any, ...]:
        """What is equal for equal states."""
        return self.world_key, self.histories, self.crashes, self.late, tuple(map(id, self.in_flight))

    @property
    def progress(self) -> tuple[int, int]:
        """What every step makes larger, and what is equal for equal states."""
        return -self.crashes - self.late, sum(map(len, self.answers)) - len(self.in_flight)

    def answered(self, index: int, answer: Any, code: int) -> "Node":
        """Return the state in which a process has one answer more."""
        return self._with(index, (*self.answers[index], answer), hash((self.histories[index], code)))

    def restarted(self, index: int) -> "Node":
        """Return the state in which a process begins again."""
        return self._with(index, (), 0)

    def _with(self, index: int, answers: tuple[Any, ...], history: int) -> "Node":
        changed = (*self.answers[:index], answers, *self.answers[index + 1 :])
        histories = (*self.histories[:index], history, *self.histories[index + 1 :])
        return Node(self.world, self.world_key, changed, histories, self.crashes, self.late, self.in_flight)


@dataclass
class Explored:
    """What an exploration saw: `orders` counts every way through the states, from the start to an end.

    Reads that nobody can disturb are made at once and make no orders of their own.
    """

    states: int = 0
    ends: int = 0
    orders: int = 0
    violations: list[str] = field(default_factory=list)


def explore(
    start: World,
    processes: tuple[Process, ...],
    always: Callable[[World], str],
    finally_: Callable[[World], str],
    crashes: int = 0,
    late: int = 0,
    files_change: bool = False,
    ports: PortsOn = ports_on,
) -> Explored:
    """Visit every state; `always` and `finally_` return what is wrong with a world, or nothing.

    `files_change` says that processes write or delete manifests or files of runs. `ports` joins the processes to a
    world; a test of the explorer gives careless ones.
    At most `crashes` times a process stops between two calls and begins again, as a redelivered message does; at most
    `late` times a write is answered by a time-out and takes effect at any later moment, while the process begins again.
    """
    explored = Explored()
    steps = _Steps(processes, ports, files_change)
    looked_at: set[int] = set()
    first = steps.first(start, crashes, late)
    # By progress: when a state's turn comes, every state that leads to it has had its own.
    waiting: dict[tuple[int, int], dict[tuple[Any, ...], tuple[Node, int]]] = {first.progress: {first.key: (first, 1)}}
    while waiting:
        for node, orders in waiting.pop(min(waiting)).values():
            explored.states += 1
            if node.world_key not in looked_at:
                looked_at.add(node.world_key)
                _note(explored, always(node.world))
            successors = list(steps.successors(node))
            if not successors:
                explored.ends += 1
                explored.orders += orders
                _note(explored, finally_(node.world))
            for after in successors:
                level = waiting.setdefault(after.progress, {})
                level[after.key] = after, orders + level.get(after.key, (after, 0))[1]
    explored.violations += steps.violations
    return explored


def _note(explored: Explored, wrong: str) -> None:
    if wrong:
        explored.violations.append(wrong)


class _Steps:
    """The processes, and what each does next after which answers."""

    def __init__(self, processes: tuple[Process, ...], ports: PortsOn, files_change: bool) -> None:
        self._codes = Codes()
        self._processes = processes
        self._ports = ports
        self._files_change = files_change
        self._upcoming: dict[tuple[int, int], Call | None] = {}
        self._effects: dict[tuple[int, int], tuple[World, int, Any]] = {}  # what a call does
        self.violations: list[str] = []

    def first(self, start: World, crashes: int, late: int) -> Node:
        """Return the state in which nobody has done anything."""
        count = len(self._processes)
        world = self._codes.keep(start.copy())
        return Node(world, self._codes.world(world), ((),) * count, (0,) * count, crashes, late)

    def successors(self, node: Node) -> Iterator[Node]:
        """Yield every state that one step leads to."""
        for index in range(len(self._processes)):
            call = self._next_call(index, node)
            if call is not None:
                after, answer = self._made(node, call)
                step = after.answered(index, answer, self._codes.code(answer))
                yield step
                if call.is_private(
                    self._files_change
                ):  # nobody else can tell when it was made: no other order needs a look
                    return
                yield from _accidents(node, index, call)
        for position, call in enumerate(node.in_flight):
            after, _ = self._made(node, call)
            yield replace(after, in_flight=node.in_flight[:position] + node.in_flight[position + 1 :])

    def _made(self, node: Node, call: Call) -> tuple[Node, Any]:
        """Return the state with the world after the call, and the call's answer."""
        key = node.world_key, id(call)  # every call is kept, so that no other has its id
        if key not in self._effects:
            self._effects[key] = self._effect(node, call)
        world, world_key, answer = self._effects[key]
        if world_key == node.world_key:
            return node, answer
        left = node.answers, node.histories, node.crashes, node.late, node.in_flight
        return Node(world, world_key, *left), answer

    def _effect(self, node: Node, call: Call) -> tuple[World, int, Any]:
        """Return the world after the call, its key, and the answer."""
        if call.method in READS:
            return node.world, node.world_key, self._codes.kept(call.on(self._ports(node.world)))
        world = node.world.copy()
        answer = self._codes.kept(call.on(self._ports(world)))
        self._codes.keep(world)
        return world, self._codes.world(world), answer

    def _next_call(self, index: int, node: Node) -> Call | None:
        """Return the call that the process makes after its answers; None when it has ended."""
        key = (index, node.histories[index])
        if key not in self._upcoming:
            replies = iter(node.answers[index])
            storage, catalog, registry, events = (
                cast(Any, Replay(port, replies)) for port in ("storage", "catalog", "registry", "events")
            )
            ports = Ports(storage, catalog, registry, events, clock=lambda: NOON)
            try:
                self._upcoming[key] = self._codes.kept(_paused(self._processes[index], ports))
            except Violation as seen:
                self.violations.append(str(seen))
                self._upcoming[key] = None
        return self._upcoming[key]


def _accidents(node: Node, index: int, call: Call) -> Iterator[Node]:
    if node.crashes and node.answers[index]:  # before this call, which is after the one before it
        yield replace(node.restarted(index), crashes=node.crashes - 1)
    if node.late and call.method not in READS:
        yield replace(node.restarted(index), late=node.late - 1, in_flight=(*node.in_flight, call))


def _paused(process: Process, ports: Ports) -> Call | None:
    try:
        process(ports)
    except Pause as pause:
        return pause.call
    except Retryable:
        raise AssertionError("gave up although few others were at work") from None
    except InsightshareError:
        return None  # refused, or lost to another operator: an end like any other
    return None
