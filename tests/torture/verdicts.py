"""What the oracle says of one thing that is not as it must be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """`kind`: missing, invented, told twice, two ids, two bodies, wrong amount, wrong time, wrong traits, or half."""

    kind: str
    what: str
    detail: str
