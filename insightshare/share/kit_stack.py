"""What a client's account needs to read its share, as the resources of one CloudFormation stack. Deploys nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from insightshare.share.analyst_policy import analyst_statements
from insightshare.share.terms import Terms

Properties = dict[str, Any]

SCAN_LIMIT_BYTES = 10 * 1024**3
RESULT_DAYS = 30
LOG_DAYS = 365
ACCEPT_SECONDS = 120  # an invitation that was accepted is active within seconds
FUNCTION_SECONDS = 300
# CloudFormation gives its response module only to code that has exactly this line (its guide, 'cfn-response module').
RESPONSE_IMPORT = "import cfnresponse\n"
ACCOUNT = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}

PARAMETERS: Mapping[str, Properties] = {
    "Deployer": {
        "Type": "String",
        "AllowedPattern": "^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/.+$",
        "Description": "ARN of the role or user that makes this stack; becomes a data lake administrator.",
    },
    "AssumedBy": {
        "Type": "CommaDelimitedList",
        "Default": "",
        "Description": "ARNs that may take on the analyst role; empty: whoever this account's own policies allow.",
    },
    "ScanLimitBytes": {
        "Type": "Number",
        "Default": SCAN_LIMIT_BYTES,
        "MinValue": 10485760,
        "Description": "Most that one query may scan; this account pays for it.",
    },
    "Grants": {
        "Type": "String",
        "Default": "on",
        "AllowedValues": ["on", "off"],
        "Description": "off, then on again, makes the grants anew once the provider has offered the share again.",
    },
}
# By name, the two values that are equal where the condition holds.
CONDITIONS: Mapping[str, tuple[Properties, str]] = {
    "GrantsOn": ({"Ref": "Grants"}, "on"),
    "AnybodyHere": ({"Fn::Join": ["", {"Ref": "AssumedBy"}]}, ""),
}


@dataclass(frozen=True)
class Resource:
    """One resource of the stack; `after` are those that must be there first though no property names them."""

    type: str
    properties: Properties
    after: tuple[str, ...] = ()
    condition: str | None = None
    keep: bool = False
    """Whether it stays when the stack goes."""


@dataclass(frozen=True)
class Stack:
    """Everything that the template says."""

    description: str
    resources: Mapping[str, Resource]
    outputs: Mapping[str, Properties] = field(default_factory=dict)


def kit_stack(terms: Terms, queries: Mapping[str, str], function_code: str) -> Stack:
    """Return the stack; `queries` are saved in the workgroup by name, `function_code` is the onboarding function's."""
    return Stack(
        description=f"insightshare: what account {terms.provider_account_id} shares with {terms.client}",
        resources={
            **_results(terms),
            **_onboarding(terms, function_code),
            **_analyst(terms),
            **{f"Query{_camel(name)}": _query(terms, name, sql) for name, sql in queries.items()},
            **_grants(terms),
        },
        outputs={
            "AnalystRole": {"Description": "For analysts: the role that reads.", "Value": _arn("Analyst")},
            "WorkgroupName": {"Description": "For analysts: the workgroup to query in.", "Value": {"Ref": "Workgroup"}},
            "Accepted": {
                "Description": "How many invitations were accepted; 0 inside the provider's organisation.",
                "Value": {"Fn::GetAtt": ["Onboarding", "Accepted"]},
            },
        },
    )


def _results(terms: Terms) -> dict[str, Resource]:
    """Where query results go: encrypted with a key of their own, for as long as somebody may want to look again."""
    arn = _sub(f"arn:${{AWS::Partition}}:s3:::{terms.results_bucket}")
    objects = _sub(f"arn:${{AWS::Partition}}:s3:::{terms.results_bucket}/*")
    tls_only = {
        "Sid": "OnlyEncryptedConnections", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": [arn, objects], "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }  # fmt: skip
    owner = {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}
    key = {
        "Description": f"Query results of {terms.workgroup}.",
        "EnableKeyRotation": True,
        "PendingWindowInDays": 7,
        "KeyPolicy": _policy([owner]),
    }
    algorithm = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": _arn("ResultsKey")}
    encryption = [{"BucketKeyEnabled": True, "ServerSideEncryptionByDefault": algorithm}]
    rule = {
        "Id": "results-are-short-lived", "Status": "Enabled", "ExpirationInDays": RESULT_DAYS,
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }  # fmt: skip
    blocked = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    bucket = {
        "BucketName": terms.results_bucket,
        "BucketEncryption": {"ServerSideEncryptionConfiguration": encryption},
        "PublicAccessBlockConfiguration": dict.fromkeys(blocked, True),
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "LifecycleConfiguration": {"Rules": [rule]},
        "Tags": _tags(terms),
    }
    return {
        "ResultsKey": Resource("AWS::KMS::Key", key),
        "ResultsKeyName": Resource(
            "AWS::KMS::Alias", {"AliasName": f"alias/{terms.workgroup}-results", "TargetKeyId": {"Ref": "ResultsKey"}}
        ),
        "Results": Resource("AWS::S3::Bucket", bucket),
        "ResultsPolicy": Resource(
            "AWS::S3::BucketPolicy", {"Bucket": {"Ref": "Results"}, "PolicyDocument": _policy([tls_only])}
        ),
    }


