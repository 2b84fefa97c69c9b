"""An ERP beside the shop: transactions that stay open, bulk imports, rollbacks, and saves that change nothing."""

import threading
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import pymysql

from poller.demo.book import Deed
from poller.demo.hand import NO_DATE, NO_TIME
from poller.demo.server import Connection
from tests.acceptance.shopkeeper import PAID, SHIPPING, VAT, Shopkeeper
from tests.torture.gate import Gate

MOST_SECONDS = 20.0
_ORDERS = (
    "reference, id_shop, id_lang, id_carrier, id_customer, id_currency, payment, module, conversion_rate, "
    "current_state, valid, total_products, total_products_wt, total_shipping, total_shipping_tax_excl, "
    "total_shipping_tax_incl, total_paid, total_paid_tax_excl, total_paid_tax_incl, invoice_date, delivery_date, "
    "date_add, date_upd"
)
_LINES = (
    "id_order, id_shop, product_id, product_name, product_reference, product_quantity, product_price, product_weight, "
    "tax_name, unit_price_tax_excl, unit_price_tax_incl, total_price_tax_excl, total_price_tax_incl, "
    "original_product_price"
)
_CUSTOMERS = (
    "id_shop, id_lang, id_gender, firstname, lastname, email, passwd, birthday, active, newsletter, date_add, date_upd"
)


