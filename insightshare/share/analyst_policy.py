"""What the analyst role of a client's own account may do, as IAM statements: ask, not see; seeing is Lake Formation's.

The same actions as `infra/modules/reader` gives to roles in the provider's account, and two more, as no other client
reads here: to list workgroups and unfinished uploads. A test holds them together.
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
DATABASE_ACTIONS = ("glue:GetDatabase", "glue:GetDatabases")
TABLE_ACTIONS = (
    "glue:BatchGetPartition", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable", "glue:GetTables",
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
        _allow("Databases", DATABASE_ACTIONS, _databases(terms)),
        _allow("Tables", TABLE_ACTIONS, _tables(terms)),
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


def _databases(terms: Terms) -> list[str]:
    """The link and its target, each below its catalog; and `default`, for which Athena asks every reader."""
    here, there = _glue(terms, terms.client_account_id), _glue(terms, terms.provider_account_id)
    mine = [f"{here}:{name}" for name in ("catalog", "database/default", f"database/{terms.link}")]
    return [*mine, *(f"{there}:{name}" for name in ("catalog", f"database/{terms.database}"))]


def _tables(terms: Terms) -> list[str]:
    both = (
        (_glue(terms, terms.client_account_id), terms.link),
        (_glue(terms, terms.provider_account_id), terms.database),
    )
    names = ("catalog", "database/{0}", "table/{0}/*")
    return [f"{glue}:{name.format(database)}" for glue, database in both for name in names]


def _glue(terms: Terms, account: str) -> str:
    return f"arn:${{AWS::Partition}}:glue:{terms.region}:{account}"


def _allow(sid: str, actions: tuple[str, ...], resources: list[str] | str) -> Statement:
    wanted = resources if isinstance(resources, str) else [{"Fn::Sub": arn} for arn in resources]
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": wanted}
