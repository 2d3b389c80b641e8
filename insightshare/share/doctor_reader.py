"""What a reader needs beside the share, in whichever account it reads: role, `default`, workgroup, results. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from insightshare.share.doctor import Check, Fault, known
from insightshare.share.doctor_cures import aws, database, grant, listed
from insightshare.share.doctor_facts import Key, ReaderFacts, Role, Workgroup
from insightshare.share.policies import allows, lets

F = TypeVar("F")
DEFAULT = "default"
_FOR_DEFAULT = ("default-database", "reader-role")
ENGINE = "Athena engine version 3"
LAKE_FORMATION_SESSION = "lakeformation:GetDataAccess"
USES_RESULTS_KEY = ("kms:Decrypt", "kms:GenerateDataKey")


def reader_checks(
    of: Callable[[F], ReaderFacts], first: tuple[str, ...], grants: tuple[str, ...] = ()
) -> tuple[Check[F], ...]:
    """Return the checks of a reader whose facts `of` finds: all after `first`, that of a grant also after `grants`."""

    def check(name: str, promise: str, look: Callable[[ReaderFacts], Sequence[Fault]], *after: str) -> Check[F]:
        return Check(name, promise, lambda facts: look(of(facts)), (*first, *after))

    return (
        check("reader-role", "the role that reads is there", _role),
        check("reader-rights", "the role's own policies let it query", _rights, "reader-role", "workgroup"),
        check("default-database", "the database `default` is there, as Athena wants", _default),
        check("describe-default", "the role may describe `default`", _describe_default, *grants, *_FOR_DEFAULT),
        check("workgroup", "the workgroup is there and on", _workgroup),
        check("workgroup-settings", "it enforces its settings, encrypts results, limits scans", _settings, "workgroup"),
        check("engine", f"the workgroup runs {ENGINE}", _engine, "workgroup"),
        check("results-bucket", "the bucket for results is there, in the region", _bucket),
        check("results-unregistered", "no results go to where Lake Formation reads", _unregistered),
        check(
            "results-key",
            "the key for results is on, and the role may use it",
            _key,
            "workgroup-settings",
            "reader-role",
        ),
    )


def key_refuses(key: Key, role: Role, actions: tuple[str, ...]) -> list[str]:
    """Return the actions that the key's policy, or the role's own where the key leaves it to them, does not allow."""
    root = (f"arn:aws:iam::{role.arn.split(':')[4]}:root", role.arn.split(":")[4])
    return [
        action
        for action in actions
        if not lets(key.policy, [role.arn], action, key.arn)
        and not (lets(key.policy, root, action, key.arn) and allows(role.rights, action, key.arn))
    ]


def _role(facts: ReaderFacts) -> list[Fault]:
    if known(facts.role) is not None:
        return []
    return [_fault(facts, f"there is no role {facts.place.role}", _kit("the role"))]


def _rights(facts: ReaderFacts) -> list[Fault]:
    role, workgroup, place = known(facts.role), known(facts.workgroup), facts.place
    if role is None or workgroup is None:
        return []
    needs = [(LAKE_FORMATION_SESSION, "*")]
    needs += [(action, arn) for arn in place.catalogs for action in _glue_actions(arn)]
    arn = f"arn:aws:athena:{place.region}:{place.account_id}:workgroup/{place.workgroup}"
    needs += [(f"athena:{verb}", arn) for verb in ("StartQueryExecution", "GetQueryExecution", "GetQueryResults")]
    if workgroup.output.startswith(f"s3://{place.results_bucket}/"):  # elsewhere the role has no business
        output = "arn:aws:s3:::" + workgroup.output.removeprefix("s3://").rstrip("/")
        needs += [(f"s3:{verb}", f"{output}/x") for verb in ("GetObject", "PutObject")]
    needs += [("s3:GetBucketLocation", f"arn:aws:s3:::{place.results_bucket}")]
    lacking = {f"{action} on {on}" for action, on in needs if not allows(role.rights, action, on)}
    if not lacking:
        return []
    return [_fault(facts, f"nothing allows the role {listed(lacking)}", _kit("the policies of the role"))]


def _glue_actions(arn: str) -> tuple[str, ...]:
    kind = arn.split(":", 5)[5].split("/")[0]
    return ("glue:GetTable", "glue:GetPartitions") if kind == "table" else ("glue:GetDatabase",)


def _default(facts: ReaderFacts) -> list[Fault]:
    if known(facts.default_database):
        return []
    cure = aws("glue create-database", facts.place.region, database_input={"Name": DEFAULT})
    return [_fault(facts, "there is no database `default`", cure)]


def _describe_default(facts: ReaderFacts) -> list[Fault]:
    if known(facts.describes_default):
        return []
    place = facts.place
    cure = grant(place.region, _role_arn(facts), database(place.account_id, DEFAULT), "DESCRIBE")
    return [_fault(facts, f"{place.role} lacks DESCRIBE on the database `default`", cure)]


def _workgroup(facts: ReaderFacts) -> list[Fault]:
    workgroup, place = known(facts.workgroup), facts.place
    if workgroup is None:
        return [_fault(facts, f"there is no workgroup {place.workgroup}", _kit("the workgroup"))]
    if workgroup.enabled:
        return []
    cure = aws("athena update-work-group", place.region, work_group=place.workgroup, state="ENABLED")
    return [_fault(facts, f"workgroup {place.workgroup} is disabled", cure)]


def _settings(facts: ReaderFacts) -> list[Fault]:
    workgroup, place = known(facts.workgroup), facts.place
    if workgroup is None:
        return []
    there = f"s3://{place.results_bucket}/"
    wrong = {
        "lets queries override its settings": not workgroup.enforced,
        f"writes results to {workgroup.output or 'nowhere'}, not below {there}": not workgroup.output.startswith(there),
        "does not encrypt results with a KMS key": not workgroup.key,
        "limits no scan": not workgroup.scan_limit_bytes,
    }
    said = [words for words, true in wrong.items() if true]
    if not said:
        return []
    return [_fault(facts, f"workgroup {place.workgroup} {' and '.join(said)}", _mended_settings(facts, workgroup))]


def _mended_settings(facts: ReaderFacts, workgroup: Workgroup) -> str:
    place = facts.place
    there = f"s3://{place.results_bucket}/"
    updates: dict[str, object] = {"EnforceWorkGroupConfiguration": True}
    results: dict[str, object] = {}
    if not workgroup.output.startswith(there):
        results["OutputLocation"] = there
    if not workgroup.key:
        key = f"arn:aws:kms:{place.region}:{place.account_id}:alias/{place.workgroup}-results"
        results["EncryptionConfiguration"] = {"EncryptionOption": "SSE_KMS", "KmsKey": key}
    if results:
        updates["ResultConfigurationUpdates"] = results
    if not workgroup.scan_limit_bytes:
        updates["BytesScannedCutoffPerQuery"] = 10 * 2**30
    return aws("athena update-work-group", place.region, work_group=place.workgroup, configuration_updates=updates)


def _engine(facts: ReaderFacts) -> list[Fault]:
    workgroup, place = known(facts.workgroup), facts.place
    if workgroup is None or workgroup.engine in (ENGINE, "AUTO", ""):  # AUTO, and nothing said: Athena's newest
        return []
    updates = {"EngineVersion": {"SelectedEngineVersion": ENGINE}}
    cure = aws("athena update-work-group", place.region, work_group=place.workgroup, configuration_updates=updates)
    return [_fault(facts, f"workgroup {place.workgroup} runs {workgroup.engine}, not {ENGINE}", cure)]


def _bucket(facts: ReaderFacts) -> list[Fault]:
    region, place = known(facts.results_region), facts.place
    if region is None:
        return [_fault(facts, f"there is no bucket {place.results_bucket}", _kit("the bucket"))]
    if region == place.region:
        return []
    return [_fault(facts, f"bucket {place.results_bucket} is in {region}, not {place.region}", _kit("the bucket"))]


def _unregistered(facts: ReaderFacts) -> list[Fault]:
    place = facts.place
    under = [path for path in known(facts.locations) if (path + "/").startswith(f"{place.results_bucket}/")]
    cures = [
        aws("lakeformation deregister-resource", place.region, resource_arn=f"arn:aws:s3:::{path}") for path in under
    ]
    return [
        Fault(f"{path} is registered with Lake Formation, so that no result can be written there", cure, place.whose)
        for path, cure in zip(under, cures, strict=True)
    ]


def _key(facts: ReaderFacts) -> list[Fault]:
    key, role, place = known(facts.results_key), known(facts.role), facts.place
    if role is None:
        return []
    if key is None:
        return [_fault(facts, "the workgroup's key is not there", _kit("the key"))]
    if key.state != "Enabled":
        return [Fault(f"key {key.arn} is {key.state}", revive(key, place.region), place.whose)]
    refused = key_refuses(key, role, USES_RESULTS_KEY)
    if not refused:
        return []
    return [_fault(facts, f"{place.role} is refused {listed(refused)} on key {key.arn}", _kit("the key's policy"))]


def revive(key: Key, region: str) -> str:
    """Return the command that turns a key on again, and calls its deletion off."""
    enable = aws("kms enable-key", region, key_id=key.arn)
    if key.state != "PendingDeletion":
        return enable
    return f"{aws('kms cancel-key-deletion', region, key_id=key.arn)} && {enable}"


def _role_arn(facts: ReaderFacts) -> str:
    role = known(facts.role)
    return role.arn if role else f"arn:aws:iam::{facts.place.account_id}:role/{facts.place.role}"


def _kit(what: str) -> str:
    return (
        f"make {what} as the kit's template.yaml says: where its stack is there already, delete the stack first, "
        "for CloudFormation does not look at what was changed by hand; then create it again"
    )


def _fault(facts: ReaderFacts, found: str, cure: str) -> Fault:
    return Fault(found, facts.place.mend or cure, facts.place.whose)
