# The local cloud: acme's account beside the provider's.
client              = "acme"
provider_account_id = "111111111111"
force_destroy       = true
s3_use_path_style   = true
