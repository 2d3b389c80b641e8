# The local cloud: each account has one user from the start.
account_id     = "111111111111"
administrators = ["arn:aws:iam::111111111111:user/admin"]
