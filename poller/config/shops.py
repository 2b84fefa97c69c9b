"""The section of the single shops: which are told, and what each has of its own."""

from typing import Any

from pydantic import Field

from poller.config.base import Section
from poller.config.values import Host, Language, WriteKey, read_list

OTHERS = "others"


class ShopChoice(Section):
    """What the operator wants of one shop of the installation; what is not said here is as for all."""

    enabled: bool = Field(default=True, description="Whether its events are sent")
    write_key: WriteKey | None = Field(default=None, description="Write key of its own source")
    host: Host | None = Field(default=None, description="Segment's address for it")
    sent_from: str | None = Field(default=None, description="Property sent_from of its events")
    event_category: str | None = Field(default=None, description="Property category of its events")
    language: Language | None = Field(default=None, description="Language of names in its events")
    user_id_prefix: str | None = Field(default=None, description="Put before the ids of customers who registered there")


def read_shops(value: object) -> Any:
    """By shop; a list of ids is short for these shops and no others."""
    structure = read_list(value)
    if isinstance(structure, list | tuple):
        return {**{str(shop): {} for shop in structure}, OTHERS: {"enabled": False}}
    return structure


def known_shops(shops: dict[str, ShopChoice]) -> dict[str, ShopChoice]:
    """Refuse what cannot be a shop's id."""
    for name, choice in shops.items():
        if name == OTHERS:
            if choice.model_fields_set - {"enabled"}:
                raise ValueError("says more than `enabled` of `others`: what all shops have stands under segment")
        elif not (name.isascii() and name.isdigit() and name == str(int(name)) and int(name)):
            raise ValueError(f"names a shop by something else than its id (`{name}`): `poller check` lists the ids")
    return shops
