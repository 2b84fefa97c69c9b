"""A figure: one measured number, its unit, and the goal it is held against."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["met", "missed", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number of one topic. `most` and `least` are goals: the number may not exceed, or not fall below, them."""

    topic: str
    what: str
    value: float
    unit: str = ""
    digits: int = 0
    most: float | None = None
    least: float | None = None

    @property
    def verdict(self) -> Verdict:
        """How it stands with the goal; empty where there is none."""
        if self.most is None and self.least is None:
            return ""
        is_met = (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)
        return "met" if is_met else "missed"

    @property
    def measured(self) -> str:
        """The number with its unit."""
        return f"{self.value:,.{self.digits}f} {self.unit}".rstrip()

    @property
    def goal(self) -> str:
        """The goal in words; empty where there is none."""
        if self.most is not None:
            return f"at most {self.most:,g} {self.unit}".rstrip()
        return f"at least {self.least:,g} {self.unit}".rstrip() if self.least is not None else ""

    def cells(self) -> tuple[str, str, str, str, str]:
        """The row of a table: topic, what, measured, goal, verdict."""
        return self.topic, self.what, self.measured, self.goal, self.verdict
