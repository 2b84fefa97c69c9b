"""The shop's own book: who and what there is to act upon, and the log of deeds that must reach Segment."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from poller.demo.pricing import ZERO, Currency, Item, Offer, Totals, Voucher

FactKind: TypeAlias = str
"""`completed`, `cancelled`, `refunded`, `identify`; of everything else (demo.beside) the event's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something the shop did. `kind` is the fact that must reach Segment because of it, None if none must.

    `amount` is in the order's currency; `at` (aware UTC) is when the last statement that makes it a fact was committed.
    `began` and `dated` are the first and the last stamp that were written for it; where nothing dates it, `began` is
    the save before it, and `dated` None.
    `pieces` is how many the order's lines held then. `traits` are those of the customer after an identify: email,
    firstName, lastName, newsletter, street. `subject` and `detail` are what a fact of demo.beside is about.
    """

    act: str
    kind: FactKind | None
    at: datetime
    order_id: int | None = None
    customer_id: int | None = None
    amount: Decimal = ZERO
    currency: str = ""
    began: datetime | None = None
    dated: datetime | None = None
    pieces: int | None = None
    traits: Mapping[str, object] = field(default_factory=dict)
    subject: str = ""
    detail: str = ""


@dataclass(slots=True)
class Wish:
    """A product on a wishlist: its row, and the note the module made of it."""

    item_id: int
    note_id: int
    added: float = field(default_factory=time.monotonic)
    is_picked: bool = False

    def stood(self, seconds: float) -> bool:
        """Whether it has been there for so long: what is taken off sooner, nobody saw."""
        return time.monotonic() - self.added >= seconds


@dataclass(slots=True)
class Customer:
    """A customer as they are now. Who is bound has a cart or an order, and is never deleted in this shop.

    `letterbox` is held while an e-mail is logged and while the address is changed; `mailed` is when the last one was.
    """

    customer_id: int
    first_name: str
    last_name: str
    email: str
    secure_key: str
    is_guest: bool = False
    is_newsletter: bool = False
    address_id: int = 0
    street: str = ""
    is_bound: bool = False
    is_over: bool = False
    wishlist_id: int = 0
    wishes: list[Wish] = field(default_factory=list)
    saved: float = field(default_factory=time.monotonic)
    mailed: float = field(default_factory=time.monotonic)
    letterbox: threading.Lock = field(default_factory=threading.Lock)

    def is_calm(self, seconds: float) -> bool:
        """Whether the row was left alone for so long: what changes twice between two looks, nobody can read."""
        return time.monotonic() - self.saved >= seconds

    def has_read(self, seconds: float) -> bool:
        """Whether no e-mail came for so long: one to an address that is given up before anybody looks is nobody's."""
        return time.monotonic() - self.mailed >= seconds

    def traits(self) -> dict[str, object]:
        """What an identify call must say of them."""
        return {
            "email": self.email,
            "firstName": self.first_name,
            "lastName": self.last_name,
            "newsletter": self.is_newsletter,
            "street": self.street,
        }


@dataclass(slots=True)
class Reader:
    """A visitor who takes the newsletter."""

    key: int
    email: str
    is_over: bool = False
    saved: float = field(default_factory=time.monotonic)

    def is_calm(self, seconds: float) -> bool:
        """As of a customer."""
        return time.monotonic() - self.saved >= seconds


@dataclass(slots=True)
class Cart:
    """A cart as it is now; `customer` is None as long as nobody logged in."""

    cart_id: int
    guest_id: int
    currency: Currency
    customer: Customer | None = None
    voucher: Voucher | None = None
    quantities: dict[Offer, int] = field(default_factory=dict)
    touched: float = field(default_factory=time.monotonic)
    is_over: bool = False

    def stood(self, seconds: float) -> bool:
        """Whether it was left as it is for so long: what is taken out sooner, nobody saw in it."""
        return time.monotonic() - self.touched >= seconds


@dataclass(slots=True)
class Purchase:
    """What the orders of one checkout share: their payments are tied to the reference."""

    reference: str
    has_payment: bool = False


@dataclass(slots=True, kw_only=True)
class Line:
    """An order line as it is now."""

    line_id: int
    item: Item
    quantity: int
    refunded: int = 0


@dataclass(slots=True, kw_only=True)
class Order:
    """An order as it is now; `saved_at` is the last stamp it was given."""

    order_id: int
    purchase: Purchase
    cart: Cart
    customer: Customer
    currency: Currency
    totals: Totals
    payment: str
    lines: list[Line]
    carrier_row_id: int
    state: int = 0
    invoice_id: int = 0
    is_completed: bool = False
    is_edited: bool = False
    is_shipping_refunded: bool = False
    given_back: Decimal = ZERO
    is_over: bool = False
    saved_at: datetime | None = None

    def deed(
        self,
        act: str,
        kind: FactKind | None,
        *,
        at: datetime,
        amount: Decimal = ZERO,
        began: datetime | None = None,
        dated: datetime | None = None,
    ) -> Deed:
        """A deed on this order."""
        return Deed(
            act=act,
            kind=kind,
            at=at,
            order_id=self.order_id,
            customer_id=self.customer.customer_id,
            amount=amount,
            currency=self.currency.iso,
            began=began,
            dated=dated,
            pieces=sum(line.quantity for line in self.lines),
        )


class Mortal(Protocol):
    """Something that may come to its end."""

    is_over: bool


M = TypeVar("M", bound=Mortal)


class Shelf(Generic[M]):
    """Things to act upon, each taken by one act at a time; what is over does not come back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._things: list[M] = []

    def add(self, thing: M) -> None:
        """Put a thing where further acts find it."""
        with self._lock:
            self._things.append(thing)

    @contextmanager
    def taken(self, dice: Random, where: Callable[[M], bool]) -> Iterator[M | None]:
        """Any thing of which it holds, for this act alone; None if there is none."""
        with self._lock:
            fitting = [place for place, thing in enumerate(self._things) if where(thing)]
            thing = self._things.pop(dice.choice(fitting)) if fitting else None
        try:
            yield thing
        finally:
            if thing is not None and not thing.is_over:
                self.add(thing)


class Book:
    """Everything the acts know of one another; safe for several threads.

    `is_told` is asked before what an order holds is edited: what was bought can only be told while it stands.
    """

    def __init__(self, is_told: Callable[[int], bool]) -> None:
        self.is_told = is_told
        self.orders = Shelf[Order]()
        self.carts = Shelf[Cart]()
        self.customers = Shelf[Customer]()
        self.readers = Shelf[Reader]()
        self._lock = threading.Lock()
        self._deeds: list[Deed] = []
        self._numbers = itertools.count(1)

    def note(self, deed: Deed) -> None:
        """Log a deed."""
        with self._lock:
            self._deeds.append(deed)

    def note_beside(self, act: str, kind: str, subject: str, *, at: datetime, **more: Any) -> None:
        """Log a deed that is no sale: a fact of demo.beside."""
        self.note(Deed(act=act, kind=kind, at=at, subject=subject, **more))

    def deeds(self) -> tuple[Deed, ...]:
        """All deeds so far, in the order in which they were logged."""
        with self._lock:
            return tuple(self._deeds)

    def number(self) -> int:
        """A number never given before."""
        return next(self._numbers)
