"""What the receiver can be told to do wrong: each fault spoils one request."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Status:
    """Answer with a status, storing nothing; `retry_after` becomes the header, as it is."""

    code: int
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class ResetBefore:
    """Cut the connection before anything is stored."""


@dataclass(frozen=True, slots=True)
class ResetAfter:
    """Store the batch, then cut the connection: the client cannot know that it arrived."""


@dataclass(frozen=True, slots=True)
class Slow:
    """Store the batch, and answer so many seconds later."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the client elsewhere, where a GET is answered with success: who follows has lost the batch."""


@dataclass(frozen=True, slots=True)
class NoSuccess:
    """Answer 200 with a body that is no success, storing nothing."""


@dataclass(frozen=True, slots=True)
class Truncated:
    """Store the batch, and announce more of an answer than is sent."""


Fault: TypeAlias = Status | ResetBefore | ResetAfter | Slow | Redirect | NoSuccess | Truncated
