"""Programs that people and make run: building packages, deploying. Imported by nothing but themselves and tests."""
