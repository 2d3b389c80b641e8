"""The provider's side of a share: what must be so in our account for one client to read. Pure."""

from __future__ import annotations

from insightshare.share.doctor import Check, Fault, Finding, examine, known
from insightshare.share.doctor_cures import listed
from insightshare.share.doctor_facts import ProviderFacts, Registration
from insightshare.share.doctor_grants import GRANT_CHECKS
from insightshare.share.doctor_reader import key_refuses, reader_checks, revive
from insightshare.share.doctor_travel import TRAVEL_CHECKS
from insightshare.share.policies import allows, lets

# Below it, every table is a share and an invitation of its own, and no role elsewhere can be granted anything.
LEAST_VERSION = 4
LAKE_FORMATION = "lakeformation.amazonaws.com"


def examine_provider(facts: ProviderFacts) -> tuple[Finding, ...]:
    """Return what every check of the provider's side says, in the order in which a share comes about."""
    checks = COMMON_CHECKS + (TRAVEL_CHECKS if facts.promise.organisation else ())
    reader = facts.reader
    if reader is not None:
        checks += (_TRUST, *reader_checks(lambda facts: reader, ("account",)))
    return examine(checks, facts)


def _account(facts: ProviderFacts) -> list[Fault]:
    account, wanted = known(facts.account_id), facts.promise.account_id
    if account == wanted:
        return []
    cure = f"sign in to account {wanted}, or name another environment with --env"
    return [Fault(f"you are signed in to account {account}", cure, "provider")]


def _dates(facts: ProviderFacts) -> list[Fault]:
    promise = facts.promise
    if promise.start <= facts.today <= promise.end:
        return []
    if facts.today < promise.start:
        return [Fault(f"the agreement begins on {promise.start}", f"wait until {promise.start}", "client")]
    cure = f"move `end` in clients/{promise.client}.yaml, then {promise.deploy}"
    return [Fault(f"the agreement ended on {promise.end}", cure, "provider")]


def _version(facts: ProviderFacts) -> list[Fault]:
    version = known(facts.parameters).get("CROSS_ACCOUNT_VERSION", "")
    if version.isdigit() and int(version) >= LEAST_VERSION:
        return []
    found = f"CROSS_ACCOUNT_VERSION is {version or 'not set'}, not {LEAST_VERSION} or later"
    return [Fault(found, facts.promise.deploy, "provider")]


def _tables(facts: ProviderFacts) -> list[Fault]:
    promise, tables = facts.promise, known(facts.tables)
    if tables is None:
        return [Fault(f"there is no database {promise.database} in {promise.region}", promise.deploy, "provider")]
    missing = set(promise.grants) - set(tables)
    return [Fault(f"there is no table {listed(missing)}", promise.deploy, "provider")] if missing else []


def _locations(facts: ProviderFacts) -> list[Fault]:
    lost = {name for name, path in _paths(facts).items() if _registration(facts, path) is None}
    if not lost:
        return []
    found = f"Lake Formation reads no location that holds {listed(lost)}"
    return [Fault(found, facts.promise.deploy, "provider")]


def _location_role(facts: ProviderFacts) -> list[Fault]:
    wrong = {one.role_arn or "a role without a name" for one in _used(facts) if one.role_arn != facts.promise.lake_role}
    open_ = {one.path for one in _used(facts) if one.hybrid}
    faults = [f"a location is read as {listed(wrong)}, not as {facts.promise.lake_role}"] if wrong else []
    faults += [f"{listed(open_)} is in hybrid mode: who has not opted in is left to IAM"] if open_ else []
    return [Fault(found, facts.promise.deploy, "provider") for found in faults]


def _role_trust(facts: ProviderFacts) -> list[Fault]:
    faults = []
    for arn in _role_arns(facts):
        role = known(facts.lake_roles[arn])
        if role is None:
            faults.append(Fault(f"there is no role {arn}", facts.promise.deploy, "provider"))
        elif refused := [one for one in _sessions(facts) if not lets(role.trust, [LAKE_FORMATION], one, arn)]:
            found = f"{arn} does not trust {LAKE_FORMATION} with {listed(refused)}"
            faults.append(Fault(found, facts.promise.deploy, "provider"))
    return faults


def _sessions(facts: ProviderFacts) -> tuple[str, ...]:
    """What Lake Formation does with its role; it names the reader to S3 where the settings say so."""
    named = known(facts.parameters).get("SET_SOURCE_IDENTITY", "").upper() == "TRUE"
    return ("sts:AssumeRole", "sts:SetSourceIdentity") if named else ("sts:AssumeRole",)


