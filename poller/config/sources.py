"""Where settings come from: the YAML file, systemd credentials, the environment; each read into a tree of text.

A tree is checked by the Settings model, not here; here is only what must be told apart by origin.
"""

import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeAlias

import yaml

from poller.errors import ConfigurationError

Tree: TypeAlias = dict[str, Any]
Names: TypeAlias = Sequence[str]

PREFIX = "POLLER_"
_OF_ONE_SHOP = re.compile(r"shops\.\w+\.\w+")
FILE_VARIABLE = "POLLER_CONFIG"
SECRETS = ("shop.url", "shop.password", "segment.write_key", "monitoring.heartbeat_url")
_KEY_OF_ONE_SHOP = re.compile(r"shops\.\w+\.write_key")
_FILE = "_file"
FILES = (Path("config.yaml"), Path("/etc/poller/config.yaml"))


@dataclass(frozen=True, slots=True)
class Layer:
    """The settings of one origin; `name` is the file's, for a file."""

    origin: Literal["file", "credentials", "environment"]
    name: str
    tree: Tree

    def spell(self, setting: str) -> str:
        """A setting as it is written in this origin."""
        return PREFIX + setting.upper().replace(".", "__") if self.origin == "environment" else setting

    def holds(self, path: Names) -> bool:
        """Whether this origin says something at that path."""
        branch: Any = self.tree
        for part in path:
            if not isinstance(branch, Mapping) or part not in branch:
                return False
            branch = branch[part]
        return True


def find_file(path: Path | None) -> Path | None:
    """The configuration file: the one asked for, `$POLLER_CONFIG`, or the first that exists; None if there is none."""
    named = path or (Path(os.environ[FILE_VARIABLE]) if os.environ.get(FILE_VARIABLE) else None)
    if named is not None:
        return named.expanduser()
    return next((file for file in FILES if _is_there(file)), None)


def _is_there(file: Path) -> bool:
    """Whether there is such a file; one that may not be looked at is there, so that reading it tells why."""
    try:
        return file.exists()
    except PermissionError:
        return True


def read_file(file: Path) -> Layer:
    """Read the YAML file; what is left empty there counts as not said."""
    try:
        text = file.read_text(encoding="utf-8")
        mode = file.stat().st_mode
    except OSError as error:
        raise ConfigurationError(
            f"Cannot read the configuration {file}: {error.strerror}.",
            hint="Name the file with --config or $POLLER_CONFIG, and let the poller's user read it.",
        ) from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file} is not UTF-8 text.", hint="Save it as UTF-8.") from None
    tree = _without_nothing(_parse(file, text))
    if isinstance(tree.get("user_id"), str):
        tree["user_id"] = {"from": tree["user_id"]}
    if mode & stat.S_IROTH and _holds_secret(tree):
        raise ConfigurationError(
            f"{file} holds a secret, and everybody on this host may read it.",
            hint=f"Run: chmod 600 {file} (and give it to the poller's user), "
            "or move the secrets to the environment or to systemd credentials.",
        )
    return Layer("file", str(file), tree)


def read_credentials(known: Names) -> Layer:
    """Read what systemd laid down in $CREDENTIALS_DIRECTORY: files named like settings (`shop.password`)."""
    tree: Tree = {}
    folder = Path(os.environ.get("CREDENTIALS_DIRECTORY") or os.devnull)
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not _is_known(file.name, known):
            if near := nearest(file.name, known):
                raise unknown(Layer("credentials", "", tree), file.name, near)
            continue
        try:
            text = file.read_text(encoding="utf-8").strip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise ConfigurationError(
                f"Cannot read the credential {file.name}.", hint="Give it as text the poller's user can read."
            ) from None
        if text:
            _plant(tree, file.name, text)
    return Layer("credentials", str(folder), tree)


def read_environment(known: Names) -> Layer:
    """Read `POLLER_SHOP__PASSWORD` and the like; a variable of another program that begins alike is left alone."""
    tree: Tree = {}
    layer = Layer("environment", "environment", tree)
    for variable, value in sorted(os.environ.items()):
        if not variable.startswith(PREFIX) or variable == FILE_VARIABLE or not value:
            continue
        setting = variable.removeprefix(PREFIX).lower().replace("__", ".")
        named = setting.removesuffix(_FILE)
        if named != setting and _may_be_in_file(named):
            if layer.holds(named.split(".")):
                both = f"`{layer.spell(named)}` and `{variable}`"
                raise ConfigurationError(f"environment: {both} are both given.", hint="Give one of the two.")
            _plant(tree, named, _content(variable, Path(value)))
        elif _is_known(setting, known):
            _plant(tree, setting, value)
        else:
            _refuse_variable(layer, variable, setting=setting, known=known)
    return layer


def _may_be_in_file(setting: str) -> bool:
    """Whether `..._FILE` may name a file that holds it: the secrets, and the URL that may hold one."""
    return setting in SECRETS or bool(_KEY_OF_ONE_SHOP.fullmatch(setting))


