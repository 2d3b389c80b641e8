"""AWS: the only room that knows boto3. One module per service; importing this package imports none of them."""
