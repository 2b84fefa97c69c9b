"""What other processes do to the state store: started by tests, killed by tests."""

import itertools
import multiprocessing
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from poller.errors import PollerError
from poller.ports import Commit
from poller.state.store import StateStore, open_state
from tests.state.builders import AT, memory, message

NOBODY = 65534
PER_PAGE = 7


@contextmanager
def child(target: Callable[..., None], *arguments: Any) -> Iterator[tuple[BaseProcess, Connection]]:
    """Run `target(reports, *arguments)` in a process forked from a clean one that has imported all this."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=target, args=(there, *arguments))
    process.start()
    there.close()
    try:
        yield process, here
    finally:
        process.kill()
        process.join()
        here.close()


def page(number: int) -> Commit:
    """The n-th page of the writer: every part of it names n."""
    ids = range(number * 100, number * 100 + PER_PAGE)
    return Commit(
        lane="live",
        at=AT,
        outgoing=[message(one, key=number, text="x" * 2_000) for one in ids],
        memories=[memory(number)],
        marks={"orders": str(number)},
    )


def write_for_ever(reports: Connection, url: str) -> None:
    """Commit page after page, and report each when it is done; deliver some on the way."""
    store = open_state(url)
    for number in itertools.count(int(store.marks("live").get("orders", "0")) + 1):
        store.commit(page(number))
        reports.send(number)
        if number % 3 == 0:
            store.delivered(store.pending(limit=10, max_bytes=1_000_000), AT)


def open_only(reports: Connection, url: str) -> None:
    """Create the store, or bring it up to date."""
    reports.send("ready")
    open_state(url).close()


def open_together(reports: Connection, url: str, barrier: Any) -> None:
    """Create the store at the same moment as others do."""
    barrier.wait()
    with open_state(url) as store:
        reports.send(store.claim_meta("namespace", str(os.getpid())))


def write_until_full(reports: Connection, url: str, limit_bytes: int) -> None:
    """Commit until the files may grow no more; report the error and what can still be read."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))
    with open_state(url) as store:
        reports.send(fill(store))


def write_without_rights(reports: Connection, url: str, directory: Path) -> None:
    """As nobody, with the state directory and the file made read-only behind the back: report open, read, write."""
    with open_state("sqlite://") as warm:  # what must be imported is imported while the rights are there
        warm.commit(page(1))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    store = open_state(url)
    store.commit(page(1))
    store.close()
    (directory / "state.db").chmod(0o400)
    reports.send((attempt(lambda: store.commit(page(2))), store.marks("live")["orders"]))
    store.close()
    (directory / "state.db").chmod(0o600)
    directory.chmod(0o500)
    reports.send(attempt(lambda: open_state(url)))
    directory.chmod(0o700)
    (directory / "state.db").chmod(0o000)
    reports.send(attempt(lambda: open_state(url)))
    reports.send(attempt(lambda: open_state(url, read_only=True)))


def fill(store: StateStore) -> tuple[str, int, int]:
    """Commit pages until one fails: the error, the pages that were done, and the last one that can be read."""
    for number in itertools.count(1):
        error = attempt(lambda: store.commit(page(number)))  # noqa: B023 -- called at once
        if error:
            return error, number - 1, int(store.marks("live")["orders"])
    raise AssertionError


def attempt(step: Callable[[], object]) -> str:
    """What a step raises, "" if nothing."""
    try:
        step()
    except PollerError as error:
        return f"{type(error).__name__}: {error}"
    return ""
