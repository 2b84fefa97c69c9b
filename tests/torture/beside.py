"""The oracle's part about what stands in the shop's logs: e-mails, sessions, searches, visits, states.

Each entry is one fact and one message, whatever came between. Flags that go to and fro, and edits of an order, are told
at most as often as they were made, since nobody can read a change that was taken back or followed at once by another.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeAlias

from tests.torture.people import Told, moment
from tests.torture.verdicts import Difference

Line: TypeAlias = Mapping[str, Any]
Key: TypeAlias = tuple[str, str, str]
"""The event, whom or what it is about, and the detail, as the workload names them."""

_FLAGS = frozenset({("Subscribed", ""), ("Unsubscribed", ""), ("Order Updated", "content")})
_CLOCKS = timedelta(seconds=2)
"""Stamps have whole seconds, and a deed is logged a moment after its statement."""
_NOTICED = frozenset({"Order Updated", "Unsubscribed"})
"""No row dates an edit, nor a state that was set without its history, nor when a visitor wanted no more letters."""
_SAVING = timedelta(seconds=4)
_SLOWEST = timedelta(minutes=1)
"""How long a statement may take from its stamp to its commit, while the server is struck."""


def _customer(told: Told) -> str:
    return f"customer {told.message.get('userId')}"


def _reader(told: Told) -> str:
    return _customer(told) if told.message.get("userId") else f"visitor {told.properties.get('email')}"


def _shown(what: str, name: str = "") -> Callable[[Told], str]:
    return lambda told: f"{what} {told.properties.get(name)}" if name else what


SUBJECTS: Mapping[str, Callable[[Told], str]] = MappingProxyType(
    {
        "Order Updated": lambda told: f"order {told.properties.get('order_id')}",
        "Email Sent": _customer,
        "Email Replied": _customer,
        "Signed Up": _customer,
        "Signed In": _customer,
        "Subscribed": _reader,
        "Unsubscribed": _reader,
        "Products Searched": _shown("search", "query"),
        "Link Clicked": lambda told: f"campaign {told.message['context']['campaign']['name']}",
        "page": _shown("page", "name"),
        "Product Viewed": _shown("product", "product_id"),
        "Product List Viewed": _shown("list", "list_id"),
        "Cart Viewed": _shown("cart page"),
        "Registration Viewed": _shown("registration page"),
        "Thankyou Page Viewed": _shown("confirmation page"),
    }
)
DETAILS: Mapping[str, str] = MappingProxyType(
    {"Email Sent": "email_template", "Order Updated": "changed", "Products Searched": "results"}
)
_UNDATED = ("Order Updated", "tracking_number")
"""A number may be there before anybody looks, or come after: the workload does not log it."""


def differences_beside(deeds: Sequence[Line], distinct: Sequence[Told]) -> Iterable[Difference]:
    """Every entry was told once, as of when it was made; of who is deleted, at most once."""
    owed: dict[Key, list[Line]] = defaultdict(list)
    for deed in deeds:
        if deed.get("kind") in SUBJECTS:
            owed[deed["kind"], deed["subject"], deed["detail"]].append(deed)
    told: dict[Key, list[Told]] = defaultdict(list)
    for one in distinct:
        if one.name in SUBJECTS and (one.name, one.properties.get("changed")) != _UNDATED:
            told[_key(one)].append(one)
    is_lost = _losses(deeds)
    for key in sorted({*owed, *told}):
        yield from _one_entry(key, owed.get(key, []), told.get(key, []), is_lost)


def owed_beside(deeds: Iterable[Line]) -> int:
    """How many entries the logs hold."""
    return sum(deed.get("kind") in SUBJECTS for deed in deeds)


def _key(one: Told) -> Key:
    detail = DETAILS.get(one.name)
    return one.name, SUBJECTS[one.name](one), str(one.properties.get(detail)) if detail else ""


def _one_entry(
    key: Key, owed: Sequence[Line], told: Sequence[Told], is_lost: Callable[[Line], bool]
) -> Iterable[Difference]:
    """Every message has an entry, and every entry that must be told a message: by Mendelsohn and Dulmage both at once.

    Two looks, then: one from the messages, in which what may be lost counts too, one from the entries, without it.
    Either takes the first that fits, in the order of their times.
    """
    what = f"{key[1]} {key[0]} {key[2]}".strip()
    entries = sorted(owed, key=lambda deed: str(deed["at"]))
    messages = sorted(told, key=lambda one: one.happened)
    waiting = list(entries)
    for one in messages:
        if fits := [deed for deed in waiting if _can_be_of(one, moment(deed["at"]))]:
            waiting.remove(fits[0])
        elif not owed:
            yield Difference("invented", what, f"at {one.happened}: nothing of the kind was committed")
        elif len(told) > len(owed):
            yield Difference("told twice", what, f"once more as {one.identity}, at {one.happened}")
        else:
            yield Difference("wrong time", what, f"told as of {one.happened}, of {[deed['at'] for deed in waiting]}")
    if (key[0], key[2]) in _FLAGS:
        return
    for deed in entries:
        if is_lost(deed):
            continue
        if found := [one for one in messages if _can_be_of(one, moment(deed["at"]))]:
            messages.remove(found[0])
        else:
            yield Difference("missing", what, f"committed at {deed['at']}: {deed['act']}")


def _can_be_of(one: Told, at: datetime) -> bool:
    """Whether a message may be of an entry of that time: what no row dates is told as of when it was noticed."""
    latest = one.arrived + _CLOCKS if one.name in _NOTICED else at + _CLOCKS
    return at - _SLOWEST <= one.happened <= latest


def _losses(deeds: Sequence[Line]) -> Callable[[Line], bool]:
    """Whether an entry need not be told.

    Nobody can say any more of whom it is (a deleted customer's, or sent to an address given up since), or it is a
    session of an account that was saved at the same time, which may be no sign-in.
    """
    gone = {deed.get("customer_id") for deed in deeds if deed["act"] == "deleted"}
    moved: dict[int, list[datetime]] = defaultdict(list)
    saved: dict[int, list[datetime]] = defaultdict(list)
    address: dict[int, str] = {}
    for deed in deeds:
        if deed.get("kind") == "identify":
            person, email, at = deed["customer_id"], deed["traits"]["email"], moment(deed["at"])
            saved[person].append(at)
            if address.setdefault(person, email) != email:
                address[person] = email
                moved[person].append(at)

    def is_lost(deed: Line) -> bool:
        person = int(deed["subject"].removeprefix("customer ")) if deed["subject"].startswith("customer ") else 0
        at = moment(deed["at"])
        return (
            person in gone
            or (deed["kind"] == "Email Sent" and any(given_up > at - _CLOCKS for given_up in moved[person]))
            or (deed["kind"] == "Signed In" and any(abs(when - at) <= _SAVING for when in saved[person]))
        )

    return is_lost