def _role_rights(facts: ProviderFacts) -> list[Fault]:
    lacking = set()
    for path in _paths(facts).values():
        registration = _registration(facts, path)
        role = known(facts.lake_roles[registration.role_arn]) if registration else None
        if role is None:
            continue
        bucket = path.partition("/")[0]
        for action, on in (("s3:GetObject", f"{path}/x"), ("s3:ListBucket", bucket)):
            if not allows(role.rights, action, f"arn:aws:s3:::{on}"):
                lacking.add(f"{action} on {on.removesuffix('/x')}")
    if not lacking:
        return []
    found = f"nothing allows the role of Lake Formation {listed(lacking)}"
    return [Fault(found, facts.promise.deploy, "provider")]


def _lake_key(facts: ProviderFacts) -> list[Fault]:
    faults = []
    for bucket in _buckets(facts):
        key = known(facts.lake_keys[bucket])
        if key is None or key.aws_managed:
            found = f"bucket {bucket} is encrypted with no key of ours"
            faults.append(Fault(found, facts.promise.deploy, "provider"))
        elif key.state != "Enabled":
            faults.append(Fault(f"key {key.arn} is {key.state}", revive(key, facts.promise.region), "provider"))
    return faults


def _key_policy(facts: ProviderFacts) -> list[Fault]:
    faults = []
    for arn in _role_arns(facts):
        role = known(facts.lake_roles[arn])
        keys = [key for bucket in _buckets(facts) if (key := known(facts.lake_keys[bucket])) is not None]
        faults += [
            Fault(f"{arn} is refused kms:Decrypt on key {key.arn}", facts.promise.deploy, "provider")
            for key in keys
            if role is not None and key_refuses(key, role, ("kms:Decrypt",))
        ]
    return faults


def _assumed_by(facts: ProviderFacts) -> list[Fault]:
    reader, promise = facts.reader, facts.promise
    role = known(reader.role) if reader else None
    if role is None:
        return []
    refused = {name for name in promise.assumed_by if not lets(role.trust, _alike(name), "sts:AssumeRole", role.arn)}
    return [Fault(f"{role.arn} does not trust {listed(refused)}", promise.deploy, "provider")] if refused else []


def _alike(principal: str) -> list[str]:
    """An account is its id or its root; IAM takes both, and tells either."""
    return [principal, principal.split(":")[4]] if principal.endswith(":root") else [principal]


def _paths(facts: ProviderFacts) -> dict[str, str]:
    """Path by agreed table that is there."""
    tables = known(facts.tables) or {}
    return {name: tables[name] for name in sorted(facts.promise.grants) if name in tables}


def _registration(facts: ProviderFacts, path: str) -> Registration | None:
    """The registration that reads this path; the longest, where one lies in another."""
    around = [one for one in known(facts.registrations) if (path + "/").startswith(one.path + "/")]
    return max(around, key=lambda one: len(one.path), default=None)


def _used(facts: ProviderFacts) -> list[Registration]:
    found = {_registration(facts, path) for path in _paths(facts).values()}
    return sorted((one for one in found if one is not None), key=lambda one: one.path)


def _role_arns(facts: ProviderFacts) -> list[str]:
    return sorted({one.role_arn for one in _used(facts)})


def _buckets(facts: ProviderFacts) -> list[str]:
    return sorted({path.partition("/")[0] for path in _paths(facts).values()})


_TRUST: Check[ProviderFacts] = Check(
    "reader-trust", "the client's own principals may take on its role", _assumed_by, ("account",)
)
COMMON_CHECKS: tuple[Check[ProviderFacts], ...] = (
    Check("account", "you are signed in to the environment's account", _account),
    Check("dates", "the agreement is in force", _dates),
    Check("version", f"CROSS_ACCOUNT_VERSION is {LEAST_VERSION} or later", _version, ("account",)),
    Check("tables", "the database and every table are there", _tables, ("account",)),
    Check("location", "Lake Formation reads the location of every table", _locations, ("tables",)),
    Check("location-role", "it does so as its own role, and for everybody", _location_role, ("location",)),
    Check("role-trust", "that role is there, and trusts Lake Formation", _role_trust, ("location-role",)),
    Check("role-rights", "that role may read the files", _role_rights, ("role-trust",)),
    Check("lake-key", "the lake's key is ours, and on", _lake_key, ("tables",)),
    Check("key-policy", "that role may decrypt with it", _key_policy, ("role-trust", "lake-key")),
    *GRANT_CHECKS,
)
