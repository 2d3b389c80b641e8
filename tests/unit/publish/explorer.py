"""Runs several processes in every possible order of their calls to the ports. Knows nothing of publishing's rules.

A process is any function of `Ports`. It is run again and again with the answers that it got so far; its next new call
is the step that the explorer may take next. So the code under test is the real code, and each state is visited once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

from insightshare.errors import InsightshareError, Retryable
from insightshare.publish.ports import Ports
from tests.fakes import NOON, World, ports_on

Process = Callable[[Ports], object]
WRITES = {"create", "move_table", "create_partition", "update_partition", "delete_partition", "commit"}
WRITES |= {"mark_complete", "announce", "requeue", "next_sequence"}


@dataclass(frozen=True)
class Call:
    """One call to a port, not yet made."""

    port: str
    method: str
    arguments: tuple[Any, ...]

    @property
    def is_private(self) -> bool:
        """Whether it reads what no process ever changes: manifests, run folders, tables that do not move."""
        what = str(self.arguments[0]) if self.arguments else ""
        if self.method == "list":
            return what.startswith("insights/")
        return (self.method == "read" and what.endswith("/manifest.json")) or (
            self.method == "table" and not what.endswith("_latest")
        )

    def on(self, world: World) -> Any:
        """Make the call; an error of ours is an answer like any other."""
        try:
            return getattr(getattr(ports_on(world), self.port), self.method)(*self.arguments)
        except InsightshareError as error:
            return error


class Pause(BaseException):
    """Leaves a process at its next call; no `except Exception` in the code under test can swallow it."""

    def __init__(self, call: Call) -> None:
        self.call = call


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
    """One small number per different value, so that states compare quickly; values must not change."""

    def __init__(self) -> None:
        self._by_text: dict[str, int] = {}
        self._by_identity: dict[int, tuple[int, Any]] = {}  # keeps the value alive, so that its identity stays its own

    def code(self, value: Any) -> int:
        """Return the value's number."""
        known = self._by_identity.get(id(value))
        if known is None:
            known = (self._by_text.setdefault(repr(value), len(self._by_text)), value)
            self._by_identity[id(value)] = known
        return known[0]

    def world(self, world: World) -> tuple[Any, ...]:
        """Return what is equal for equal worlds; the order of announcements and of the queue does not count."""
        parts = [
            frozenset((key, self.code(value)) for key, value in part.items())
            if isinstance(part, dict)
            else tuple(sorted(map(self.code, part)))
            for part in vars(world).values()
        ]
        return tuple(parts)


@dataclass(frozen=True)
class Node:
    """One state: the world, and what each process has seen; with the accidents that may still happen."""

    world: World
    answers: tuple[tuple[Any, ...], ...]
    crashes: int
    late: int
    in_flight: tuple[Call, ...] = ()

    def key(self, codes: Codes) -> tuple[Any, ...]:
        """Return what is equal for equal states."""
        answers = tuple(tuple(map(codes.code, own)) for own in self.answers)
        return codes.world(self.world), answers, self.crashes, self.late, tuple(map(codes.code, self.in_flight))


@dataclass
class Explored:
    """What an exploration saw."""

    states: int = 0
    ends: int = 0
    violations: list[str] = field(default_factory=list)


def explore(
    start: World,
    processes: tuple[Process, ...],
    always: Callable[[World], str],
    finally_: Callable[[World], str],
    crashes: int = 0,
    late: int = 0,
) -> Explored:
    """Visit every state; `always` and `finally_` return what is wrong with a world, or nothing.

    At most `crashes` times a process stops between two calls and begins again, as a redelivered message does; at most
    `late` times a write is answered by a time-out and takes effect at any later moment, while the process begins again.
    """
    explored = Explored()
    steps = _Steps(processes)
    seen = set()
    stack = [Node(start, ((),) * len(processes), crashes, late)]
    while stack:
        node = stack.pop()
        key = node.key(steps.codes)
        if key in seen:
            continue
        seen.add(key)
        explored.states += 1
        _note(explored, always(node.world))
        successors = list(steps.successors(node))
        if not successors:
            explored.ends += 1
            _note(explored, finally_(node.world))
        stack += successors
    return explored


def _note(explored: Explored, wrong: str) -> None:
    if wrong:
        explored.violations.append(wrong)


class _Steps:
    """The processes, and what each does next after which answers."""

    def __init__(self, processes: tuple[Process, ...]) -> None:
        self.codes = Codes()
        self._processes = processes
        self._upcoming: dict[tuple[int, ...], Call | None] = {}

    def successors(self, node: Node) -> Iterator[Node]:
        """Yield every state that one step leads to."""
        for index in range(len(self._processes)):
            call = self._next_call(index, node.answers[index])
            if call is not None:
                step = self._made(node, index, call)
                if call.is_private:  # nobody else can tell when it was made: no other order needs a look
                    yield step
                    return
                yield step
                yield from self._accidents(node, index, call)
        for position, call in enumerate(node.in_flight):
            world = node.world.copy()
            call.on(world)
            yield replace(node, world=world, in_flight=node.in_flight[:position] + node.in_flight[position + 1 :])

    def _made(self, node: Node, index: int, call: Call) -> Node:
        world = node.world.copy()
        answer = call.on(world)
        return replace(node, world=world, answers=_with(node, index, (*node.answers[index], answer)))

    def _accidents(self, node: Node, index: int, call: Call) -> Iterator[Node]:
        again = _with(node, index, ())
        if node.crashes and node.answers[index]:  # before this call, which is after the one before it
            yield replace(node, answers=again, crashes=node.crashes - 1)
        if node.late and call.method in WRITES:
            yield replace(node, answers=again, late=node.late - 1, in_flight=(*node.in_flight, call))

    def _next_call(self, index: int, answers: tuple[Any, ...]) -> Call | None:
        """Return the call that the process makes after these answers; None when it has ended."""
        key = (index, *map(self.codes.code, answers))
        if key not in self._upcoming:
            replies = iter(answers)
            storage, catalog, registry, events = (
                cast(Any, Replay(port, replies)) for port in ("storage", "catalog", "registry", "events")
            )
            self._upcoming[key] = _paused(
                self._processes[index], Ports(storage, catalog, registry, events, clock=lambda: NOON)
            )
        return self._upcoming[key]


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


def _with(node: Node, index: int, answers: tuple[Any, ...]) -> tuple[tuple[Any, ...], ...]:
    return (*node.answers[:index], answers, *node.answers[index + 1 :])
