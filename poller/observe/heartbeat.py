"""The heartbeat: tells a dead man's switch that all is well; silence is what raises the alarm there."""

from typing import Final

import requests

_PATIENCE_SECONDS: Final = (5.0, 10.0)


def beat(url: str) -> str:
    """Ask for the address once; why it did not work, "" if it did. The address itself, a secret, is never told."""
    try:
        answer = requests.get(url, timeout=_PATIENCE_SECONDS, allow_redirects=False)
    except (requests.RequestException, ValueError) as error:
        return f"{type(error).__name__}"
    return "" if answer.ok else f"answered {answer.status_code}"
