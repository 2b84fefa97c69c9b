"""Where the state lives: a settings URL becomes a file that exists, is ours and is nobody else's to read."""

import os
import stat
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from poller.errors import ConfigurationError, StateWriteError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
PRIVATE = stat.S_IRUSR | stat.S_IWUSR


def state_file(url: str) -> Path | None:
    """The file a state URL names, absolute; None for the database in memory that tests use."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError("state.url is not a database URL.", hint=_EXAMPLE) from error
    if parsed.get_backend_name() != "sqlite" or parsed.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise ConfigurationError(
            f"state.url names {parsed.drivername}: only sqlite is supported in this version.", hint=_EXAMPLE
        )
    if parsed.query or (parsed.database or "").startswith("file:"):
        raise ConfigurationError("state.url takes a plain path, without options.", hint=_EXAMPLE)
    if not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database).absolute()


_EXAMPLE = "Write it as sqlite:////var/lib/poller/state.db."


def prepare(file: Path) -> None:
    """Make sure that the file exists, can be written, and has mode 0600.

    Raises ConfigurationError for what the operator must arrange, StateWriteError where the disk refuses.
    """
    check_directory(file.parent)
    if file.is_dir():
        raise ConfigurationError(f"The state store {file} is a directory.", hint=_EXAMPLE)
    if not file.exists():
        _create(file)
    for part in (file, file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")):
        _tighten(part)
    if not os.access(file, os.R_OK | os.W_OK):
        raise _foreign(file)


def require(file: Path | None) -> None:
    """Make sure that a poller has been here; creates nothing."""
    try:
        if file is not None and file.is_file() and file.stat().st_size:
            if not os.access(file, os.R_OK):
                raise _foreign(file)
            return
    except PermissionError as error:
        raise _foreign(file or Path()) from error
    raise ConfigurationError(
        f"There is no state store {file or 'in memory'}: the poller has not run yet.",
        hint="Start it with `poller run` or `poller catch-up`, or correct state.url.",
    )


def give_to_owner(file: Path) -> None:
    """As root, hand a new file to whom its directory belongs: sudo must not lock out the service."""
    if os.geteuid() == 0:
        holder = file.parent.stat()
        os.chown(file, holder.st_uid, holder.st_gid, follow_symlinks=False)


def check_directory(directory: Path) -> None:
    """Raise ConfigurationError unless files can be created there."""
    remedy = (
        f"Create it for the poller's user: install -d -m 0700 -o poller -g poller {directory} "
        "(under systemd, StateDirectory=poller does so)."
    )
    if not directory.is_dir():
        raise ConfigurationError(f"The state directory {directory} does not exist.", hint=remedy)
    if not os.access(directory, os.W_OK | os.X_OK):
        raise ConfigurationError(
            f"The state directory {directory} cannot be written by uid {os.geteuid()}.",
            hint=f"Give it to the poller's user: chown poller: {directory} (under systemd, StateDirectory=poller does "
            "so), or mount it writable.",
        )


def create_copy(target: Path) -> None:
    """Create the file a copy goes into, with its mode; raises ConfigurationError where there is one already."""
    if target.exists():
        raise ConfigurationError(f"{target} exists already.", hint="Name a file that does not, or move that one away.")
    if not target.parent.is_dir():
        raise ConfigurationError(f"The directory {target.parent} does not exist.", hint="Create it, or name another.")
    _create(target)


def _create(file: Path) -> None:
    """Create the file with its mode, not after: SQLite would use the umask, and its companions copy this mode."""
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE))
        give_to_owner(file)
        directory = os.open(file.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except FileExistsError:
        return
    except OSError as error:
        raise StateWriteError(f"Cannot create the state store {file}: {error.strerror}.", hint="df, ls -la") from error


def _tighten(file: Path) -> None:
    try:
        mode = file.stat().st_mode
        if mode & _OTHERS:
            file.chmod(PRIVATE)
    except FileNotFoundError:
        return
    except PermissionError as error:
        raise _foreign(file) from error


def _foreign(file: Path) -> ConfigurationError:
    return ConfigurationError(
        f"The state store {file} belongs to somebody else than uid {os.geteuid()}.",
        hint=f"Run the command as the poller's user, or: chown poller: {file}*",
    )
