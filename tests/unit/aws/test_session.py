"""The caller's own session: what this machine's settings make of it, and one line where they make none."""

from pathlib import Path

import pytest

from insightshare.aws.session import own_session
from insightshare.errors import UsageError


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("", "The config profile (typo) could not be found"),
        ("[profile typo", "Unable to parse config file: {file}"),
    ],
    ids=["no such profile", "no such file format"],
)
def test_settings_that_boto3_cannot_read_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: str, said: str
) -> None:
    file = tmp_path / "config"
    file.write_text(config)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    monkeypatch.setenv("AWS_PROFILE", "typo")

    with pytest.raises(UsageError) as caught:
        own_session("eu-west-1")

    assert str(caught.value) == (
        f"session: settings: [{said.format(file=file)}] is not what boto3 can read. "
        "Fix: name a profile of ~/.aws/config in AWS_PROFILE, or unset it."
    )
