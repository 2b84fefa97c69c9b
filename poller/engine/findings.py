"""What `poller check` finds: one line each, with its remedy."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. A problem keeps the poller from working or loses something; a warning does not."""

    level: Level
    topic: str
    text: str
    remedy: str = ""
