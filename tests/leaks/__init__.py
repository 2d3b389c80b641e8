"""No principal sees more through Athena than its grants allow: generated worlds and queries against a naive model."""
