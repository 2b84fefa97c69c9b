"""Every error the poller raises on purpose, sorted by what the operator does about it.

    PollerError
    ├── ConfigurationError   fix the configuration            exit 78
    ├── TryAgainError        wait, it may pass by itself      exit 75
    │   ├── ShopUnreachableError
    │   ├── ShopStatementError   one statement failed; the other feeds go on
    │   ├── SegmentUnreachableError
    │   ├── StateBusyError   another poller holds the state
    │   └── StateWriteError  the state directory is full or read-only
    └── BugError             report it                        exit 70

Each message says what failed, on what and why; the hint is what to do next.
"""

from typing import ClassVar


class PollerError(Exception):
    """What every error of this program is; `hint` names the remedy, usually the next command to run."""

    exit_code: ClassVar[int] = 70

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class ConfigurationError(PollerError):
    """Something the operator must change before it can work."""

    exit_code = 78


class TryAgainError(PollerError):
    """Something outside does not answer; nothing is lost, and the next try may succeed."""

    exit_code = 75


class ShopUnreachableError(TryAgainError):
    """The shop's database cannot be reached, or cut the connection."""


class ShopStatementError(TryAgainError):
    """One statement failed on the shop's database: a missing table or grant, or its time limit."""


class SegmentUnreachableError(TryAgainError):
    """Segment, or the way to it, does not answer."""


class StateBusyError(TryAgainError):
    """Another process holds the state store."""


class StateWriteError(TryAgainError):
    """The state store cannot be written."""


class BugError(PollerError):
    """A promise of the code is broken."""
