"""Logs: their shape, and what they never hold."""

import io
import json
import logging
import os
import pty
import subprocess
import sys
import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from poller.observe.logs import Level, configure_logging

SECRET = "p@ss'word/1"
WRITE_KEY = "wk_c4n4ry"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    for name in ("segment", "sqlalchemy", "urllib3", "apscheduler"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def configured(level: Level = "info") -> io.StringIO:
    stream = io.StringIO()
    configure_logging("json", level, secrets=(SECRET, WRITE_KEY, "ps"), stream=stream)
    return stream


def test_a_line_is_one_json_object() -> None:
    stream = configured()
    structlog.get_logger("poller.daemon").info("poll.finished", lane="live", things=3, events={"Order Completed": 1})
    (line,) = lines(stream)
    assert datetime.fromisoformat(line.pop("at")).utcoffset() is not None
    assert line == {
        "event": "poll.finished",
        "level": "info",
        "logger": "poller.daemon",
        "lane": "live",
        "things": 3,
        "events": {"Order Completed": 1},
    }


def test_libraries_go_through_the_same_pipe() -> None:
    stream = configured()
    logging.getLogger("some.library").warning("took %d s", 3, extra={"table": "orders"})
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old ways", DeprecationWarning, stacklevel=1)
    first, second = lines(stream)
    assert (first["event"], first["level"], first["logger"], first["table"]) == (
        "took 3 s",
        "warning",
        "some.library",
        "orders",
    )
    assert second["logger"] == "py.warnings"
    assert "old ways" in second["event"]


def test_the_level_is_a_threshold() -> None:
    stream = configured("warning")
    structlog.get_logger("poller").info("poll.finished")
    structlog.get_logger("poller").warning("batch.deferred")
    assert [line["event"] for line in lines(stream)] == ["batch.deferred"]


def test_what_libraries_say_at_debug_stays_unsaid() -> None:
    stream = configured("debug")
    structlog.get_logger("poller").debug("poll.finished")
    for name in ("segment", "segment.request", "sqlalchemy.engine.Engine", "urllib3.connectionpool"):
        logging.getLogger(name).info("chatter of %s", name)
        logging.getLogger(name).warning("trouble of %s", name)
    logging.getLogger("apscheduler.scheduler").warning("skipped: maximum number of running instances reached")
    assert [line["event"] for line in lines(stream)] == [
        "poll.finished",
        "trouble of segment",
        "trouble of segment.request",
        "trouble of sqlalchemy.engine.Engine",
        "trouble of urllib3.connectionpool",
    ]


class Library:
    def __repr__(self) -> str:
        return f"<Client {WRITE_KEY}>"


def crash() -> None:
    raise RuntimeError(f"bad key {WRITE_KEY}") from ValueError(repr({"password": SECRET}))


def test_no_secret_gets_through_however_it_is_spelt() -> None:
    stream = configured("debug")
    log = structlog.get_logger("poller").bind(bound=WRITE_KEY)
    log.info(
        Path(WRITE_KEY).name,
        url="mysql://u:p%40ss%27word%2F1@h/db",
        partly_quoted="mysql://u:p%40ss%27word/1@h/db",
        header="Basic d2tfYzRuNHJ5Og==",
        nested={"list": [SECRET, {WRITE_KEY: (SECRET,)}]},
        object=Library(),
        error=ValueError(f"no entry for {SECRET}"),
        count=3,
        name="ps",
    )
    logging.getLogger("library").error("failed with %s", SECRET)
    try:
        crash()
    except RuntimeError:
        log.exception("poller.crashed")
        logging.getLogger("library").exception("crashed")
    text = stream.getvalue()
    for spelling in (SECRET, WRITE_KEY, "p%40ss", "d2tfYzRuNHJ5Og", "word/1", "word%2F1"):
        assert spelling not in text
    first, *_, own, foreign = lines(stream)
    assert first["url"] == "mysql://u:***@h/db"
    assert first["nested"] == {"list": ["***", {"***": ["***"]}]}
    assert (first["object"], first["count"], first["name"]) == ("<Client ***>", 3, "ps")
    assert "RuntimeError: bad key ***" in own["exception"]
    assert "RuntimeError: bad key ***" in foreign["exception"]


SPEAK = """
import structlog
from poller.observe.logs import configure_logging
configure_logging("auto", "info", secrets=("c4n4ry",))
try:
    password = "c4n4ry"
    raise ValueError(password)
except ValueError:
    structlog.get_logger("poller").exception("poll.finished", things=3)
"""


def test_auto_is_json_in_a_pipe() -> None:
    done = subprocess.run([sys.executable, "-c", SPEAK], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert json.loads(done.stderr)["event"] == "poll.finished"


def test_auto_is_for_people_on_a_terminal() -> None:
    ours, theirs = pty.openpty()
    subprocess.run([sys.executable, "-c", SPEAK], stderr=theirs, check=True)
    os.close(theirs)
    text = ""
    try:
        while chunk := os.read(ours, 4096):
            text += chunk.decode()
    except OSError:  # the terminal's other end is closed: all was read
        pass
    finally:
        os.close(ours)
    assert "poll.finished" in text
    assert "things" in text
    assert "Traceback" in text
    assert "c4n4ry" not in text.replace(Path(__file__).name, "")


def test_calling_it_again_replaces_the_pipe() -> None:
    first, second = configured(), configured()
    structlog.get_logger("poller").info("poll.finished")
    assert first.getvalue() == ""
    assert len(lines(second)) == 1
