"""A kit whose template CloudFormation takes from a bucket alone: who deploys it is told so, whichever way it goes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from insightshare.cli import main
from insightshare.share.kit_guide import TEMPLATE_BYTES
from tests.conftest import ACME, Cloud
from tests.policy.project_copy import REPOSITORY, ProjectCopy

pytestmark = pytest.mark.xdist_group("plan")


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kit of acme, with a template that has grown."""
    folder = tmp_path_factory.mktemp("kit")
    made = CliRunner().invoke(main, ["--root", str(REPOSITORY), "client", "kit", "acme", "--to", str(folder)])
    assert made.exit_code == 0, made.output
    template = folder / "template.yaml"
    template.write_text(template.read_text().ljust(TEMPLATE_BYTES + 1, "#"))
    return folder


def test_terraform_refuses_it_and_says_how_it_goes(kit: Path, project_copy: ProjectCopy, cloud: Cloud) -> None:
    client = ProjectCopy(project_copy.folder, cloud.environment(ACME) | {"AWS_REGION": "eu-west-1"})

    said = client.root("consumer").run("plan", "-input=false", f"-var=kit={kit}", expect=(1,))

    assert re.search(r"51201 .+ are more than the 51200 .+ Fix: deploy the template from a bucket", said)


def test_cloudformation_takes_it_from_a_bucket_alone(kit: Path, cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="less than or equal to 51200"):
        cloud.client("cloudformation", ACME).create_stack(
            StackName="large", TemplateBody=(kit / "template.yaml").read_text()
        )
