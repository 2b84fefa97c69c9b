"""A look at one thing, for people: what its present facts prove. Nothing is stored."""

from collections.abc import Sequence

from poller.core.policy import Policy
from poller.errors import ConfigurationError
from poller.ports import Snapshot, State
from poller.streams.outcome import Outcome, Stream


def look(
    snapshot: Snapshot, thing: str, key: int, *, streams: Sequence[Stream], state: State | None, policy: Policy
) -> Outcome:
    """Derive one thing as the next poll would; raises ConfigurationError for a thing that the shop does not have."""
    stream = next((stream for stream in streams if stream.thing == thing), None)
    if stream is None:
        known = ", ".join(stream.thing for stream in streams)
        raise ConfigurationError(f"There is no such thing as {thing!r}.", hint=f"Choose from {known}.")
    facts = snapshot.load(thing, [key])
    if key not in facts:
        raise ConfigurationError(f"The shop has no {thing} {key}.", hint="Check the number.")
    memory = state.recall([(thing, key)]).get((thing, key)) if state else None
    return stream.derive(snapshot.reading.now, facts[key], memory.body if memory else None, policy=policy)
