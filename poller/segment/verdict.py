"""What an answer of Segment, or the lack of one, means for the batch.

Reasons name the fault and nothing else: no body, key, header or address of the answer is ever repeated in one.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import requests

from poller.ports import Accepted, Deferred, Misconfigured, Refused, Verdict

SEE_HOST = (
    "Set segment.host to the region of the workspace: https://api.segment.io (US) or "
    "https://events.eu1.segmentapis.com (EU)."
)
SEE_KEY = f"Set segment.write_key to the write key of the source. {SEE_HOST}"
SEE_PROXY = "Check the proxy that HTTPS_PROXY names: it wants credentials, or its address is not one."

NOT_NOW = frozenset({408, 410, 425, 429, 460})
NEVER = frozenset({400, 413, 422})
WRONG_KEY = frozenset({401, 403})
PROXY_WANTS_KEY = 407
UNKNOWN_TO_SERVER = frozenset({501, 505})

_CUT_SHORT = "Segment's answer was cut short."
_FAULTS: tuple[tuple[type[OSError], str], ...] = (  # from the special to the general: the first that fits is told
    (
        requests.exceptions.SSLError,
        "The TLS certificate of segment.host could not be verified: see this host's clock and its CA certificates.",
    ),
    (requests.exceptions.ProxyError, "The proxy cannot be reached, or does not reach Segment."),
    (requests.ConnectTimeout, "Segment could not be reached in time."),
    (requests.Timeout, "Segment did not answer in time."),
    (requests.exceptions.ChunkedEncodingError, _CUT_SHORT),
    (requests.exceptions.ContentDecodingError, "Segment's answer could not be unpacked."),
    (requests.ConnectionError, "The connection to Segment failed or broke off."),
)


def of_status(status: int, *, retry_after: timedelta | None = None) -> Verdict:
    """The verdict on a status that is not 2xx. What the table does not name drops nothing: sending stops."""
    name = _name(status)
    if status in NEVER:
        return Refused(f"Segment answered {name}.")
    if status in NOT_NOW or (500 <= status < 600 and status not in UNKNOWN_TO_SERVER):  # noqa: PLR2004 - HTTP's own
        return Deferred(f"Segment answered {name}.", retry_after)
    if status in WRONG_KEY:
        return Misconfigured(f"Segment answered {name}: the write key does not hold here.", SEE_KEY)
    if status == PROXY_WANTS_KEY:
        return Misconfigured(f"The proxy answered {name}.", SEE_PROXY)
    if 300 <= status < 400:  # noqa: PLR2004 - HTTP's own
        return redirected()
    return Misconfigured(f"The host answered {name}, which Segment does not.", SEE_HOST)


def redirected() -> Misconfigured:
    """The verdict on a redirect: never followed, for it would turn the POST into a GET or the data to someone else."""
    return Misconfigured("The host answered with a redirect to another address.", SEE_HOST)


def of_success(response: requests.Response) -> Verdict:
    """The verdict on a 2xx: accepted only if it is Segment's own answer to this very POST."""
    if response.history or response.request.method != "POST":
        return redirected()
    try:
        body = response.json()
    except (ValueError, RecursionError):
        if response.text.lstrip().startswith("{"):
            return Deferred(_CUT_SHORT)
        body = None
    if isinstance(body, dict) and body.get("success") is True:
        return Accepted()
    return Misconfigured(f"The host answered {_name(response.status_code)} without Segment's `success`.", SEE_HOST)


def of_fault(fault: OSError) -> Verdict:
    """The verdict on a request that brought no whole answer: requests' exceptions, and what it lets through."""
    match fault:
        case requests.TooManyRedirects():
            return redirected()
        case requests.exceptions.InvalidProxyURL():
            return Misconfigured("The proxy's address is not one.", SEE_PROXY)
        case (
            requests.exceptions.InvalidURL() | requests.exceptions.InvalidSchema() | requests.exceptions.MissingSchema()
        ):
            return Misconfigured("segment.host is not an address.", SEE_HOST)
        case _:
            return Deferred(_what_failed(fault))


def _what_failed(fault: OSError) -> str:
    if isinstance(fault, requests.ConnectionError) and "NameResolution" in repr(fault.args):
        return "The name of segment.host could not be resolved (DNS)."
    for kind, reason in _FAULTS:
        if isinstance(fault, kind):
            return reason
    return f"The request could not be made ({type(fault).__name__}): see REQUESTS_CA_BUNDLE and the network."


def retry_after(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """How long the answer asks to wait: seconds, or a date measured against the answer's own Date header.

    The library reads both too, but cuts either to five minutes and measures by this host's clock.
    """
    asked = headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return timedelta(seconds=int(asked[:9]))  # nine digits are thirty years; int() refuses some thousands
    until = http_date(asked)
    if until is None:
        return None
    wait = until - (http_date(headers.get("Date", "")) or now)
    return wait if wait > timedelta(0) else None


def http_date(text: str) -> datetime | None:
    """An HTTP date as aware UTC, None if it is not one."""
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _name(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
