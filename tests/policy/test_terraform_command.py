"""scripts/terraform: which Terraform it runs, where the provider comes from, and what it says when one is missing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.policy.project_copy import REPOSITORY

COMMAND = REPOSITORY / "scripts" / "terraform"


def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(COMMAND), *words], env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )


def printing_settings(folder: Path) -> str:
    """A Terraform that only prints the settings that it was started with."""
    path = folder / "terraform-that-prints"
    path.write_text('#!/bin/sh\necho "proxy=$HTTP_PROXY"\ncat "$TF_CLI_CONFIG_FILE"\n')
    path.chmod(0o755)
    return str(path)


def test_a_missing_terraform_is_one_line_that_says_how_to_get_it() -> None:
    done = run("version", TERRAFORM="no-such-terraform")

    assert done.returncode == 127
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("no-such-terraform: command: not found is not an installed Terraform >= 1.10. Fix:")
    assert "TERRAFORM=tofu" in done.stderr


def test_a_mirror_that_holds_no_provider_is_one_line(tmp_path: Path) -> None:
    done = run("version", TF_PROVIDER_MIRROR=str(tmp_path))

    assert done.returncode == 1
    assert done.stderr.startswith(f"TF_PROVIDER_MIRROR: folder: {tmp_path} is not a provider mirror. Fix:")


def test_a_named_mirror_is_where_the_provider_comes_from(tmp_path: Path) -> None:
    (tmp_path / "registry.example" / "hashicorp" / "aws" / "5.100.0").mkdir(parents=True)

    done = run("version", TERRAFORM=printing_settings(tmp_path), TF_PROVIDER_MIRROR=str(tmp_path))

    assert f'path = "{tmp_path}"' in done.stdout


def test_an_empty_mirror_setting_means_the_public_registry(tmp_path: Path) -> None:
    done = run("version", TERRAFORM=printing_settings(tmp_path), TF_PROVIDER_MIRROR="")

    assert "filesystem_mirror" not in done.stdout
    assert "plugin_cache_dir" in done.stdout


def test_an_endpoint_on_this_machine_also_gets_calls_for_names_below_it(tmp_path: Path) -> None:
    terraform = printing_settings(tmp_path)

    here = run("version", TERRAFORM=terraform, AWS_ENDPOINT_URL="http://127.0.0.1:4566")
    elsewhere = run("version", TERRAFORM=terraform, AWS_ENDPOINT_URL="https://aws.example", HTTP_PROXY="")

    assert "proxy=http://127.0.0.1:4566" in here.stdout
    assert "proxy=\n" in elsewhere.stdout
