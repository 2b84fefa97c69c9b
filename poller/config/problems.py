"""Turns what the model found wrong into sentences with a remedy; no value is ever repeated: it may be a secret."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from poller.config.custom import CustomChoice
from poller.config.shops import ShopChoice
from poller.config.sources import Layer, Names, label, nearest, unknown
from poller.errors import ConfigurationError

_MISSING = {
    "shop.url": (
        "shop.url is missing: the poller does not know the shop's database.",
        "Set it to mysql+pymysql://poller@127.0.0.1:3306/prestashop, or shop.path to the PrestaShop directory.",
    ),
    "segment.write_key": (
        "segment.write_key is missing: the poller does not know where events go.",
        "Copy it from Segment (your source, Settings, API Keys) into POLLER_SEGMENT__WRITE_KEY or config.yaml.",
    ),
}
_KINDS = {
    "int": "must be a whole number",
    "float": "must be a number",
    "bool": "must be true or false",
    "string": "must be text: put it in quotes",
    "uuid": "must be a UUID, like the one `poller status` shows",
    "model": "must be a section: its settings stand below it, indented",
    "dict": "must be a mapping",
    "tuple": "must be a list",
    "path": "must be a path",
}


@dataclass(frozen=True, slots=True)
class _Problem:
    sentence: str
    remedy: str


def explain(error: ValidationError, *, layers: Sequence[Layer], known: Names) -> ConfigurationError:
    """One error for all that is wrong; `layers` in falling priority."""
    details = error.errors(include_url=False)
    misspelt = {_nearest(_setting(detail), known) for detail in details if detail["type"] == "extra_forbidden"}
    problems = [
        _problem(detail, layers, known=known)
        for detail in details
        if detail["type"] != "missing" or _setting(detail) not in misspelt
    ]
    if len(problems) == 1:
        return ConfigurationError(problems[0].sentence, hint=problems[0].remedy)
    lines = [f"{problem.sentence} {problem.remedy}".strip() for problem in problems]
    return ConfigurationError("\n".join(lines), hint="Then run `poller check`.")


def _setting(detail: Mapping[str, Any]) -> str:
    return ".".join(str(part) for part in detail["loc"])


def _nearest(setting: str, known: Names) -> str:
    """The setting that was meant; one event's settings have the event's name in their path."""
    if setting.startswith("events."):
        event = setting.rpartition(".")[0]
        return nearest(setting, [f"{event}.name", f"{event}.enabled"])
    if setting.startswith("custom_events."):
        event = setting.rpartition(".")[0]
        return nearest(setting, [f"{event}.{field}" for field in CustomChoice.model_fields])
    if setting.startswith("shops."):
        shop = setting.rpartition(".")[0]
        return nearest(setting, [f"{shop}.{field}" for field in ShopChoice.model_fields])
    return nearest(setting, known)


def _problem(detail: Mapping[str, Any], layers: Sequence[Layer], *, known: Names) -> _Problem:
    setting = _setting(detail)
    if detail["type"] == "missing" and setting in _MISSING:
        return _Problem(*_MISSING[setting])
    layer = _origin(tuple(str(part) for part in detail["loc"]), layers)
    if detail["type"] == "extra_forbidden" and layer:
        error = unknown(layer, setting, _nearest(setting, known))
        return _Problem(error.message, error.hint)
    spelt = layer.spell(setting) if layer else setting
    complaint, _, remedy = _complaint(detail).partition(": ")
    sentence = f"{label(layer) if layer else ''}`{spelt}` {complaint}."
    return _Problem(sentence, f"{remedy[:1].upper()}{remedy[1:]}." if remedy else "")


def _origin(path: Names, layers: Sequence[Layer]) -> Layer | None:
    """The origin that has the say at that path; a list's element is looked for as the list."""
    for end in range(len(path), 0, -1):
        for layer in layers:
            if layer.holds(path[:end]):
                return layer
    return None


def _complaint(detail: Mapping[str, Any]) -> str:
    """What completes "`setting` ...", a colon before the remedy."""
    kind = str(detail["type"])
    context = detail.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return "must be " + str(context["expected"]).replace("'", "")
    for bound, words in (("gt", "greater than"), ("ge", "at least"), ("le", "at most"), ("lt", "less than")):
        if bound in context:
            return f"must be {words} {context[bound]}"
    return _KINDS.get(kind.partition("_")[0], "has a value that does not fit here")
