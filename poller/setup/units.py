"""The units for systemd, put in place from the installed package: again and again, and never over somebody's edits.

What is written begins with a line that says by which version, and the digest of what follows it. A file whose digest
fits is as it was installed, and may be renewed; any other was edited, and is left: the new one is laid beside it.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal, TypeAlias

from poller.config import known_settings
from poller.errors import BugError, ConfigurationError

Action: TypeAlias = Literal["new", "renewed", "as it is", "edited", "masked"]
PROGRAM: Final = "/opt/poller/bin/poller"
CREDENTIALS: Final = Path("etc/poller/credentials")
REQUIRED: Final = ("shop.password", "segment.write_key")
_UNITS = Path("etc/systemd/system")
_PLACES: Final = {
    "poller.service": _UNITS / "poller.service",
    "poller-backfill@.service": _UNITS / "poller-backfill@.service",
    "poller-catch-up.service": _UNITS / "poller-catch-up.service",
    "poller-catch-up.timer": _UNITS / "poller-catch-up.timer",
    "poller.sysusers.conf": Path("usr/lib/sysusers.d/poller.conf"),
}
_MARK = re.compile(r"\A# Installed by poller \S+, sha256 of what follows: (?P<digest>[0-9a-f]{64})\n")
_SERVICES = ("poller.service", "poller-backfill@.service", "poller-catch-up.service")


@dataclass(frozen=True, slots=True)
class Placed:
    """A file, and what becomes of it; `text` is the whole file, its first line included."""

    path: Path
    action: Action
    text: str

    @property
    def beside(self) -> Path:
        """Where the new one goes if this one was edited; systemd does not read files of that name."""
        return self.path.with_name(f"{self.path.name}.new")


def units_directory() -> Path:
    """Where the units are: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "systemd"
    found = inside if inside.is_dir() else package.parent / "systemd"
    if not found.is_dir():
        raise BugError(f"no units in {found}", hint="The installation is incomplete: install the package again.")
    return found


def plan(root: Path, program: Path) -> Sequence[Placed]:
    """What would be placed below `root`; looks only. Raises ConfigurationError for what cannot be read."""
    source = units_directory()
    texts = {
        root / place: (source / name).read_text(encoding="utf-8").replace(PROGRAM, str(program))
        for name, place in _PLACES.items()
    }
    more = optional_credentials(root)
    if more:
        lines = "".join(f"LoadCredential={name}:/{CREDENTIALS / name}\n" for name in more)
        texts |= {
            root / _UNITS / f"{name}.d" / "credentials.conf": f"# Secrets that not everybody has.\n[Service]\n{lines}"
            for name in _SERVICES
        }
    return [_judged(path, text) for path, text in texts.items()]


def optional_credentials(root: Path) -> list[str]:
    """What lies among the credentials beside the two that every unit loads: each needs a line of its own."""
    return sorted(name for name in _credentials(root) if name not in REQUIRED)


def missing_credentials(root: Path) -> list[str]:
    """Those that the units load, and without which systemd would not start them."""
    return sorted(set(REQUIRED) - set(_credentials(root)))


def _credentials(root: Path) -> Iterator[str]:
    known = known_settings()
    try:
        names = [file.name for file in (root / CREDENTIALS).iterdir() if file.is_file()]
    except FileNotFoundError:
        return
    except OSError as error:
        raise _refused(root / CREDENTIALS, error) from error
    yield from (name for name in names if name in known or re.fullmatch(r"shops\.\w+\.write_key", name))


def _judged(path: Path, body: str) -> Placed:
    by = f"# Installed by poller {version('prestashop-segment-poller')}"
    text = f"{by}, sha256 of what follows: {_digest(body)}\n{body}"
    if path.is_symlink():
        return Placed(path, "masked", text)
    try:
        there = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return Placed(path, "new", text)
    except OSError as error:
        raise _refused(path, error) from error
    mark = _MARK.match(there)
    rest = there[mark.end() :] if mark else there
    if rest == body:
        return Placed(path, "as it is", text)
    is_ours = bool(mark and mark["digest"] == _digest(rest))
    return Placed(path, "renewed" if is_ours else "edited", text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def place(placed: Sequence[Placed], root: Path) -> None:
    """Write them, and make the directories that the units speak of; raises ConfigurationError where that is refused."""
    for directory, mode in ((root / CREDENTIALS.parent, 0o755), (root / CREDENTIALS, 0o700)):
        if not directory.is_dir():
            _make(directory, mode)
    for one in placed:
        if one.action in {"new", "renewed"}:
            _write(one.path, one.text)
        elif one.action == "edited":
            _write(one.beside, one.text)


def _make(directory: Path, mode: int) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(mode)
    except OSError as error:
        raise _refused(directory, error) from error


def _write(path: Path, text: str) -> None:
    """The whole file or none of it: systemd may read at any moment."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        draft.chmod(0o644)
        draft.replace(path)
    except OSError as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: OSError) -> ConfigurationError:
    hint = "Run it as root, or say --prefix DIR to look at the files first."
    return ConfigurationError(f"Cannot place {path}: {error.strerror}.", hint=hint)
