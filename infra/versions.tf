terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # Bucket and region come with `init -backend-config=...`, one state per environment.
  backend "s3" {
    key          = "main.tfstate"
    use_lockfile = true
    encrypt      = true
  }
}

provider "aws" {
  region              = local.region
  allowed_account_ids = [local.account_id]
  s3_use_path_style   = var.s3_use_path_style

  default_tags {
    tags = { project = "insightshare", environment = var.environment, root = "main" }
  }
}
