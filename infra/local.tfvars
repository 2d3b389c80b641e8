# The local cloud: a laptop's account, where destroy may delete everything.
environment       = "local"
force_destroy     = true
s3_use_path_style = true