def _onboarding(terms: Terms, function_code: str) -> dict[str, Resource]:
    """Who deploys may grant; the function accepts the invitations, which CloudFormation itself cannot."""
    function = {
        "Description": "Accepts what the provider offers through RAM, and sees that the database default is there.",
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Timeout": FUNCTION_SECONDS,
        "MemorySize": 256,
        "Role": _arn("OnboardingRole"),
        "Code": {"ZipFile": RESPONSE_IMPORT + function_code},
        "LoggingConfig": {"LogGroup": {"Ref": "OnboardingLogs"}},
    }
    asked = {
        "ServiceToken": _arn("OnboardingFunction"),
        "Account": terms.client_account_id,
        "Provider": terms.provider_account_id,
        "Client": terms.client,
        "WaitSeconds": ACCEPT_SECONDS,
        "Tables": sorted(terms.tables),  # a table more may come with an invitation more
        "Grants": {"Ref": "Grants"},
    }
    role = {
        "AssumeRolePolicyDocument": _policy([_trust({"Service": "lambda.amazonaws.com"})]),
        "Policies": [{"PolicyName": "onboarding", "PolicyDocument": _policy(_onboarding_statements(terms))}],
        "Tags": _tags(terms),
    }
    settings = {"Admins": [_principal({"Ref": "Deployer"})], "MutationType": "APPEND"}
    return {
        # It stays: taking an administrator away is not ours, and the account's other shares may need it.
        "Administrator": Resource("AWS::LakeFormation::DataLakeSettings", settings, keep=True),
        "OnboardingLogs": Resource("AWS::Logs::LogGroup", {"RetentionInDays": LOG_DAYS}),
        "OnboardingRole": Resource("AWS::IAM::Role", role),
        "OnboardingFunction": Resource("AWS::Lambda::Function", function),
        "Onboarding": Resource("Custom::AcceptedShare", asked, after=("Administrator",)),
    }


def _onboarding_statements(terms: Terms) -> list[Properties]:
    glue = "arn:${AWS::Partition}:glue:${AWS::Region}:${AWS::AccountId}"
    invitations = f"arn:${{AWS::Partition}}:ram:*:{terms.provider_account_id}:resource-share-invitation/*"
    looks = ("ram:GetResourceShareInvitations", "ram:GetResourceShares", "ram:ListResources")
    return [
        # These know no resource; the last is what RAM looks at on acceptance.
        {"Sid": "Look", "Effect": "Allow", "Action": [*looks, "ec2:DescribeAvailabilityZones"], "Resource": "*"},
        {
            "Sid": "Accept", "Effect": "Allow", "Action": "ram:AcceptResourceShareInvitation",
            "Resource": _sub(invitations),
        },
        {
            "Sid": "MakeDefault", "Effect": "Allow", "Action": "glue:CreateDatabase",
            "Resource": [_sub(f"{glue}:catalog"), _sub(f"{glue}:database/default")],
        },
        {
            "Sid": "Log", "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": _arn("OnboardingLogs"),
        },
    ]  # fmt: skip


