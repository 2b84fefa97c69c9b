"""Posting to the receiver over real HTTP."""

import gzip
import json
from typing import Any

import requests

from poller.demo.receiver import Receiver

TIMEOUT = 10


def message(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A message that breaks no rule."""
    return {
        "type": "track",
        "event": "Order Completed",
        "messageId": f"m-{number}",
        "userId": "17",
        "timestamp": "2026-03-01T10:00:00.000Z",
        "properties": {"total": 12.5},
    } | changes


def post(
    receiver: Receiver,
    *messages: Any,
    key: str = "key",
    session: requests.Session | None = None,
    raw: bytes | None = None,
    headers: dict[str, str] | None = None,
    path: str = "/v1/batch",
    timeout: float = TIMEOUT,
) -> requests.Response:
    """Post messages as a batch, or `raw` as it is; the key goes into the body."""
    body = raw if raw is not None else json.dumps({"batch": messages, "writeKey": key}).encode()
    poster = session or requests
    return poster.post(receiver.url + path, data=body, headers=headers or {}, timeout=timeout, allow_redirects=False)


def packed(*messages: Any) -> bytes:
    """A batch without a key, gzipped."""
    return gzip.compress(json.dumps({"batch": messages}).encode())
