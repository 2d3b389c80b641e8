# The client's half, as the kit's own template: a stack in the client's account, so that both ways deploy one truth.
# Grants on shared tables are CloudFormation's to make: provider 5.100 reads such grants back wrongly, and would make them
# anew at each apply (hashicorp/terraform-provider-aws#49669, open in August 2026).

locals {
  kit      = coalesce(var.kit, "${path.module}/..")
  terms    = yamldecode(file("${local.kit}/share.yaml"))
  template = file("${local.kit}/template.yaml")
}

data "aws_caller_identity" "this" {}

data "aws_region" "this" {}

# The role behind a session: what becomes a data lake administrator is the role.
data "aws_iam_session_context" "this" {
  arn = data.aws_caller_identity.this.arn
}

resource "aws_cloudformation_stack" "share" {
  #checkov:skip=CKV_AWS_124:Who applies this waits for the stack, and Terraform says how it ended; nobody else needs its events.
  name          = local.terms.workgroup
  template_body = local.template
  capabilities  = ["CAPABILITY_NAMED_IAM"]

  parameters = {
    Deployer       = coalesce(var.deployer, data.aws_iam_session_context.this.issuer_arn)
    AssumedBy      = join(",", var.assumed_by)
    ScanLimitBytes = tostring(var.scan_limit_mib * 1024 * 1024)
    Grants         = var.grants
  }

  lifecycle {
    # Who plans later is no reason to change anything, least of all to make one administrator more.
    ignore_changes = [parameters["Deployer"]]

    precondition {
      condition     = length(local.template) <= 51200
      error_message = "template.yaml: ${length(local.template)} characters are more than the 51200 that CloudFormation takes in a request. Fix: deploy the template from a bucket, as the kit's README.md says."
    }
    precondition {
      condition     = data.aws_caller_identity.this.account_id == local.terms.client_account_id
      error_message = "share.yaml: client_account_id: account ${data.aws_caller_identity.this.account_id} is not ${local.terms.client_account_id}, which this kit is for. Fix: sign in to that account."
    }
    precondition {
      condition     = data.aws_region.this.name == local.terms.region
      error_message = "share.yaml: region: ${data.aws_region.this.name} is not ${local.terms.region}, where the shared tables are. Fix: set AWS_REGION=${local.terms.region}."
    }
  }
}
