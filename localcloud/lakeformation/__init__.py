"""Lake Formation in front of moto: grants are stored, listed as AWS lists them, and decide what callers see.

LF-Tags fall through to moto and are never evaluated; grants on them are refused. Grants to other accounts travel by
RAM shares, which accounts outside the organisation must accept. Opt-ins and credential vending do not exist.
"""

from localcloud.gateway import Guard, Handler
from localcloud.identity import guard_roles
from localcloud.lakeformation import filters, grants, settings

HANDLERS: dict[tuple[str, str], Handler] = {
    ("lakeformation", action): handler
    for action, handler in {
        "GrantPermissions": grants.grant_permissions,
        "RevokePermissions": grants.revoke_permissions,
        "BatchGrantPermissions": grants.batch_grant_permissions,
        "BatchRevokePermissions": grants.batch_revoke_permissions,
        "ListPermissions": grants.list_permissions,
        "GetEffectivePermissionsForPath": grants.effective_permissions_for_path,
        "CreateDataCellsFilter": filters.create_data_cells_filter,
        "UpdateDataCellsFilter": filters.update_data_cells_filter,
        "GetDataCellsFilter": filters.get_data_cells_filter,
        "DeleteDataCellsFilter": filters.delete_data_cells_filter,
        "ListDataCellsFilter": filters.list_data_cells_filter,
        "GetDataLakeSettings": settings.get_data_lake_settings,
        "PutDataLakeSettings": settings.put_data_lake_settings,
        "GetDataLakePrincipal": settings.get_data_lake_principal,
        "RegisterResource": settings.register_resource,
        "UpdateResource": settings.update_resource,
        "DescribeResource": settings.describe_resource,
        "DeregisterResource": settings.deregister_resource,
        "ListResources": settings.list_resources,
    }.items()
}
# Settings have no permission of Lake Formation's own: without this, any role could make itself an administrator.
GUARDS: dict[str, list[Guard]] = {"lakeformation": [guard_roles("lakeformation")]}
