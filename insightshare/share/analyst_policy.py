"""What the analyst role of a client's own account may do, as IAM statements: ask, not see; seeing is Lake Formation's.

The same actions as `infra/modules/reader` gives to roles in the provider's account; a test holds them together.
"""

from __future__ import annotations

from typing import Any

from insightshare.share.terms import Terms

Statement = dict[str, Any]

WORKGROUP_ACTIONS = (
    "athena:BatchGetNamedQuery", "athena:BatchGetQueryExecution", "athena:GetNamedQuery", "athena:GetQueryExecution",
    "athena:GetQueryResults", "athena:GetQueryResultsStream", "athena:GetQueryRuntimeStatistics", "athena:GetWorkGroup",
    "athena:ListNamedQueries", "athena:ListQueryExecutions", "athena:StartQueryExecution", "athena:StopQueryExecution",
)  # fmt: skip
CATALOG_ACTIONS = (
    "athena:GetDataCatalog", "athena:GetDatabase", "athena:GetTableMetadata", "athena:ListDatabases",
    "athena:ListTableMetadata",
)  # fmt: skip
DATA_ACTIONS = (
    "lakeformation:GetDataAccess", "lakeformation:GetQueryState", "lakeformation:GetWorkUnitResults",
    "lakeformation:GetWorkUnits", "lakeformation:StartQueryPlanning",
)  # fmt: skip
GLUE_ACTIONS = (
    "glue:BatchGetPartition", "glue:GetDatabase", "glue:GetDatabases", "glue:GetPartition", "glue:GetPartitions",
    "glue:GetTable", "glue:GetTables",
)  # fmt: skip


def analyst_statements(terms: Terms, results_key_arn: Any) -> list[Statement]:
    """Return the role's statements; nothing on the provider's bucket or keys: Lake Formation has its own."""
    here = f"{terms.region}:{terms.client_account_id}"
    athena, bucket = f"arn:${{AWS::Partition}}:athena:{here}", f"arn:${{AWS::Partition}}:s3:::{terms.results_bucket}"
    prefix = terms.workgroup
    return [
        _allow("Query", WORKGROUP_ACTIONS, [f"{athena}:workgroup/{terms.workgroup}"]),
        _allow("Catalogs", CATALOG_ACTIONS, [f"{athena}:datacatalog/AwsDataCatalog"]),
        # Lists know no resource, and neither do the calls by which Lake Formation hands out filtered rows.
        _allow("Lists", ("athena:ListDataCatalogs", "athena:ListWorkGroups"), "*"),
        _allow("FilteredData", DATA_ACTIONS, "*"),
        _allow("Describe", GLUE_ACTIONS, _catalogs(terms)),
        _allow("FindResults", ("s3:GetBucketLocation", "s3:ListBucketMultipartUploads"), [bucket]),
        {
            **_allow("ListResults", ("s3:ListBucket",), [bucket]),
            "Condition": {"StringLike": {"s3:prefix": [prefix, f"{prefix}/*"]}},
        },
        _allow(
            "Results",
            ("s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"),
            [f"{bucket}/{prefix}/*"],
        ),
        {**_allow("ResultsKey", ("kms:Decrypt", "kms:GenerateDataKey"), "*"), "Resource": results_key_arn},
    ]


def _catalogs(terms: Terms) -> list[str]:
    here = f"arn:${{AWS::Partition}}:glue:{terms.region}:{terms.client_account_id}"
    there = f"arn:${{AWS::Partition}}:glue:{terms.region}:{terms.provider_account_id}"
    return [
        *(
            f"{here}:{name}"
            for name in ("catalog", "database/default", f"database/{terms.link}", f"table/{terms.link}/*")
        ),
        *(f"{there}:{name}" for name in ("catalog", f"database/{terms.database}", f"table/{terms.database}/*")),
    ]


def _allow(sid: str, actions: tuple[str, ...], resources: list[str] | str) -> Statement:
    wanted = resources if isinstance(resources, str) else [{"Fn::Sub": arn} for arn in resources]
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": wanted}
