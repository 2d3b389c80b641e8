"""Agreements turned into the grants that they mean, and what a reader may see of a receipt. Calls no AWS."""