def _content(variable: str, file: Path) -> str:
    """A secret from a file, as containers hand it over; its last line end is not part of it."""
    what = f"environment: the file that `{variable}` names"
    try:
        text = file.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(
            f"{what} cannot be read.", hint="Give it as text the poller's user can read."
        ) from None
    if not text:
        raise ConfigurationError(f"{what} is empty.", hint="Put the secret into it.")
    return text


def _is_known(setting: str, known: Names) -> bool:
    """Whether a name alone may give it; what is wrong with one shop's, the model says."""
    return setting in {*known, "user_id"} or bool(_OF_ONE_SHOP.fullmatch(setting))


def _refuse_variable(layer: Layer, variable: str, *, setting: str, known: Names) -> None:
    for name in known:
        if setting.startswith(f"{name}."):
            raise ConfigurationError(
                f"environment: `{variable}` is part of `{name}`, which has free names.",
                hint=f"Give all of it as JSON in {layer.spell(name)}.",
            )
        if name.startswith(f"{setting}."):
            raise ConfigurationError(
                f"environment: `{variable}` is a section.",
                hint=f"Give its settings one by one, as in {layer.spell(name)}.",
            )
    near = nearest(setting, known)
    if near or "." in setting:
        raise unknown(layer, setting, near)


def nearest(setting: str, known: Names) -> str:
    """The known setting, or section, somebody most likely meant; else nothing."""
    section, _, last = setting.rpartition(".")
    depth = setting.count(".")
    siblings = {
        parts[depth]: ".".join(parts[: depth + 1])
        for parts in (name.split(".") for name in known)
        if len(parts) > depth and ".".join(parts[:depth]) == section
    }
    if close := get_close_matches(last, siblings, n=1):
        return siblings[close[0]]
    elsewhere = [name for name in known if name.rpartition(".")[2] == last]
    spelt = {name.replace(".", "_"): name for name in known}
    return next(iter(elsewhere), "") or "".join(
        spelt[close] for close in get_close_matches(setting.replace(".", "_"), spelt, n=1, cutoff=0.75)
    )


def unknown(layer: Layer, setting: str, near: str) -> ConfigurationError:
    """The error for a setting that does not exist."""
    return ConfigurationError(
        f"{label(layer)}unknown setting `{layer.spell(setting)}`"
        + (f"; did you mean `{layer.spell(near)}`?" if near else "."),
        hint="" if near else "Remove it; the commented config.yaml lists every setting.",
    )


def label(layer: Layer) -> str:
    """How an origin introduces a complaint."""
    return f"{layer.name if layer.origin == 'file' else layer.origin}: "


class _Loader(yaml.SafeLoader):
    """YAML in which a key stands once: of two, one would be ignored in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - yaml's signature
        seen: set[object] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise _TwiceError(key.value, key.start_mark.line + 1)
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


class _TwiceError(Exception):
    def __init__(self, key: str, line: int) -> None:
        super().__init__(f"`{key}` is given a second time in line {line}")


def _parse(file: Path, text: str) -> Tree:
    """YAML into a tree. The parser's own message may quote a secret, so only the place is told."""
    try:
        tree = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except _TwiceError as error:
        raise ConfigurationError(f"{file}: {error}.", hint="Keep one of the two.") from None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ConfigurationError(
            f"{file} is not valid YAML{place}.", hint="Check indentation there, and put values with signs in quotes."
        ) from None
    if tree is not None and not isinstance(tree, dict):
        raise ConfigurationError(f"{file} is not a mapping of settings.", hint="Write lines like `settle: 15s`.")
    return tree or {}


def _without_nothing(tree: Mapping[Any, Any]) -> Tree:
    """Drop keys without a value; a section without any is no section. Keys become text."""
    kept: Tree = {}
    for key, value in tree.items():
        inner = _without_nothing(value) if isinstance(value, dict) else value
        if inner is not None and inner != "" and (inner != {} or value == {}):
            kept[str(key)] = inner
    return kept


def _texts(tree: Any) -> Iterator[str]:
    if isinstance(tree, Mapping):
        for value in tree.values():
            yield from _texts(value)
    elif isinstance(tree, str):
        yield tree


def _holds_secret(tree: Tree) -> bool:
    parts = ("shop", "segment", "shops", "monitoring")
    shop, segment, shops, monitoring = (_branch(tree, name) for name in parts)
    keys = (_branch(shops, name).get("write_key") for name in shops)
    named = shop.get("password"), segment.get("write_key"), monitoring.get("heartbeat_url"), *keys
    return any(value is not None for value in named) or any(
        re.search(r"://[^/\s]*:[^/\s]+@", text) for text in _texts(tree)
    )


def _branch(tree: Tree, name: str) -> Tree:
    branch = tree.get(name)
    return branch if isinstance(branch, dict) else {}


def _plant(tree: Tree, setting: str, value: str) -> None:
    """Put a value at its place in the tree; the short form of `user_id` means its `from`."""
    *sections, last = ("user_id.from" if setting == "user_id" else setting).split(".")
    for section in sections:
        tree = tree.setdefault(section, {})
        if not isinstance(tree, dict):
            raise ConfigurationError(
                f"`{setting}` and all of `{section}` are given in one place.", hint="Give either the one or the other."
            )
    tree[last] = value
