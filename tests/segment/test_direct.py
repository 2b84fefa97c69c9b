"""The shorter way makes the library's own request."""

import json

from poller.ports import Accepted
from poller.segment.post import SegmentSender
from tests.segment.outlet import KEY, NOON
from tests.segment.server import ScriptedServer

TEXTS = [
    json.dumps({"type": "track", "event": "Caf\u00e9 \U0001f455", "messageId": "m-1", "properties": {"total": 38.24}}),
    json.dumps({"type": "identify", "messageId": "m-2", "userId": None, "traits": {}}),
]


def test_both_ways_make_the_same_request() -> None:
    with ScriptedServer() as server:
        for is_direct in (False, True):
            sender = SegmentSender(KEY, host=server.url, is_direct=is_direct, now=lambda: NOON)
            assert sender.post(TEXTS, attempt=3) == Accepted()
        theirs, ours = server.received
    assert ours.messages == theirs.messages == [json.loads(text) for text in TEXTS]
    assert ours.document.keys() == theirs.document.keys()
    assert ours.document["writeKey"] == theirs.document["writeKey"] == KEY
    assert ours.document["sentAt"] == "2026-03-01T12:00:00+00:00"
    assert (ours.method, ours.path) == (theirs.method, theirs.path)
    named = {name: value for name, value in theirs.headers.items() if name != "Content-Length"}
    assert {name: value for name, value in ours.headers.items() if name != "Content-Length"} == named
    assert all(text.encode() in ours.body for text in TEXTS)
