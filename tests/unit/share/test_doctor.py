"""How checks become findings: their order, what waits for what, and what could not be seen."""

from collections.abc import Sequence

from insightshare.share.doctor import Check, Fault, Finding, Seen, Unseen, examine, known

ILL = Fault("it is broken", "mend it", "client")


def well(_: object) -> Sequence[Fault]:
    return ()


def ill(_: object) -> Sequence[Fault]:
    return (ILL,)


def unseen(_: object) -> Sequence[Fault]:
    fact: Seen[str] = Unseen("AccessDenied")
    return [Fault(known(fact), "", "client")]


def test_every_check_has_its_finding_in_order() -> None:
    checks = [Check("a", "a is so", well), Check("b", "b is so", ill), Check("c", "c is so", unseen)]

    assert examine(checks, None) == (
        Finding("a", "ok", "a is so"),
        Finding("b", "failed", "it is broken", "mend it", "client"),
        Finding("c", "unknown", "could not be looked at: AccessDenied"),
    )


def test_what_stands_on_a_failed_check_waits_and_so_does_what_stands_on_that() -> None:
    checks = [Check("a", "", ill), Check("b", "", ill, ("a",)), Check("c", "", ill, ("b",)), Check("d", "", well)]

    assert [(one.state, one.why) for one in examine(checks, None)[1:]] == [
        ("unknown", "not judged before a is well"),
        ("unknown", "not judged before b is well"),
        ("ok", ""),
    ]


def test_what_stands_on_something_unseen_is_judged_all_the_same() -> None:
    checks = [Check("a", "", unseen), Check("b", "", ill, ("a",))]

    assert [one.state for one in examine(checks, None)] == ["unknown", "failed"]


def test_each_fault_of_a_check_is_a_finding() -> None:
    assert len(examine([Check("a", "", lambda _: (ILL, ILL))], None)) == 2
