"""The client's side of a share: what must be so in its account, from the invitation to the query. Pure."""

from __future__ import annotations

from datetime import timedelta

from insightshare.share.doctor import Check, Fault, Finding, examine, known
from insightshare.share.doctor_cures import aws, database, grant, listed, table
from insightshare.share.doctor_facts import ClientFacts, Invitation
from insightshare.share.doctor_reader import reader_checks

# RAM's invitations to the Glue catalog lapse sooner than others (RAM user guide, "Working with shared invitations").
INVITATION_HOURS = 12


def examine_client(facts: ClientFacts) -> tuple[Finding, ...]:
    """Return what every check of the client's side says, in the order in which a share comes about."""
    return examine(CLIENT_CHECKS, facts)


def catalog_arns(facts: ClientFacts) -> dict[str, str]:
    """Return the ARN of the provider's database (under the empty name) and of every table that was agreed."""
    terms = facts.terms
    prefix = f"arn:aws:glue:{terms.region}:{terms.provider_account_id}"
    tables = {name: f"{prefix}:table/{terms.database}/{name}" for name in sorted(terms.tables)}
    return {"": f"{prefix}:database/{terms.database}", **tables}


def _account(facts: ClientFacts) -> list[Fault]:
    account, wanted = known(facts.account_id), facts.terms.client_account_id
    if account == wanted:
        return []
    return [Fault(f"you are signed in to account {account}", f"sign in to account {wanted}", "client")]


def _region(facts: ClientFacts) -> list[Fault]:
    if facts.region == facts.terms.region:
        return []
    cure = f"export AWS_REGION={facts.terms.region}"
    return [Fault(f"you look in {facts.region}; the share is in {facts.terms.region}", cure, "client")]


def _dates(facts: ClientFacts) -> list[Fault]:
    terms = facts.terms
    if terms.start <= facts.today <= terms.end:
        return []
    began = facts.today < terms.start
    found = f"the agreement begins on {terms.start}" if began else f"the agreement ended on {terms.end}"
    cure = f"wait until {terms.start}" if began else f"move `end` in clients/{terms.client}.yaml, then deploy"
    return [Fault(found, cure, "client" if began else "provider")]


def _administrator(facts: ClientFacts) -> list[Fault]:
    if known(facts.administrators):
        return []
    # It replaces all settings, so it is not a command to paste with one of them filled in.
    cure = (
        "name a data lake administrator: Lake Formation, Administrative roles and tasks; only one sees what is shared"
    )
    return [Fault("the account has no data lake administrator", cure, "client")]


def _pending(facts: ClientFacts) -> list[Fault]:
    region = facts.terms.region
    return [
        Fault(
            f"an invitation of {one.sent:%Y-%m-%d %H:%M} UTC waits, until {_lapses(one)}",
            aws(
                "ram accept-resource-share-invitation",
                region,
                resource_share_invitation_arn=one.arn,
            ),
            "client",
        )
        for one in known(facts.invitations)
        if one.status == "PENDING"
    ]


def _lapses(one: Invitation) -> str:
    return f"{one.sent + timedelta(hours=INVITATION_HOURS):%Y-%m-%d %H:%M} UTC"


def _lapsed(facts: ClientFacts) -> list[Fault]:
    """Old invitations stay listed: one matters only while something is missing and nothing newer is on its way."""
    invitations = known(facts.invitations)
    if not _missing(facts) or any(one.status == "PENDING" for one in invitations):
        return []
    words = sorted({one.status.lower() for one in invitations if one.status in ("EXPIRED", "REJECTED")})
    if not words:
        return []
    return [Fault(f"an invitation is {' and one is '.join(words)}", _reissue(facts), "provider")]


def _shares(facts: ClientFacts) -> list[Fault]:
    missing = _missing(facts)
    if not missing:
        return []
    cure = f"find out why: insightshare doctor {facts.terms.client}"
    return [Fault(f"nothing is shared of {listed(missing)}", cure, "provider")]


def _missing(facts: ClientFacts) -> list[str]:
    shared = known(facts.shared)
    every = catalog_arns(facts)
    pattern = every[""].replace(":database/", ":table/") + "/*"
    return [
        f"table {name}" if name else f"database {facts.terms.database}"
        for name, arn in every.items()
        if arn not in shared and not (name and pattern in shared)
    ]


def _reissue(facts: ClientFacts) -> str:
    return f"insightshare client reissue {facts.terms.client}; then accept within {INVITATION_HOURS} hours"


def _target(facts: ClientFacts) -> list[Fault]:
    if known(facts.target):
        return []
    found = f"the share is there, the provider's database {facts.terms.database} is not"
    return [Fault(found, f"deploy, then insightshare doctor {facts.terms.client}", "provider")]


