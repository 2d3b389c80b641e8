"""Makes, changes and deletes the resources of one stack, with events, and undoes what failed. It knows no API.

States and their words are CloudFormation's. Resources are made one after another.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from localcloud import cloudformation_catalog, cloudformation_compute, cloudformation_storage
from localcloud.cloudformation_custom import CustomType
from localcloud.cloudformation_records import Resource, Stack
from localcloud.cloudformation_templates import Made, Scope
from localcloud.cloudformation_types import Failure, Gone, Kind, Properties, moto_type
from localcloud.gateway import AwsError

log = logging.getLogger("localcloud")
IGNORED = ("AWS::CDK::Metadata",)
TYPES: dict[str, Kind] = {
    **cloudformation_storage.TYPES,
    **cloudformation_catalog.TYPES,
    **cloudformation_compute.TYPES,
}


def find_type(name: str) -> Kind | None:
    """How resources of this type are made, or None for a type that nobody here knows."""
    if name.startswith("Custom::") or name == "AWS::CloudFormation::CustomResource":
        return CustomType()
    return TYPES.get(name) or moto_type(name)


def create(stack: Stack) -> None:
    """Make everything; what was made goes again if something fails, unless it was asked to stay."""
    _guarded(stack, _create, "CREATE_FAILED")


def update(stack: Stack, scope: Scope, done: Callable[[], None]) -> None:
    """Make the stack as the new scope says; `done` is told when that is so."""
    _guarded(stack, lambda one: _update(one, scope, done), "UPDATE_ROLLBACK_FAILED")


def delete(stack: Stack, retained: list[str]) -> None:
    """Delete everything that may go; the stack stays, failed, while something could not."""
    _guarded(stack, lambda one: _delete(one, retained), "DELETE_FAILED")


def _guarded(stack: Stack, work: Callable[[Stack], None], otherwise: str) -> None:
    try:
        work(stack)
    except Exception as error:
        log.exception("stack %s", stack.name)
        stack.becomes(otherwise, f"Internal Failure: {error}")


def _create(stack: Stack) -> None:
    for name in stack.scope.order():
        resource, why = _described(stack, stack.scope, name)
        stack.resources[name] = resource
        if why or _make(stack, stack.scope, resource):
            _undo_creation(stack, name)
            return
    _finish(stack, "CREATE_COMPLETE")


def _undo_creation(stack: Stack, name: str) -> None:
    reason = f"The following resource(s) failed to create: [{name}]."
    if stack.on_failure == "DO_NOTHING":
        stack.becomes("CREATE_FAILED", reason)
        return
    word = "DELETE" if stack.on_failure == "DELETE" else "ROLLBACK"
    request = "Delete requested by user." if word == "DELETE" else "Rollback requested by user."
    stack.becomes(f"{word}_IN_PROGRESS", f"{reason} {request}")
    failed = [one for one in _backwards(stack) if not _remove(stack, one)]
    stack.becomes(f"{word}_FAILED" if failed else f"{word}_COMPLETE", _named("delete", failed))
    if word == "DELETE" and not failed:
        stack.deleted = datetime.now(UTC)


def _update(stack: Stack, scope: Scope, done: Callable[[], None]) -> None:
    """Change, make and replace in order; then delete what is no more needed."""
    scope.made = {}
    before = dict(stack.resources)
    undo: list[Callable[[], None]] = []
    old: list[Resource] = []
    for name in scope.order():
        held = before.get(name)
        why = _change(stack, scope, name, held, undo, old)
        if why:
            _undo_update(stack, before, undo, f"The following resource(s) failed to update: [{name}].")
            return
    old += [one for name, one in before.items() if name not in scope.wanted("Resources")]
    stack.scope = scope
    done()
    stack.becomes("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    for resource in reversed(old):
        _remove(stack, resource)
        if stack.resources.get(resource.logical_id) is resource:
            del stack.resources[resource.logical_id]
    _finish(stack, "UPDATE_COMPLETE")


def _change(
    stack: Stack, scope: Scope, name: str, held: Resource | None, undo: list[Callable[[], None]], old: list[Resource]
) -> str:
    """One resource of an update; says why if it fails."""
    resource, why = _described(stack, scope, name)
    if why:
        return why
    kind = find_type(resource.type_name)
    if held is not None and held.made is not None and held.type_name == resource.type_name:
        differing = {
            key
            for key in {*held.properties, *resource.properties}
            if held.properties.get(key) != resource.properties.get(key)
        }
        held.retained = resource.retained
        if not differing:
            scope.made[name] = held.made
            return ""
        if kind is not None and not differing & kind.create_only:
            return _alter(stack, scope, held, resource, kind, undo, old)
    stack.resources[name] = resource
    if held is not None:
        old.append(held)
        undo.append(lambda: stack.resources.update({name: held}))
    why = _make(stack, scope, resource)
    undo.append(lambda: _forget(stack, resource))
    return why


def _alter(
    stack: Stack,
    scope: Scope,
    held: Resource,
    new: Resource,
    kind: Kind,
    undo: list[Callable[[], None]],
    old: list[Resource],
) -> str:
    """Change a resource in place; a custom resource that is another one now leaves the old one to be deleted."""
    made, properties = held.made, held.properties
    assert made is not None  # noqa: S101 - by the caller
    stack.tell(held, "UPDATE_IN_PROGRESS")
    try:
        changed = kind.update(stack.place(held), made, properties, new.properties)
    except Exception as error:
        why = _reason(error)
        stack.tell(held, "UPDATE_FAILED", why)
        return why
    finally:
        undo.append(lambda: _revert(stack, held, kind, made, properties))
    if changed.physical_id != made.physical_id:
        old.append(Resource(held.logical_id, held.type_name, properties, made))
    held.made, held.properties = changed, new.properties
    scope.made[held.logical_id] = changed
    stack.tell(held, "UPDATE_COMPLETE")
    return ""


def _undo_update(stack: Stack, before: dict[str, Resource], undo: list[Callable[[], None]], reason: str) -> None:
    stack.becomes("UPDATE_ROLLBACK_IN_PROGRESS", reason)
    try:
        for step in reversed(undo):
            step()
    except Exception as error:
        stack.becomes("UPDATE_ROLLBACK_FAILED", _reason(error))
        return
    stack.resources = dict(before)
    stack.scope.made = {name: one.made for name, one in before.items() if one.made is not None}
    stack.becomes("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
    stack.becomes("UPDATE_ROLLBACK_COMPLETE")


def _revert(stack: Stack, held: Resource, kind: Kind, made: Made, properties: Properties) -> None:
    stack.tell(held, "UPDATE_IN_PROGRESS")
    now = held.made or made
    held.made = kind.update(stack.place(held), now, held.properties, properties)
    held.properties = properties
    stack.tell(held, "UPDATE_COMPLETE")


def _forget(stack: Stack, resource: Resource) -> None:
    _remove(stack, resource)
    if stack.resources.get(resource.logical_id) is resource:
        del stack.resources[resource.logical_id]


def _delete(stack: Stack, retained: list[str]) -> None:
    for name in retained:
        stack.resources[name].retained = True
    failed = [one for one in _backwards(stack) if not _remove(stack, one)]
    if failed:
        stack.becomes("DELETE_FAILED", _named("delete", failed))
        return
    stack.deleted = datetime.now(UTC)
    stack.becomes("DELETE_COMPLETE")


def _backwards(stack: Stack) -> list[Resource]:
    return [one for one in reversed(stack.resources.values()) if not one.status.startswith("DELETE_COMPLETE")]


def _make(stack: Stack, scope: Scope, resource: Resource) -> str:
    """Make the resource; says why if that fails."""
    stack.tell(resource, "CREATE_IN_PROGRESS")
    kind = find_type(resource.type_name)
    try:
        if resource.type_name in IGNORED:
            resource.made = Made(resource.logical_id)
        elif kind is None:
            raise Failure(f"Unrecognized resource type {resource.type_name}")
        else:
            resource.made = kind.create(stack.place(resource), resource.properties)
    except Exception as error:
        why = _reason(error)
        stack.tell(resource, "CREATE_FAILED", why)
        return why
    scope.made[resource.logical_id] = resource.made
    stack.tell(resource, "CREATE_COMPLETE")
    return ""


def _remove(stack: Stack, resource: Resource) -> bool:
    """Delete the resource unless it is to stay; what is not there counts as deleted."""
    kind = find_type(resource.type_name)
    if resource.retained:
        stack.tell(resource, "DELETE_SKIPPED")
        return True
    stack.tell(resource, "DELETE_IN_PROGRESS")
    try:
        if resource.made is not None and kind is not None:
            kind.delete(stack.place(resource), resource.made, resource.properties)
    except Gone:
        pass
    except Exception as error:
        if not _is_missing(error):
            stack.tell(resource, "DELETE_FAILED", _reason(error))
            return False
    stack.tell(resource, "DELETE_COMPLETE")
    return True


def _described(stack: Stack, scope: Scope, name: str) -> tuple[Resource, str]:
    """The resource as the template says it, and why that cannot be told."""
    entry = scope.template["Resources"][name]
    resource = Resource(name, entry["Type"], {}, None)
    resource.retained = str(entry.get("DeletionPolicy", "")).startswith("Retain")
    try:
        resource.properties = scope.resolve(entry.get("Properties") or {})
    except (AwsError, NotImplementedError) as error:
        stack.tell(resource, "CREATE_FAILED", str(error))
        return resource, str(error)
    return resource, ""


def _finish(stack: Stack, status: str) -> None:
    """The outputs, which only now can be known."""
    stack.outputs = []
    for name, entry in stack.scope.wanted("Outputs").items():
        output = {"OutputKey": name, "OutputValue": str(stack.scope.resolve(entry["Value"]))}
        if entry.get("Description"):
            output["Description"] = entry["Description"]
        stack.outputs.append(output)
    stack.becomes(status)


def _is_missing(error: Exception) -> bool:
    code = str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else ""
    return any(word in code for word in ("NotFound", "NoSuch"))


def _reason(error: Exception) -> str:
    """Why, in the words of a resource handler."""
    if isinstance(error, Failure | AwsError):
        return str(error)
    if isinstance(error, ClientError):
        said, status = error.response["Error"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        return (
            f'Resource handler returned message: "{said["Message"]} ({error.operation_name}, Status Code: {status})" '
            f"(RequestToken: {uuid4()}, HandlerErrorCode: {said['Code']})"
        )
    if isinstance(error, BotoCoreError | KeyError):
        return f"Properties validation failed: {error}"
    log.exception("a resource handler failed")
    return f"Internal Failure: {error}"


def _named(verb: str, failed: list[Resource]) -> str:
    names = ", ".join(one.logical_id for one in failed)
    return f"The following resource(s) failed to {verb}: [{names}]." if failed else ""