@dataclass(slots=True)
class Importer:
    """One ERP. It logs what it committed, and nothing that was rolled back or lost with its connection."""

    connect: Callable[[], Connection]
    gate: Gate
    dice: Random
    bulk: int = 300
    deeds: list[Deed] = field(default_factory=list)
    rolled_back: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)
    _customers: int = 0

    def work(self) -> None:
        """Import after import, until stopped."""
        acts = ((self.hold_open, 5), (self.bring_in, 3), (self.save_again, 1))
        chosen, weights = [act for act, _ in acts], [often for _, often in acts]
        while not self.stopped.wait(self.dice.expovariate(1 / 1.5)):
            self.dice.choices(chosen, weights)[0]()

    def hold_open(self) -> None:
        """A few orders in a transaction that stays open for a while, and is then committed or given up."""
        customer = self._customer()
        # The database may die meanwhile: then nothing of this was ever there.
        with suppress(pymysql.err.OperationalError, pymysql.err.InterfaceError), closing(self.connect()) as connection:
            keeper = Shopkeeper(connection)
            keeper.begin()
            begun = [self._place(keeper, customer) for _ in range(self.dice.randint(1, 4))]
            self.stopped.wait(min(self.dice.expovariate(1 / 4), MOST_SECONDS))
            with self.gate.shared():
                if self.dice.random() < 0.3:
                    keeper.rollback()
                    self.rolled_back += len(begun)
                    return
                connection.ping(reconnect=False)
                keeper.commit()
                at = datetime.now(UTC)
                self.deeds += [_placed(*one, customer=customer, at=at) for one in begun]

    def _place(self, keeper: Shopkeeper, customer: int) -> tuple[int, Decimal, datetime]:
        net = Decimal(self.dice.randint(100, 9_999)) / 100
        order_id = keeper.order(customer, net=str(net))
        assert keeper.stamped
        return order_id, net, keeper.stamped

    def _customer(self) -> int:
        """A customer of their own, who is there before the orders."""
        with self.gate.shared(), closing(self.connect()) as connection:
            name = self._name()
            keeper = Shopkeeper(connection)
            key = keeper.customer(name)
            self.deeds += _appeared(key, name)
            return key

    def _name(self) -> str:
        self._customers += 1
        return f"erp{id(self) % 997}n{self._customers}"

    def bring_in(self) -> None:
        """Hundreds of orders of one second, in one transaction, by a handful of statements."""
        size = max(self.dice.randint(self.bulk // 4, self.bulk), 1)
        with self.gate.shared(), closing(self.connect()) as connection:
            keeper = Shopkeeper(connection)
            stamp, stamped = keeper.stamp(), keeper.stamped
            names = [self._name() for _ in range(size // 5 + 1)]
            nets = [Decimal(self.dice.randint(100, 9_999)) / 100 for _ in range(size)]
            keeper.begin()
            first = _insert(connection, "customer", _CUSTOMERS, [_customer_row(name, stamp) for name in names])
            customers = range(first, first + len(names))
            rows = [_order_row(customers[i % len(names)], net, stamp) for i, net in enumerate(nets)]
            order = _insert(connection, "orders", _ORDERS, rows)
            ids = range(order, order + size)
            _insert(
                connection, "order_detail", _LINES, [_line_row(key, net) for key, net in zip(ids, nets, strict=True)]
            )
            history = [(0, key, PAID, stamp) for key in ids]
            _insert(connection, "order_history", "id_employee, id_order, id_order_state, date_add", history)
            keeper.commit()
            at = datetime.now(UTC)
            self.deeds += [deed for key, name in zip(customers, names, strict=True) for deed in _appeared(key, name)]
            self.deeds += [
                _placed(key, net, stamped or at, customer=customers[i % len(names)], at=at)
                for i, (key, net) in enumerate(zip(ids, nets, strict=True))
            ]

    def save_again(self) -> None:
        """Everything is saved, and nothing changed: a bulk touch that must not become a single message."""
        with self.gate.shared(), closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT MAX(id_order) FROM ps_orders")
            ((newest,),) = cursor.fetchall()
            # Not its date: that would date what another program changes later without one.
            cursor.execute("UPDATE ps_orders SET recyclable = 1 - recyclable WHERE id_order > %s", (newest - 2_000,))


def _insert(connection: Connection, table: str, columns: str, rows: Sequence[Sequence[object]]) -> int:
    """Insert rows by one statement, whose ids follow one another; returns the first."""
    marks = ", ".join(["(" + ", ".join(["%s"] * len(rows[0])) + ")"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO ps_{table} ({columns}) VALUES {marks}", [value for row in rows for value in row])
        return int(cursor.lastrowid or 0)


def _customer_row(name: str, stamp: str) -> tuple[object, ...]:
    return (1, 1, 0, name, "Tester", f"{name.lower()}@example.com", "", NO_DATE, 1, 0, stamp, stamp)


def _order_row(customer: int, net: Decimal, stamp: str) -> tuple[object, ...]:
    gross, shipping = net * VAT, SHIPPING * VAT
    names = ("IMPORTED0", 1, 1, 2, customer, 1, "Bank transfer", "ps_wirepayment", 1, PAID, 1)
    money = (net, gross, shipping, SHIPPING, shipping, gross + shipping, net + SHIPPING, gross + shipping)
    return (*names, *money, NO_TIME, NO_TIME, stamp, stamp)


def _line_row(order_id: int, net: Decimal) -> tuple[object, ...]:
    return (order_id, 1, 1, "Mug", "MUG", 1, net, 0, "", net, net * VAT, net, net * VAT, net)


def _appeared(key: int, name: str) -> tuple[Deed, Deed]:
    """An account is there, and that is a sign-up."""
    at = datetime.now(UTC)
    traits = {"email": f"{name.lower()}@example.com", "firstName": name, "lastName": "Tester", "newsletter": False}
    appeared = Deed(act="imported", kind="identify", at=at, customer_id=key, traits=traits | {"street": ""})
    return appeared, Deed(act="imported", kind="Signed Up", at=at, customer_id=key, subject=f"customer {key}")


def _placed(order_id: int, net: Decimal, stamped: datetime, *, customer: int, at: datetime) -> Deed:
    """`net` is the only line's; its total has the tax and the shipping, rounded to the cent."""
    return Deed(
        act="imported",
        kind="completed",
        at=at,
        order_id=order_id,
        customer_id=customer,
        amount=((net + SHIPPING) * VAT).quantize(Decimal("0.01")),
        currency="EUR",
        began=stamped,
        dated=stamped,
        pieces=1,
    )
