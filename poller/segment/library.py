"""What must be set on Segment's library before it may be used: it is quiet, follows nobody, and keeps its own key."""

import logging
from typing import Final

import requests
from requests.auth import AuthBase
from segment.analytics import request as library

_LOGGER: Final = "segment"


class _AsItIs(AuthBase):
    """The library's own Authorization header.

    Without it requests asks `~/.netrc` for the host and would send what it finds there instead of the write key. A
    proxy from the environment (HTTPS_PROXY, NO_PROXY) still holds, and so does REQUESTS_CA_BUNDLE.
    """

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        return r


def tame() -> None:
    """Set the library's global session and logger; may be called any number of times.

    At DEBUG the library prints whole payloads with the write key. Its session follows redirects: a 301 turns the POST
    into a GET that looks accepted, and a 307 hands key and customers to whoever the answer names.
    """
    logger = logging.getLogger(_LOGGER)
    if logger.level < logging.WARNING:
        logger.setLevel(logging.WARNING)
    session: requests.Session = library._session  # noqa: SLF001 - it offers no other way to reach its session
    session.auth = _AsItIs()
    session.max_redirects = 0
