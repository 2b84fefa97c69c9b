"""Who holds what: a lock beside the state file that dies with its process and names its holder."""

import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from poller.errors import ConfigurationError, StateBusyError, StateWriteError
from poller.state.location import PRIVATE, check_directory, give_to_owner, state_file


class HolderLock:
    """One of the locks of a state store: "live", "deliver", or "backfill-<lane>".

    The lock itself is the kernel's (flock): it ends with the process, however that ends. Beside it a file says who
    holds it; only what that file says may be stale, never the lock.
    """

    __slots__ = ("_door", "_holder", "_lock", "_name", "_state")

    def __init__(self, url: str, name: str, *, door: str) -> None:
        state = state_file(url)
        if state is None:
            raise ConfigurationError("A state store in memory has no locks.", hint="Let state.url name a file.")
        self._state = state
        self._name = name
        self._door = door
        self._holder = state.with_name(f"{state.name}.{name}.holder")
        # Not per thread: the daemon acquires it in one thread and lets it go in another.
        self._lock = FileLock(state.with_name(f"{state.name}.{name}.lock"), mode=PRIVATE, thread_local=False)

    def acquire(self) -> None:
        """Take the lock, or raise StateBusyError naming who has it."""
        check_directory(self._state.parent)
        try:
            self._lock.acquire(blocking=False)
        except Timeout as error:
            raise StateBusyError(
                f"The {self._name} lane is held by {self._held_by()}.",
                hint="Wait for it to end, or stop it first: systemctl status poller.",
            ) from error
        except PermissionError as error:
            raise ConfigurationError(
                f"The lock {self._lock.lock_file} belongs to somebody else than uid {os.geteuid()}.",
                hint=f"Run the command as the poller's user, or: chown poller: {self._state}*",
            ) from error
        except OSError as error:
            raise StateWriteError(
                f"Cannot take the lock {self._lock.lock_file}: {error.strerror}.", hint="Look at: df, ls -la."
            ) from error
        self._sign()

    def release(self) -> None:
        """Let it go."""
        if self._lock.is_locked:
            self._holder.unlink(missing_ok=True)
            self._lock.release()

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _sign(self) -> None:
        """Say who holds it; written aside and renamed, so that a reader never sees half a name."""
        draft = self._holder.with_name(self._holder.name + ".new")
        body = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "door": self._door,
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        try:
            draft.unlink(missing_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "w") as file:
                json.dump(body, file)
            draft.replace(self._holder)
            for part in (self._holder, Path(self._lock.lock_file)):
                give_to_owner(part)
        except OSError as error:
            self._lock.release()
            raise StateWriteError(
                f"Cannot write {self._holder}: {error.strerror}.", hint="Look at: df, ls -la."
            ) from error

    def _held_by(self) -> str:
        return _signature(self._holder) or "another process"


def holder_of(url: str, name: str) -> str:
    """Who holds a lock, "" for nobody: the signature beside it, if whoever signed still lives."""
    state = state_file(url)
    return _signature(state.with_name(f"{state.name}.{name}.holder")) if state else ""


def is_held(url: str, name: str) -> bool:
    """Whether a process has a lock. A signature that its owner could not take back is doubted, by trying the lock."""
    state = state_file(url)
    if state is None or not holder_of(url, name):
        return False
    lock = FileLock(state.with_name(f"{state.name}.{name}.lock"), mode=PRIVATE, thread_local=False)
    try:
        lock.acquire(blocking=False)
    except (Timeout, OSError):
        return True
    lock.release()
    return False


def _signature(holder: Path) -> str:
    try:
        body = json.loads(holder.read_text())
        if body["host"] == socket.gethostname() and not Path(f"/proc/{int(body['pid'])}").exists():
            return ""
        return f"pid {body['pid']} ({body['door']}) on host {body['host']} since {body['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
