"""The trial: whether the way to Segment is open with that key, as far as Segment says."""

from dataclasses import dataclass

from poller.ports import Accepted, Misconfigured
from poller.segment.post import SegmentSender

HOSTS = {"us": "https://api.segment.io", "eu": "https://events.eu1.segmentapis.com"}
CONNECT_AND_ANSWER_SECONDS = (5.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of it, in one sentence, with a remedy if it failed."""

    is_open: bool
    text: str
    remedy: str = ""


def try_segment(write_key: str, host: str) -> Trial:
    """Post an empty batch."""
    verdict = SegmentSender(write_key, host=host, timeout=CONNECT_AND_ANSWER_SECONDS).probe().verdict
    match verdict:
        case Accepted():
            return Trial(
                is_open=True, text=f"Segment answers at {host}; only its Debugger tells whether it knows the key."
            )
        case Misconfigured(reason, hint):
            return Trial(is_open=False, text=reason, remedy=hint)
        case _:
            return Trial(
                is_open=False, text=verdict.reason, remedy="Check segment.host and the way out of this network."
            )
