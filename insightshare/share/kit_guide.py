"""The guide of a client's kit: what it sees, how to set it up, use it and renew it, in Markdown. Names no others."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from string import Template

from insightshare.contract.facts import AS_OF, RUN_ID, Insight
from insightshare.share.grants import RECEIPTS_TABLE
from insightshare.share.kit_queries import LATEST, SMOKE_QUERY
from insightshare.share.terms import Terms

GUIDE_TEXT = "kit_guide.md"
# What CloudFormation takes in a request; more comes from a bucket (its quotas, 'Template body size in a request').
TEMPLATE_BYTES = 51_200
_MEANINGS = {AS_OF: "The day that the row is about, as `2026-11-20`.", RUN_ID: "The run that made the row."}


def guide_text(
    terms: Terms, insights: Mapping[str, Insight], queries: Mapping[str, str], template_bytes: int = 0
) -> str:
    """Return README.md; `insights` say what columns mean, `template_bytes` how large the template is."""
    first = next((name for name in sorted(terms.tables) if name.endswith(LATEST)), RECEIPTS_TABLE)
    return Template(files("insightshare.share").joinpath(GUIDE_TEXT).read_text(encoding="utf-8")).substitute(
        client=terms.client,
        provider=terms.provider_account_id,
        account=terms.client_account_id,
        region=terms.region,
        start=terms.start,
        end=terms.end,
        purpose=terms.purpose,
        tables=_tables(terms),
        columns="\n\n".join(_insight(terms, insight) for insight in insights.values() if _shown(terms, insight)),
        receipts=RECEIPTS_TABLE,
        invitations=_invitations(terms),
        ways=_ways(terms, template_bytes),
        workgroup=terms.workgroup,
        link=terms.link,
        role=terms.analyst_role,
        bucket=terms.results_bucket,
        count=len(terms.tables),
        example=queries.get(first.removesuffix(LATEST), queries[SMOKE_QUERY]).rstrip(),
        table=first,
    )


def _tables(terms: Terms) -> str:
    rows = [f"| `{name}` | {_cell(terms.tables[name].rows or 'all')} |" for name in sorted(terms.tables)]
    return "\n".join(["| table | rows |", "|---|---|", *rows])


def _shown(terms: Terms, insight: Insight) -> list[str]:
    """The columns of the insight's tables that are shared, each once."""
    tables = [terms.tables[name] for name in (insight.name, f"{insight.name}{LATEST}", f"{insight.name}_runs")
              if name in terms.tables]  # fmt: skip
    return list(dict.fromkeys(column for table in tables for column in table.columns))


def _insight(terms: Terms, insight: Insight) -> str:
    """What one insight means, as far as it is shared."""
    known = {column.name: column for column in insight.columns}
    lines = [f"### {insight.title}", "", insight.description.strip(), "", f"**Limitations:** {insight.limitations}", ""]
    lines += ["| column | type | meaning |", "|---|---|---|"]
    for name in _shown(terms, insight):
        column = known.get(name)
        kind, meaning = (column.type, column.description) if column else ("string", _MEANINGS[name])
        lines.append(f"| `{name}` | `{kind}` | {_cell(meaning)} |")
    return "\n".join([*lines, *_inferred(insight, _shown(terms, insight))])


def _inferred(insight: Insight, shown: list[str]) -> list[str]:
    """What a reader must know of columns that nobody gave or counted."""
    found = [(column.name, column.inferred) for column in insight.columns if column.inferred and column.name in shown]
    if not found:
        return []
    head = "Inferred, which is right for some people and wrong for others; use it for nothing but the purpose above:"
    return ["", head, ""] + [
        f"- `{name}`: {_cell(said.method)} How sure it is: `{said.confidence}`; "
        f"no number about fewer than {said.minimum_cell} people."
        for name, said in found
    ]


def _invitations(terms: Terms) -> str:
    if terms.organisation == "inside":
        return "Your account is in our organisation: there is no invitation to accept.\n"
    return (
        "Your account is outside our organisation: AWS has sent it two invitations, which **lapse after 12 hours**.\n"
        "The stack accepts both; if they have lapsed it fails and says so. "
        "We offer them again; then delete the stack that failed, and deploy it anew.\n"
    )


def _ways(terms: Terms, template_bytes: int) -> str:
    """The commands that deploy the template: from a bucket where it is too large to be sent."""
    large = template_bytes > TEMPLATE_BYTES
    upload = " --s3-bucket <a bucket of yours>" * large
    command = (
        f"aws cloudformation deploy --region {terms.region} --stack-name {terms.workgroup} \\\n"
        f"  --template-file template.yaml --capabilities CAPABILITY_NAMED_IAM{upload} \\\n"
        f"  --parameter-overrides Deployer=arn:aws:iam::{terms.client_account_id}:role/<yours>"
    )
    head = "`Deployer` is your own role or user, not a session of it:"
    if large:
        return (
            f"With CloudFormation, from a bucket of yours in {terms.region}: the template has {template_bytes} bytes, "
            f"and {TEMPLATE_BYTES} are the most that it takes without one (so Terraform cannot deploy it).\n"
            f"{head}\n\n```sh\n{command}\n```\n"
        )
    return (
        f"Either with CloudFormation; {head}\n\n```sh\n{command}\n```\n\n"
        "or with Terraform, which deploys the same template (`terraform/` is also a module for a root of yours):\n\n"
        "```sh\nterraform -chdir=terraform init && terraform -chdir=terraform apply\n```\n"
    )


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "&#124;").split())
