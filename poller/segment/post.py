"""One attempt at Segment: posts a batch through the library's own `post`, and judges the answer."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import requests
from segment.analytics.request import APIError, post

from poller.errors import ConfigurationError
from poller.ports import Accepted, Refused, Verdict
from poller.segment import direct
from poller.segment.library import tame
from poller.segment.verdict import SEE_HOST, SEE_KEY, http_date, of_fault, of_status, of_success, retry_after

HOST: Final = "https://api.segment.io"
TIMEOUT: Final = (5.0, 15.0)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What `poller check` learns: the verdict, and by how much this host's clock runs ahead of Segment's.

    `ahead` is None where the answer carries no date. Segment shifts every event by it: `timestamp` becomes
    `receivedAt - (sentAt - timestamp)`.
    """

    verdict: Verdict
    ahead: timedelta | None


class SegmentSender:
    """ports.Sender by the library's `post`: no queue, no thread, one attempt at a time.

    Proxies and CA bundles of the environment hold (HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE); `~/.netrc` does not.
    `timeout` is seconds to connect, and to wait for the next byte of the answer; `is_direct` takes the shorter way of
    `segment.direct`.
    """

    def __init__(
        self,
        write_key: str,
        *,
        host: str = HOST,
        timeout: tuple[float, float] = TIMEOUT,
        is_direct: bool = False,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Raise ConfigurationError where the key or the host cannot be one."""
        if not write_key.strip():
            raise ConfigurationError("segment.write_key is empty.", hint=SEE_KEY)
        tame()
        self._write_key = write_key.strip()
        self._host = plain_host(host)
        self._timeout = timeout
        self._is_direct = is_direct
        self._now = now

    @property
    def host(self) -> str:
        """Where it posts to."""
        return self._host

    def __repr__(self) -> str:
        return f"SegmentSender(host={self._host!r})"

    def post(self, texts: Sequence[str], *, attempt: int) -> Verdict:
        """Post one batch; `attempt` counts the failures before this one and is told to Segment (X-Retry-Count)."""
        verdict, _ = self._attempt(texts, attempt)
        return verdict

    def probe(self) -> Probe:
        """Post an empty batch: the whole way, and no event.

        Accepted proves name resolution, TLS, proxy, host and path, and that Segment answers. It does not prove the
        key: Segment answers 200 to a key it does not know, and to one of the other region, and tells only its own
        Debugger. Misconfigured and Deferred mean what they mean for a batch. A server that refuses the batch for being
        empty has been reached all the same, so that counts as Accepted.
        """
        before = self._now()
        verdict, response = self._attempt([], 0)
        if isinstance(verdict, Refused):
            verdict = Accepted()
        midway = before + (self._now() - before) / 2
        theirs = http_date(response.headers.get("Date", "")) if response is not None else None
        return Probe(verdict=verdict, ahead=midway - theirs if theirs else None)

    def _attempt(self, texts: Sequence[str], attempt: int) -> tuple[Verdict, requests.Response | None]:
        try:
            response = self._posted(texts, attempt)
        except APIError as error:
            return self._judged(error.status, error.response), error.response
        except OSError as fault:  # every exception of requests is one, and so is a CA bundle that is not there
            return of_fault(fault), None
        if not 200 <= response.status_code < 300:  # noqa: PLR2004 - HTTP's own
            return self._judged(response.status_code, response), response
        return of_success(response), response

    def _posted(self, texts: Sequence[str], attempt: int) -> requests.Response:
        if self._is_direct:
            return direct.post(
                texts,
                write_key=self._write_key,
                host=self._host,
                timeout=self._timeout,
                retry_count=attempt,
                at=self._now(),
            )
        response: requests.Response = post(
            self._write_key,
            host=self._host,
            gzip=True,
            timeout=self._timeout,
            retry_count=attempt,
            batch=[json.loads(text) for text in texts],
        )
        return response

    def _judged(self, status: int, response: requests.Response | None) -> Verdict:
        asked = retry_after(response.headers, now=self._now()) if response is not None else None
        return of_status(status, retry_after=asked)


def plain_host(host: str) -> str:
    """The address the library appends `/v1/batch` to; one that already ends so is understood."""
    plain = host.strip().rstrip("/").removesuffix("/batch").removesuffix("/v1").rstrip("/")
    try:
        parts = urlsplit(plain)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
        parts = urlsplit("")
    if not is_address or parts.query or parts.fragment or parts.username or parts.password:
        raise ConfigurationError("segment.host is not the address of a server, such as https://host.", hint=SEE_HOST)
    return plain