def _analyst(terms: Terms) -> dict[str, Resource]:
    """The role that reads, the workgroup that it reads in, and the link that leads to the provider's tables."""
    role = {
        "RoleName": terms.analyst_role,
        "Description": f"Analysts of {terms.client} read the insights that are shared with it.",
        "MaxSessionDuration": 3600,
        "AssumeRolePolicyDocument": _policy(
            [_trust({"AWS": {"Fn::If": ["AnybodyHere", ACCOUNT, {"Ref": "AssumedBy"}]}})]
        ),
        "Policies": [{"PolicyName": "read", "PolicyDocument": _policy(analyst_statements(terms, _arn("ResultsKey")))}],
        "Tags": _tags(terms),
    }
    location = {
        "OutputLocation": f"s3://{terms.results_bucket}/{terms.workgroup}/",
        "ExpectedBucketOwner": {"Ref": "AWS::AccountId"},
        "EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": _arn("ResultsKey")},
    }
    workgroup = {
        "Name": terms.workgroup,
        "Description": f"Analysts of {terms.client} read the insights that are shared with it.",
        "RecursiveDeleteOption": True,
        "WorkGroupConfiguration": {
            "EnforceWorkGroupConfiguration": True,
            "PublishCloudWatchMetricsEnabled": True,
            "BytesScannedCutoffPerQuery": {"Ref": "ScanLimitBytes"},
            "EngineVersion": {"SelectedEngineVersion": "Athena engine version 3"},
            "ResultConfiguration": location,
        },
        "Tags": _tags(terms),
    }
    target = {"CatalogId": terms.provider_account_id, "DatabaseName": terms.database}
    link = {"CatalogId": {"Ref": "AWS::AccountId"}, "DatabaseInput": {"Name": terms.link, "TargetDatabase": target}}
    return {
        "Analyst": Resource("AWS::IAM::Role", role),
        "Workgroup": Resource("AWS::Athena::WorkGroup", workgroup, after=("Results",)),
        "Link": Resource("AWS::Glue::Database", link, after=("Administrator", "Onboarding")),
    }


def _grants(terms: Terms) -> dict[str, Resource]:
    """What the analyst may see here and at the target: rights on a link never cover what it leads to."""

    def grant(resource: Properties, permission: str) -> Resource:
        properties = {
            "Principal": _principal(_arn("Analyst")),
            "Resource": resource,
            "Permissions": [permission],
            "PermissionsWithGrantOption": [],
        }
        return Resource("AWS::LakeFormation::PrincipalPermissions", properties, condition="GrantsOn")

    here, there = {"Ref": "AWS::AccountId"}, terms.provider_account_id
    tables = {
        f"Select{_camel(name)}": grant(
            {"Table": {"CatalogId": there, "DatabaseName": terms.database, "Name": name}}, "SELECT"
        )
        for name in sorted(terms.tables)
    }
    grants = {
        "DescribeLink": grant({"Database": {"CatalogId": here, "Name": {"Ref": "Link"}}}, "DESCRIBE"),
        "DescribeDefault": grant({"Database": {"CatalogId": here, "Name": "default"}}, "DESCRIBE"),
        "DescribeTarget": grant({"Database": {"CatalogId": there, "Name": terms.database}}, "DESCRIBE"),
        **tables,
    }
    return _one_after_another(grants)


def _one_after_another(grants: Mapping[str, Resource]) -> dict[str, Resource]:
    """Lake Formation refuses grants that come at once, or CloudFormation says of one that it is there already.

    aws-cloudformation/cloudformation-coverage-roadmap#2432 and #2500, open in November 2026.
    """
    earlier = [("Administrator", "Onboarding"), *((name,) for name in grants)]
    return {name: replace(grants[name], after=before) for name, before in zip(grants, earlier, strict=False)}


def _query(terms: Terms, name: str, sql: str) -> Resource:
    properties = {"Name": name, "Database": terms.link, "WorkGroup": {"Ref": "Workgroup"}, "QueryString": sql}
    return Resource("AWS::Athena::NamedQuery", properties)


def _principal(arn: Properties) -> Properties:
    return {"DataLakePrincipalIdentifier": arn}


def _policy(statements: list[Properties]) -> Properties:
    return {"Version": "2012-10-17", "Statement": statements}


def _trust(principal: Properties) -> Properties:
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}


def _tags(terms: Terms) -> list[Properties]:
    return [{"Key": "project", "Value": "insightshare"}, {"Key": "client", "Value": terms.client}]


def _arn(name: str) -> Properties:
    return {"Fn::GetAtt": [name, "Arn"]}


def _sub(text: str) -> Properties:
    return {"Fn::Sub": text}


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.replace("-", "_").split("_"))
