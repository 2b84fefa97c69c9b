"""The section of custom events: tables of any module, told as the operator's own SQL selects them."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from poller.config.base import Section
from poller.config.values import read_list, read_structure
from poller.core.vocabulary import Group
from poller.streams.registry import STREAMS, event_types

FOLDER = Path("custom")


class CustomChoice(Section):
    """What the operator wants of one custom event; its name is that of its file and of the thing in commands."""

    event: str = Field(min_length=1, max_length=64, description="Name of the event")
    file: Path | None = Field(default=None, description="Its statement; custom/NAME.sql beside config.yaml")
    group: Group = Field(default="customer", description="The group it is switched with")
    clock: Literal["shop", "database"] = Field(default="shop", description="Who dates its rows: PHP, or NOW()")
    properties: Annotated[dict[str, str], BeforeValidator(read_structure)] = Field(
        default={}, description="By column: the property it becomes, if not of the same name"
    )
    ids: Annotated[tuple[str, ...], BeforeValidator(read_list)] = Field(
        default=(), description="Columns sent as text, beside those named id_... or ..._id"
    )
    money: Annotated[tuple[str, ...], BeforeValidator(read_list)] = Field(
        default=(), description="Columns rounded to their currency's digits"
    )
    enabled: bool | None = Field(default=None, description="Whether it is sent; as its group, if it is not said")


def known_custom(choices: dict[str, CustomChoice]) -> dict[str, CustomChoice]:
    """Refuse names that something else has: nobody could tell the two apart."""
    things = {stream.thing for stream in STREAMS}
    names: set[str] = set()
    for name, choice in choices.items():
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,23}", name):
            raise ValueError(
                f"names an event `{name}`: use up to 24 small letters, digits and underscores, beginning with a letter"
            )
        if name in things:
            raise ValueError(f"names an event `{name}`, which the poller has itself: choose another name")
        if choice.event in event_types():
            raise ValueError(f"has an event `{choice.event}`, which the poller sends itself: choose another name")
        if choice.event in names:
            raise ValueError(f"has two events `{choice.event}`: choose another name for one of them")
        names.add(choice.event)
    return choices


def located(choices: dict[str, CustomChoice], directory: Path) -> dict[str, CustomChoice]:
    """Each with the path of its file; relative ones count from the directory of the configuration."""
    return {
        name: choice.model_copy(update={"file": directory / (choice.file or FOLDER / f"{name}.sql").expanduser()})
        for name, choice in choices.items()
    }
