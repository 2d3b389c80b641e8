"""Rights that our roles have and nothing on the local AWS uses: each with the reason why AWS asks for it all the same.

An exemption that covers nothing fails the test too, so none outlives its reason.
"""

from collections.abc import Iterable, Mapping

from tests.e2e.rights import Exemption

EXEMPTIONS = (
    Exemption(
        "*lambda-*",
        ("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
        "*",
        "Lambda's own agent sends the traces; the local AWS has no X-Ray.",
    ),
    Exemption(
        "*lambda-*",
        ("sqs:SendMessage",),
        "*-undelivered",
        "Lambda gives up an event after three failures of the function; none of ours fails three times here.",
    ),
    Exemption(
        "*-scheduler",
        ("sqs:SendMessage",),
        "*-undelivered",
        "The scheduler gives up a target after a day of attempts; here it tries once.",
    ),
    Exemption(
        "*lambda-register",
        ("glue:DeletePartition",),
        "*table/insights/<insight>_runs",
        "A run whose deletion begins while it is shown is hidden again: a race, explored in tests/unit/publish.",
    ),
    Exemption(
        "*job-*",
        ("logs:AssociateKmsKey", "logs:CreateLogGroup"),
        "*log-group:/aws-glue/jobs/*",
        "Glue makes and encrypts its log groups as the job's role where a security configuration is set (Glue guide, "
        "'Encrypting data written by AWS Glue'); here they are just there.",
    ),
    Exemption(
        "*job-*",
        ("cloudwatch:PutMetricData",),
        "*",
        "Glue's job metrics, sent by its own agent; the local AWS has none.",
    ),
    Exemption(
        "*job-land",
        ("s3:AbortMultipartUpload",),
        "*-landing-<account>/sources/*",
        "Files above 8 MiB are uploaded in parts, and an upload that fails is aborted; the demo's are smaller.",
    ),
    Exemption(
        "*job-score",
        ("s3:AbortMultipartUpload",),
        "*-lake-<account>/insights/*",
        "Files above 8 MiB are uploaded in parts, and an upload that fails is aborted; the demo's are smaller.",
    ),
    Exemption(
        "*job-score",
        ("s3:DeleteObject",),
        "*-lake-<account>/insights/*",
        "Spark's committer tidies what it staged; the demo's jobs run on DuckDB, tests/spark run the committer.",
    ),
    Exemption(
        "*-lakeformation",
        ("kms:DescribeKey",),
        "*alias/insightshare-local-data",
        "Lake Formation looks at a location's key when it is registered (guide, 'Registering an encrypted location').",
    ),
    Exemption(
        "*<reader>",
        ("athena:GetQueryResultsStream",),
        "*",
        "Athena's JDBC and ODBC drivers read results by this call, which no SDK has.",
    ),
    Exemption(
        "*<reader>",
        (
            "lakeformation:GetQueryState",
            "lakeformation:GetWorkUnitResults",
            "lakeformation:GetWorkUnits",
            "lakeformation:StartQueryPlanning",
        ),
        "*",
        "Whoever reads through row filters needs these (Lake Formation guide, 'Data filtering'); AWS's engine calls "
        "them, the local one filters by itself.",
    ),
    Exemption(
        "*<reader>",
        ("s3:AbortMultipartUpload", "s3:ListBucketMultipartUploads", "s3:ListMultipartUploadParts"),
        "*-results-*",
        "Athena writes large results in parts, as the reader (Athena guide, 'Specify a query result location').",
    ),
    Exemption(
        "*<reader>",
        ("glue:GetDatabases",),
        "*database/*",
        "AWS's reference names catalog and databases for the list; the local AWS asks for the catalog alone.",
    ),
    Exemption(
        "*",
        ("ec2:DescribeAvailabilityZones",),
        "*",
        "RAM names it as a prerequisite of accepting a share (its guide, 'Accepting and rejecting invitations').",
    ),
    Exemption(
        "*lambda-expire",
        ("glue:GetDatabase", "glue:GetTable"),
        "*",
        "Lake Formation looks at what is revoked in the caller's name (its guide, 'Required permissions for grants').",
    ),
    Exemption(
        "*lambda-expire",
        ("glue:DeleteResourcePolicy", "glue:PutResourcePolicy"),
        "*",
        "RAM writes the catalog's policy in the caller's name when what it shares changes (managed policy "
        "AWSLakeFormationCrossAccountManager); allowed through a service alone, and here there is no such policy.",
    ),
    Exemption(
        "*lambda-expire",
        (
            "ram:DeleteResourceShare",
            "ram:DisassociateResourceShare",
            "ram:GetResourceShareAssociations",
            "ram:GetResourceShares",
            "ram:ListResources",
            "ram:UpdateResourceShare",
        ),
        "*",
        "Lake Formation changes the RAM share in the caller's name when a grant to another account goes (its managed "
        "policy AWSLakeFormationCrossAccountManager); here it needs nobody's name.",
    ),
)


def kinds(insights: Iterable[str], sources: Iterable[str], keys: Mapping[str, str]) -> dict[str, str]:
    """What stands for what: rights are alike for every insight, source, account, reader and client; keys have names."""
    return {
        **{rf"key/{identifier}": name for identifier, name in keys.items()},
        rf"table/insights/({'|'.join(insights)})(?=_|$)": "table/insights/<insight>",
        rf"table/sources/({'|'.join(sources)})$": "table/sources/<source>",
        r"\d{12}": "<account>",
        r"role/insightshare-(local-client-\w+|local-provider-analyst|analyst)$": "role/insightshare-<reader>",
        # What accepts invitations: a client inside the organisation has none to accept.
        r"role/insightshare-[a-z]+-OnboardingRole-\w+": "role/insightshare-<onboarding>",
        r"workgroup/insightshare-[\w-]+": "workgroup/<own>",
        r"insightshare-[a-z]+-results-<account>": "insightshare-results-<account>",
        r"results-<account>/insightshare-[\w-]+/": "results-<account>/<own>/",
    }
