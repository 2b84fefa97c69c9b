"""What the ledger has forgotten must never be owed again: it would be sent a second time."""

from datetime import datetime
from typing import Final

from poller.errors import ConfigurationError
from poller.ports import State

PRUNED: Final = "pruned_before"


def require_kept(state: State, since: datetime) -> None:
    """Refuse a period that begins before what was pruned."""
    kept = state.meta(PRUNED)
    if kept and since < datetime.fromisoformat(kept):
        raise ConfigurationError(
            f"What was delivered before {kept} was pruned: facts from then would be sent a second time.",
            hint=f"Begin at {kept} or later.",
        )
