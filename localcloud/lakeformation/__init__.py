"""Lake Formation in front of moto: grants are stored, listed as AWS lists them, and decide what callers see."""
