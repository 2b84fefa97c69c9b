"""Logs: one line an event, JSON for machines and columns for people, and no secret in either.

Everything the program and its libraries log goes through one pipe to stderr: stamped, masked, rendered.
"""

import base64
import logging
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TextIO, TypeAlias
from urllib.parse import quote, quote_plus

import structlog
from structlog.types import EventDict, Processor

Format: TypeAlias = Literal["auto", "json", "console"]
Level: TypeAlias = Literal["debug", "info", "warning", "error"]

_MASK = "***"
_SHORTEST_MASKED = 4
"""Shorter secrets protect nothing, and masking every `ps` or `1` would make the logs unreadable."""

_QUIET: Mapping[str, int] = {
    "segment": logging.WARNING,  # at DEBUG it prints the write key
    "sqlalchemy": logging.WARNING,  # at INFO it prints rows
    "urllib3": logging.WARNING,  # at DEBUG it prints a line per post, and the proxy's address
    "apscheduler": logging.ERROR,  # it warns whenever a job takes longer than its interval, which is no fault
}


def configure_logging(
    output: Format, level: Level, *, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Send all logs to `stream` (stderr), as JSON lines or, on a terminal, readable; mask the given secrets."""
    target = sys.stderr if stream is None else stream
    is_console = output == "console" or (output == "auto" and target.isatty())
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        Redaction(secrets),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(target, is_console)],
        )
    )
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(threshold)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(threshold, least))
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _renderer(target: TextIO, is_console: bool) -> Processor:  # noqa: FBT001 - private, and named at its one call
    if is_console:
        return structlog.dev.ConsoleRenderer(
            colors=target.isatty(), exception_formatter=structlog.dev.plain_traceback, timestamp_key="at"
        )
    return structlog.processors.JSONRenderer(default=str, ensure_ascii=False)


class Redaction:
    """A processor that masks known secrets wherever they stand: alone, in a URL, in a header, in a traceback."""

    def __init__(self, secrets: Iterable[str]) -> None:
        long_enough = [secret for secret in secrets if len(secret) >= _SHORTEST_MASKED]
        spellings = {spelling for secret in long_enough for spelling in _spellings(secret)}
        self._spellings = sorted(spellings, key=len, reverse=True)

    def __call__(self, _logger: Any, _method: str, event: EventDict) -> EventDict:
        """Mask every value, however deep."""
        return {key: self._masked(value) for key, value in event.items()}

    def _masked(self, value: Any) -> Any:
        match value:
            case str():
                for spelling in self._spellings:
                    value = value.replace(spelling, _MASK)
                return value
            case None | bool() | int() | float():
                return value
            case Mapping():
                return {self._masked(key): self._masked(inner) for key, inner in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self._masked(inner) for inner in value]
            case _ if any(spelling in str(value) for spelling in self._spellings):
                return self._masked(str(value))
            case _:
                return value


def _spellings(secret: str) -> Iterable[str]:
    """A secret as it is, as URLs quote it, as repr escapes it, and as the Authorization header carries a write key."""
    yield from (secret, quote(secret, safe=""), quote(secret), quote_plus(secret), repr(secret)[1:-1])
    yield base64.b64encode(f"{secret}:".encode()).decode()
