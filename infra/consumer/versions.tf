terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # Bucket and region come with `init -backend-config=...`, one state in the client's account.
  backend "s3" {
    key          = "consumer.tfstate"
    use_lockfile = true
    encrypt      = true
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [local.agreement.account_id]
  s3_use_path_style   = var.s3_use_path_style

  default_tags {
    tags = { project = "insightshare", root = "consumer" }
  }
}
