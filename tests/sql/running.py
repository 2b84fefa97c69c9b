"""Binds with which every statement can be run."""

from collections.abc import Mapping, Sequence

from poller.shop.statements import Statement

FAR = 2**62


def binds_for(
    statement: Statement, *, ids: Sequence[int], prefix: str = "ps_", **others: object
) -> Mapping[str, object]:
    """The binds a statement asks for; `others` replace the usual ones."""
    usual: dict[str, object] = {
        "after_id": 0,
        "until_id": FAR,
        "page_size": 500,
        "newest": 2_000,
        "shop_id": 1,
        "since": "1970-01-01 00:00:00",
        "moment": "2024-07-01 12:00:00",
        "lang_id": 1,
        "prefix": prefix.replace("_", "\\_") + "%",
        "ids": list(ids),
        "names": ["PS_TIMEZONE", "PS_LANG_DEFAULT"],
    }
    return {name: value for name, value in (usual | others).items() if f":{name}" in statement.sql}
