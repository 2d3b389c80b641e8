"""What a contract says of an attribute that was concluded, not given or counted. Holds no rule and shares nothing.

An attribute of a person is *inferred* where a model, a rule or a statistic concludes from other data what the person
will do, is or likes. What the person gave, and counts, sums, shares and means of the person's own records, are not;
what is worked out from an inferred attribute (a rank, a band, a hundred less it) is.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Inference:
    """How an attribute was concluded, and what a reader owes to the people whom it is about."""

    method: str
    confidence: str
    """The column of the same table that says how sure it is; it may be the attribute's own."""
    purposes: tuple[str, ...]
    """What it may be used for, in words that agreements repeat."""
    minimum_cell: int
    """How many a group must be, at the least, for a number about the group to be shown."""

    @property
    def sentence(self) -> str:
        """One line for people, as catalogs show it; Terraform writes the same."""
        return f"Inferred, for {', '.join(self.purposes)} only; {self.confidence} says how sure it is."
