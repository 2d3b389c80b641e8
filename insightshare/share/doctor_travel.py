"""How the provider's grants reach an account of the client's own: keys and policies of the catalog, and RAM. Pure."""

from __future__ import annotations

import json
from datetime import timedelta

from insightshare.share.doctor import Check, Fault, known
from insightshare.share.doctor_client import INVITATION_HOURS
from insightshare.share.doctor_cures import aws, listed
from insightshare.share.doctor_facts import Association, HeldGrant, ProviderFacts
from insightshare.share.doctor_grants import own_grants
from insightshare.share.policies import lets

RAM = "ram.amazonaws.com"


def _catalog_key(facts: ProviderFacts) -> list[Fault]:
    key, promise = known(facts.catalog_key), facts.promise
    if key is None:
        return []
    client = (f"arn:aws:iam::{promise.client_account_id}:root", promise.client_account_id)
    statement = {"Effect": "Allow", "Principal": {"AWS": client[0]}, "Action": "kms:Decrypt", "Resource": "*"}
    if key.aws_managed:
        key_of_ours = f"make a key that our own roles may use and that has in its policy {json.dumps(statement)}"
        cure = f"{key_of_ours}; {_encrypted_anew(facts)}"
        return [Fault("the catalog is encrypted with AWS's own key, which no other account may use", cure, "provider")]
    if lets(key.policy, client, "kms:Decrypt", key.arn):
        return []
    cure = f"add to the policy of {key.arn}: {json.dumps(statement)}"
    return [Fault(f"the catalog's key does not let account {client[1]} decrypt", cure, "provider")]


def _encrypted_anew(facts: ProviderFacts) -> str:
    """With the settings as they are, but for the key: they replace all that there are, for the whole account."""
    promise, settings = facts.promise, dict(known(facts.catalog_encryption))
    settings["EncryptionAtRest"] = {**settings["EncryptionAtRest"], "SseAwsKmsKeyId": "<ARN of that key>"}
    command = aws(
        "glue put-data-catalog-encryption-settings", promise.region, data_catalog_encryption_settings=settings
    )
    again = f"then update the database {promise.database}, its tables and their partitions once each"
    return f"{command}; {again}: what is there already stays encrypted as it is"


def _glue_policy(facts: ProviderFacts) -> list[Fault]:
    policy, promise = known(facts.glue_policy), facts.promise
    prefix = f"arn:aws:glue:{promise.region}:{promise.account_id}"
    names = [f"{prefix}:catalog", f"{prefix}:database/{promise.database}", f"{prefix}:table/{promise.database}/x"]
    if policy is None or all(lets(policy, [RAM], "glue:ShareResource", arn) for arn in names):
        return []
    resources = [f"{prefix}:{kind}" for kind in ("catalog", "database/*", "table/*/*")]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": RAM},
        "Action": "glue:ShareResource",
        "Resource": resources,
    }
    cure = f"put the catalog's resource policy again, with --enable-hybrid TRUE and also {json.dumps(statement)}"
    return [Fault("the catalog has a resource policy that does not let RAM share", cure, "provider")]


def _share(facts: ProviderFacts) -> list[Fault]:
    """A grant is stored even where nothing carries it."""
    there = {one.share for one in known(facts.associations)}
    lost = {_name(one) for one in _granted(facts) if not set(one.shares) & there}
    if not lost:
        return []
    return [Fault(f"no share carries the grants on {listed(lost)}", facts.promise.reissue, "provider")]


def _organisation(facts: ProviderFacts) -> list[Fault]:
    promise = facts.promise
    external = {one.external for one in _carrying(facts)}
    if external <= {promise.organisation == "outside"}:
        return []
    file = f"clients/{promise.client}.yaml"
    if promise.organisation == "outside":
        found = f"account {promise.client_account_id} is in our organisation, and {file} says outside"
        return [Fault(found, f"say `organisation: inside` in {file}, then {promise.deploy}", "provider")]
    found = f"account {promise.client_account_id} is invited as one outside our organisation, and {file} says inside"
    share = f"in the organisation's management account: {aws('ram enable-sharing-with-aws-organization')}"
    cure = f"{share}; or, if the account left, say `organisation: outside` in {file}; then {promise.reissue}"
    return [Fault(found, cure, "provider")]


def _pending(facts: ProviderFacts) -> list[Fault]:
    waiting = [one for one in _carrying(facts) if one.status == "ASSOCIATING"]
    if not waiting:
        return []
    until = min(one.since for one in waiting) + timedelta(hours=INVITATION_HOURS)
    found = f"{len(waiting)} invitation{'s wait' if len(waiting) > 1 else ' waits'}, until {until:%Y-%m-%d %H:%M} UTC"
    cure = "in the client's account: insightshare doctor --share share.yaml says how to accept"
    return [Fault(found, cure, "client")]


def _lapsed(facts: ProviderFacts) -> list[Fault]:
    lapsed = [one for one in _carrying(facts) if one.status not in ("ASSOCIATING", "ASSOCIATED")]
    if not lapsed:
        return []
    words = listed({one.status for one in lapsed})
    found = f"{len(lapsed)} of the client's shares {'are' if len(lapsed) > 1 else 'is'} {words}: lapsed, or rejected"
    return [Fault(found, facts.promise.reissue, "provider")]


def _granted(facts: ProviderFacts) -> list[HeldGrant]:
    promise = facts.promise
    mine = [one for one in own_grants(facts) if one.principal == promise.principal]
    return [one for one in mine if one.database == promise.database]


def _carrying(facts: ProviderFacts) -> list[Association]:
    """The client's place in the shares that carry its grants; those of earlier ones stay listed."""
    needed = {share for one in _granted(facts) for share in one.shares}
    return [one for one in known(facts.associations) if one.share in needed]


def _name(one: HeldGrant) -> str:
    return f"table {one.table}" if one.table else f"database {one.database}"


TRAVEL_CHECKS: tuple[Check[ProviderFacts], ...] = (
    Check("catalog-key", "the catalog's own encryption lets the client in", _catalog_key, ("account",)),
    Check("glue-policy", "no policy of the catalog stops RAM", _glue_policy, ("account",)),
    Check("share", "a share carries every grant", _share, ("account",)),
    Check("organisation", "the account is where the agreement says", _organisation, ("share",)),
    Check("invitation-pending", "no invitation waits", _pending, ("organisation",)),
    Check("invitation-lapsed", "no share was lost to a lapsed or rejected invitation", _lapsed, ("organisation",)),
)
