"""A catch-up that dies at its n-th step: a statement, a commit, a post, or the moment after one of them."""

import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from poller.app import App
from poller.config import load_settings
from poller.segment.post import SegmentSender


def catch_up(reports: Connection, config: Path, dies_at: int) -> None:
    """Catch up, and be killed on the way; says "done" if there were fewer steps."""
    left = dies_at

    def step(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    for moment in ("before_cursor_execute", "after_cursor_execute", "commit", "rollback"):
        event.listen(Engine, moment, step)
    post = SegmentSender.post

    def post_between(sender: SegmentSender, *arguments: Any, **named: Any) -> Any:
        step()
        verdict = post(sender, *arguments, **named)
        step()
        return verdict

    SegmentSender.post = post_between  # type: ignore[method-assign,assignment]
    app = App(load_settings(config))
    app.start("catch-up")
    app.catch_up()
    app.close()
    reports.send("done")