def _tables(facts: ClientFacts) -> list[Fault]:
    missing = {name for name, seen in facts.columns.items() if known(seen) is None}
    if not missing:
        return []
    found = f"table {listed(missing)} is shared, and is not there"
    return [Fault(found, f"deploy, then insightshare doctor {facts.terms.client}", "provider")]


def _link(facts: ClientFacts) -> list[Fault]:
    if known(facts.link) is not None:
        return []
    return [Fault(f"there is no link {facts.terms.link}", _make_link(facts), "client")]


def _link_target(facts: ClientFacts) -> list[Fault]:
    link, terms = known(facts.link), facts.terms
    if link is None or (link.catalog_id, link.database) == (terms.provider_account_id, terms.database):
        return []
    points = f"points to {link.database} of account {link.catalog_id}" if link.catalog_id else "is a database, no link"
    cure = f"{aws('glue delete-database', terms.region, name=terms.link)} && {_make_link(facts)}"
    if not link.catalog_id:
        cure = "rename or move your own database of that name, then make the link: " + _make_link(facts)
    return [
        Fault(f"{terms.link} {points}, not {terms.database} of account {terms.provider_account_id}", cure, "client")
    ]


def _make_link(facts: ClientFacts) -> str:
    terms = facts.terms
    target = {"CatalogId": terms.provider_account_id, "DatabaseName": terms.database}
    return aws("glue create-database", terms.region, database_input={"Name": terms.link, "TargetDatabase": target})


def _describe_link(facts: ClientFacts) -> list[Fault]:
    if known(facts.describes_link):
        return []
    terms = facts.terms
    cure = grant(terms.region, _analyst(facts), database(terms.client_account_id, terms.link), "DESCRIBE")
    return [Fault(f"{terms.analyst_role} lacks DESCRIBE on the link {terms.link}", cure, "client")]


def _select(facts: ClientFacts) -> list[Fault]:
    terms = facts.terms
    return [
        Fault(
            f"{terms.analyst_role} lacks SELECT on the provider's table {name}",
            grant(terms.region, _analyst(facts), table(terms.provider_account_id, terms.database, name), "SELECT"),
            "client",
        )
        for name, granted in sorted(facts.select.items())
        if not known(granted)
    ]


def _columns(facts: ClientFacts) -> list[Fault]:
    faults = []
    for name, seen in sorted(facts.columns.items()):
        found, agreed = known(seen), set(facts.terms.tables[name].columns)
        if found is not None and set(found) != agreed:
            said = f"table {name} shows {_differently(set(found), agreed)}"
            cure = f"if the agreement has changed, hand over a new kit: insightshare client kit {facts.terms.client}"
            faults.append(Fault(said, f"{cure}; if not, deploy", "provider"))
    return faults


def _differently(found: set[str], agreed: set[str]) -> str:
    less, more = listed(agreed - found), listed(found - agreed)
    return " and ".join(words for words in (f"no {less}" if less else "", f"also {more}" if more else "") if words)


def _analyst(facts: ClientFacts) -> str:
    role = facts.reader.role
    known_role = known(role)
    return (
        known_role.arn
        if known_role
        else f"arn:aws:iam::{facts.terms.client_account_id}:role/{facts.terms.analyst_role}"
    )


_PLACE = ("account", "region")
CLIENT_CHECKS: tuple[Check[ClientFacts], ...] = (
    Check("account", "you are signed in to the account that the share is for", _account),
    Check("region", "you look where the share is", _region),
    Check("dates", "the agreement is in force", _dates),
    Check("administrator", "the account has a data lake administrator", _administrator, _PLACE),
    Check("invitation-pending", "no invitation waits", _pending, _PLACE),
    Check("invitation-lapsed", "no invitation lapsed or was rejected", _lapsed, (*_PLACE, "dates")),
    Check(
        "shares",
        "active shares bring the database and every table",
        _shares,
        (*_PLACE, "dates", "invitation-pending", "invitation-lapsed"),
    ),
    Check("target", "the provider's database answers", _target, ("shares", "administrator")),
    Check("tables", "the provider's tables answer", _tables, ("target",)),
    Check("link", "the link is there", _link, _PLACE),
    Check("link-target", "the link points to the provider's database", _link_target, ("link",)),
    *reader_checks(lambda facts: facts.reader, _PLACE, ("administrator",)),
    Check(
        "describe-link",
        "the analyst role may describe the link",
        _describe_link,
        ("link-target", "administrator", "reader-role"),
    ),
    Check(
        "select",
        "the analyst role may read every table",
        _select,
        ("tables", "reader-role"),
    ),
    Check("columns", "every table shows the agreed columns", _columns, ("tables",)),
)
