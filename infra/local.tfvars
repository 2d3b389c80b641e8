# The local cloud: a laptop's account, where destroy may delete everything.
environment       = "local"
account_id        = "111111111111"
force_destroy     = true
s3_use_path_style = true
