"""What an agreement must keep beyond its shape: accounts, dates, known insights and columns, rows. Grants nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from athenasql import SqlError, parse_row_filter, parse_type
from insightshare.contract.assemble import NO_DATE
from insightshare.contract.facts import AS_OF, RUN_ID, Agreement, Environment, Grant, Insight
from insightshare.contract.problems import Problem, instead, listed, shown


def client_problems(
    file: str, name: str, agreement: Agreement, insights: Mapping[str, Insight], environments: Mapping[str, Environment]
) -> Iterator[Problem]:
    """`name` is the file's name without its suffix."""
    if agreement.client and agreement.client != name:
        yield Problem(file, "client", shown(agreement.client), f"{name}, the file's name", f"write {name}")
    for environment in environments.values():
        if agreement.account_id and agreement.account_id == environment.account_id:
            found = f"our own account of environment {environment.name}"
            yield Problem(file, "account_id", found, "a client's account", "write the client's account id")
    start, end = agreement.start, agreement.end
    if NO_DATE not in (start, end) and end < start:
        yield Problem(file, "end", f'"{end}"', f"a day from the start, {start}, on", "correct start or end")
    yield from _reading_problems(file, agreement)
    for grant in agreement.grants:
        yield from _grant_problems(file, grant, insights)


def account_problems(clients: Mapping[str, tuple[str, Agreement]]) -> Iterator[Problem]:
    """One account, one agreement; `clients` holds file and agreement by client."""
    first: dict[str, str] = {}
    for file, agreement in clients.values():
        if not agreement.account_id:
            continue
        earlier = first.setdefault(agreement.account_id, file)
        if earlier != file:
            found = f"the account of {earlier}"
            fix = "put both agreements into one file, or correct the account id"
            yield Problem(file, "account_id", found, "an account with no other agreement", fix)


def expiry_problems(file: str, agreement: Agreement, today: date) -> Iterator[Problem]:
    """An agreement that is over is left out of the grants; that is no mistake, but somebody should know."""
    if NO_DATE < agreement.end < today:
        fix = "agree on a new end, or delete the file"
        yield Problem(file, "end", f'"{agreement.end}"', "a day still to come, so nothing is granted", fix, "warning")


def _reading_problems(file: str, agreement: Agreement) -> Iterator[Problem]:
    if agreement.reads_from == "provider_account":
        if agreement.organisation:
            found, expected = "the key organisation", "a key for a client that reads from our account"
            yield Problem(file, "organisation", found, expected, "remove it, or write reads_from: own_account")
        if not agreement.assumed_by:
            expected = "a list of IAM principals that may assume the client's role"
            yield Problem(file, "assumed_by", "nothing", expected, "add assumed_by")
        for arn in agreement.assumed_by:
            parts = arn.split(":")
            if agreement.account_id and len(parts) > 4 and parts[4] != agreement.account_id:
                fix = "write a principal of account_id"
                yield Problem(file, "assumed_by", shown(arn), "a principal of the client's account", fix)
    elif agreement.reads_from == "own_account":
        if not agreement.organisation:
            expected = "inside or outside, which decides whether the client must accept invitations"
            yield Problem(file, "organisation", "nothing", expected, "add organisation: outside, unless it is in ours")
        for field, value in (("assumed_by", agreement.assumed_by), ("scan_limit_mib", agreement.scan_limit_mib)):
            if value:
                found, expected = f"the key {field}", "a key for a client that reads from its own account"
                yield Problem(file, field, found, expected, "remove it, or write reads_from: provider_account")


def _grant_problems(file: str, grant: Grant, insights: Mapping[str, Insight]) -> Iterator[Problem]:
    where = f"insights.{grant.insight}"
    insight = insights.get(grant.insight)
    if insight is None and insights:
        yield Problem(file, where, grant.insight, listed(insights), instead(grant.insight, insights, "remove it"))
        return
    if insight and insight.internal:
        expected = f"an insight to share ({insight.internal.rstrip('.')})"
        yield Problem(file, where, f"{grant.insight}, an internal insight,", expected, "remove it")
    types = insight.types if insight else {}
    if not types:
        return  # its contract or the folder insights/ is unusable, and reported
    for name in grant.columns or ():
        if name in (AS_OF, RUN_ID):
            found, expected = f"column {name}", "a column to grant: every reader has it"
            yield Problem(file, f"{where}.columns", found, expected, "remove it")
        elif name not in types:
            fix = instead(name, types, "remove it")
            yield Problem(file, f"{where}.columns", f"column {name}", listed(types), fix)
    if grant.rows is not None:
        yield from _filter_problems(file, f"{where}.rows", grant.rows, types)


def _filter_problems(file: str, field: str, rows: str, types: Mapping[str, str]) -> Iterator[Problem]:
    known = {name: kind for name, kind in types.items() if _is_type(kind)}
    try:
        parsed = parse_row_filter(rows, {**known, AS_OF: "string", RUN_ID: "string"})
    except SqlError as error:
        unknown = error.detail.removeprefix("column ").removesuffix(" is not in the table")
        fix = "compare columns of the insight with constants, joined by AND, OR and brackets"
        fix = fix if unknown == error.detail else instead(unknown, types, fix)
        found = f"a filter that Lake Formation refuses ({error.detail})"
        yield Problem(file, field, found, "one in its grammar", fix)
        return
    for name in sorted({AS_OF, RUN_ID} & set(parsed.columns)):
        found, fix = f"a filter on {name}", f"filter another column, and leave {name} to the reader"
        yield Problem(file, field, found, "a filter on the insight's own columns", fix)


def _is_type(kind: str) -> bool:
    try:
        return bool(parse_type(kind))
    except SqlError:
        return False
