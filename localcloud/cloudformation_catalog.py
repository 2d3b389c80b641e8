"""CloudFormation's types of the Glue catalog and of Lake Formation."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from localcloud.cloudformation_templates import Made
from localcloud.cloudformation_types import Gone, Place, Properties, Type, fixed, pick, truths

SETTINGS = {
    "Admins": "DataLakeAdmins",
    "ReadOnlyAdmins": "ReadOnlyAdmins",
    "TrustedResourceOwners": "TrustedResourceOwners",
    "CreateDatabaseDefaultPermissions": "CreateDatabaseDefaultPermissions",
    "CreateTableDefaultPermissions": "CreateTableDefaultPermissions",
    "ExternalDataFilteringAllowList": "ExternalDataFilteringAllowList",
    "AuthorizedSessionTagValueList": "AuthorizedSessionTagValueList",
    "AllowExternalDataFiltering": "AllowExternalDataFiltering",
    "AllowFullTableExternalDataAccess": "AllowFullTableExternalDataAccess",
    "Parameters": "Parameters",
}
FILTER = "TableCatalogId DatabaseName TableName Name ColumnNames ColumnWildcard RowFilter"
LOCATION = "ResourceArn RoleArn UseServiceLinkedRole HybridAccessEnabled WithFederation"


def _make_database(place: Place, properties: Properties) -> Made:
    wire = dict(properties["DatabaseInput"])
    wire.setdefault("Name", properties.get("DatabaseName") or place.name(255).lower())
    place.client("glue").create_database(CatalogId=properties["CatalogId"], DatabaseInput=wire)
    return Made(str(wire["Name"]).lower())


def _change_database(place: Place, made: Made, old: Properties, new: Properties) -> Made:
    """A link that points elsewhere is made anew: Glue's update follows links."""
    wire = {**new["DatabaseInput"], "Name": made.physical_id}
    if old["DatabaseInput"].get("TargetDatabase") != wire.get("TargetDatabase"):
        _remove_database(place, made, old)
        place.client("glue").create_database(CatalogId=new["CatalogId"], DatabaseInput=wire)
    else:
        place.client("glue").update_database(CatalogId=new["CatalogId"], Name=made.physical_id, DatabaseInput=wire)
    return made


def _remove_database(place: Place, made: Made, properties: Properties) -> None:
    place.client("glue").delete_database(CatalogId=properties["CatalogId"], Name=made.physical_id)


def _make_settings(place: Place, properties: Properties) -> Made:
    """Append adds to the settings that there are and remembers what it added; replace leaves nothing else."""
    client = place.client("lakeformation")
    wire = {SETTINGS[name]: truths(value) for name, value in properties.items() if name in SETTINGS}
    held = client.get_data_lake_settings()["DataLakeSettings"]
    added = {
        name: [one for one in value if one not in (held.get(name) or [])]
        for name, value in wire.items()
        if isinstance(value, list)
    }
    if properties.get("MutationType", "REPLACE") == "APPEND":
        joined: Properties = {name: [*(held.get(name) or []), *new] for name, new in added.items()}
        joined["Parameters"] = {**held.get("Parameters", {}), **wire.get("Parameters", {})}
        wire = {**held, **wire, **joined}
    client.put_data_lake_settings(DataLakeSettings=wire)
    return Made(f"{place.stack_name}-{place.logical_id}", {"*added": added})


def _change_settings(place: Place, made: Made, old: Properties, new: Properties) -> Made:
    _take_back(place, made, old, keep=new)
    again = _make_settings(place, new)
    before, after = made.attributes["*added"], again.attributes["*added"]
    given = {SETTINGS[name]: value for name, value in new.items() if name in SETTINGS}
    kept = {name: [one for one in entries if one in given.get(name, [])] for name, entries in before.items()}
    names = sorted(set(kept) | set(after))
    return Made(made.physical_id, {"*added": {name: [*kept.get(name, []), *after.get(name, [])] for name in names}})


def _remove_settings(place: Place, made: Made, properties: Properties) -> None:
    _take_back(place, made, properties, keep={})


def _take_back(place: Place, made: Made, properties: Properties, keep: Properties) -> None:
    """Take out of the lists what this resource had added, but for what is to stay."""
    client = place.client("lakeformation")
    held = client.get_data_lake_settings()["DataLakeSettings"]
    staying = {SETTINGS[name]: value for name, value in keep.items() if name in SETTINGS}
    for name, added in made.attributes["*added"].items():
        gone = [one for one in added if one not in staying.get(name, [])]
        held[name] = [one for one in held.get(name) or [] if one not in gone]
    client.put_data_lake_settings(DataLakeSettings=held)


def _grant(properties: Properties) -> dict[str, Any]:
    given = pick(properties, "Principal", "Resource", "Permissions", "PermissionsWithGrantOption")
    return {**given, **({"CatalogId": properties["Catalog"]} if "Catalog" in properties else {})}


def _make_grant(place: Place, properties: Properties) -> Made:
    place.client("lakeformation").grant_permissions(**_grant(properties))
    principal = json.dumps(properties["Principal"], sort_keys=True)
    resource = json.dumps(properties["Resource"], sort_keys=True)
    return Made(f"{principal}|{resource}", {"PrincipalIdentifier": principal, "ResourceIdentifier": resource})


def _remove_grant(place: Place, made: Made, properties: Properties) -> None:
    try:
        place.client("lakeformation").revoke_permissions(**_grant(properties))
    except ClientError as error:
        said = error.response["Error"]
        if said["Code"] == "EntityNotFoundException" or said["Message"].startswith("No permissions revoked"):
            raise Gone from error
        raise


def _make_filter(place: Place, properties: Properties) -> Made:
    place.client("lakeformation").create_data_cells_filter(TableData=properties)
    return Made("|".join(str(properties[name]) for name in FILTER.split()[:4]))


def _remove_filter(place: Place, made: Made, properties: Properties) -> None:
    place.client("lakeformation").delete_data_cells_filter(
        **pick(properties, "TableCatalogId", "DatabaseName", "TableName", "Name")
    )


def _make_location(place: Place, properties: Properties) -> Made:
    place.client("lakeformation").register_resource(**truths(properties))
    return Made(str(properties["ResourceArn"]))


TYPES: dict[str, Type] = {
    "AWS::Glue::Database": Type(
        _make_database,
        _remove_database,
        frozenset({"CatalogId", "DatabaseInput", "DatabaseName"}),
        frozenset({"CatalogId", "DatabaseName"}),
        _change_database,
    ),
    "AWS::LakeFormation::DataLakeSettings": Type(
        _make_settings, _remove_settings, frozenset({*SETTINGS, "MutationType"}), frozenset(), _change_settings
    ),
    "AWS::LakeFormation::PrincipalPermissions": fixed(
        _make_grant, _remove_grant, "Principal Resource Permissions PermissionsWithGrantOption Catalog"
    ),
    "AWS::LakeFormation::DataCellsFilter": fixed(_make_filter, _remove_filter, FILTER),
    "AWS::LakeFormation::Resource": fixed(
        _make_location,
        lambda place, made, properties: place.client("lakeformation").deregister_resource(ResourceArn=made.physical_id),
        LOCATION,
    ),
}
