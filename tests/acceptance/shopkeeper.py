"""A shopkeeper: places orders and works on them as PrestaShop does, one autocommitted statement after another."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from poller.demo.hand import NO_DATE, NO_TIME, Hand
from poller.demo.server import Connection

PARIS = ZoneInfo("Europe/Paris")
PAID, CANCELED, REFUNDED, WIRE = 2, 6, 7, 10
VAT = Decimal("1.2")
SHIPPING = Decimal("5.00")


class Shopkeeper(Hand):
    """One connection to the demo shop. `at` dates what is written, None for now; `zone` is the shop's.

    Every method commits statement by statement, unless `begin` was called.
    """

    def __init__(self, connection: Connection, *, prefix: str = "ps_", zone: ZoneInfo = PARIS) -> None:
        dice = Random(1)  # noqa: S311 - for order references
        super().__init__(connection, prefix=prefix, zone=zone, dice=dice, pace=0)
        self.at: datetime | None = None
        self.connection = connection

    def stamp(self) -> str:
        self.stamped = (self.at or datetime.now(UTC)).replace(microsecond=0)
        return self.stamped.astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S")

    # ------------------------------------------------------------ people

    def customer(self, name: str = "Ada", **columns: object) -> int:
        """A customer with an account."""
        now = self.stamp()
        row: dict[str, object] = {
            "id_shop": 1,
            "id_lang": 1,
            "id_gender": 0,
            "firstname": name,
            "lastname": "Tester",
            "email": f"{name.lower()}@example.com",
            "passwd": "",
            "birthday": NO_DATE,
            "active": 1,
            "date_add": now,
            "date_upd": now,
        }
        return self.insert("customer", **{**row, **columns})

    def address(self, customer_id: int, **columns: object) -> int:
        """An address of a customer."""
        row: dict[str, object] = {
            "id_country": 8,
            "id_customer": customer_id,
            "alias": "Home",
            "firstname": "Ada",
            "lastname": "Tester",
            "address1": "1 rue de l'Exemple",
            "postcode": "75011",
            "city": "Paris",
            "phone": "0100000000",
            "date_add": self.stamp(),
            "date_upd": self.stamp(),
        }
        return self.insert("address", **{**row, **columns})

    def delete_customer(self, customer_id: int) -> None:
        """The row is gone, as after a deletion in the back office."""
        self.delete("customer", {"id_customer": customer_id})

    def erase_customer(self, customer_id: int) -> None:
        """An erasure by the data protection module: its log says so, then the row goes."""
        now = self.stamp()
        row = {"client_name": "erased", "id_module": 0, "request_type": 4, "date_add": now, "date_upd": now}
        self.insert("psgdpr_log", id_customer=customer_id, id_guest=0, **row)
        self.delete_customer(customer_id)

    # ------------------------------------------------------------ orders

    def order(self, customer_id: int, *, state: int = PAID, net: str = "50.00", lines: int = 1) -> int:
        """An order as a finished checkout leaves it; `net` is one line's price without tax."""
        order_id = self.begun_order(customer_id, net=net, lines=lines)
        self.enter(order_id, state)
        return order_id

    def begun_order(self, customer_id: int, *, net: str = "50.00", lines: int = 1, **columns: object) -> int:
        """What a checkout that crashed before its first state leaves: the order row at state 0, and its lines."""
        order_id = self.order_row(customer_id, net=Decimal(net) * lines, **columns)
        self.line_rows(order_id, [Decimal(net)] * lines)
        now = self.stamp()
        self.insert("order_carrier", id_order=order_id, id_carrier=2, tracking_number="", date_add=now)
        return order_id

    def order_row(self, customer_id: int, *, net: Decimal, **columns: object) -> int:
        """The row of an order alone, at state 0."""
        products, now = net * VAT, self.stamp()
        row: dict[str, object] = {
            "reference": "".join(self.dice.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=9)),
            "id_shop": 1,
            "id_lang": 1,
            "id_carrier": 2,
            "id_customer": customer_id,
            "id_currency": 1,
            "payment": "Bank transfer",
            "module": "ps_wirepayment",
            "conversion_rate": 1,
            "total_products": net,
            "total_products_wt": products,
            "total_shipping": SHIPPING * VAT,
            "total_shipping_tax_excl": SHIPPING,
            "total_shipping_tax_incl": SHIPPING * VAT,
            "total_paid": products + SHIPPING * VAT,
            "total_paid_tax_excl": net + SHIPPING,
            "total_paid_tax_incl": products + SHIPPING * VAT,
            "invoice_date": NO_TIME,
            "delivery_date": NO_TIME,
            "date_add": now,
            "date_upd": now,
        }
        return self.insert("orders", **{**row, **columns})

    def line_rows(self, order_id: int, nets: Sequence[Decimal], **columns: object) -> None:
        """Lines of one piece each, all of the shop's first product."""
        for net in nets:
            row: dict[str, object] = {
                "id_order": order_id,
                "id_shop": 1,
                "product_id": 1,
                "product_name": "Mug",
                "product_reference": "MUG",
                "product_quantity": 1,
                "product_price": net,
                "product_weight": 0,
                "tax_name": "",
                "unit_price_tax_excl": net,
                "unit_price_tax_incl": net * VAT,
                "total_price_tax_excl": net,
                "total_price_tax_incl": net * VAT,
                "original_product_price": net,
            }
            self.insert("order_detail", **{**row, **columns})

    def enter(self, order_id: int, state: int, *, employee: int = 0) -> int:
        """The order enters a state: its row first, the history row last."""
        self.set_state(order_id, state)
        return self.history(order_id, state, employee=employee)

    def set_state(self, order_id: int, state: int) -> None:
        """The order row's part of a change of state; an ERP that knows no better leaves it at that."""
        valid = int(state in (PAID, 3, 4, 5, 11))
        self.update("orders", {"id_order": order_id}, current_state=state, valid=valid, date_upd=self.stamp())

    def history(self, order_id: int, state: int, *, employee: int = 0) -> int:
        """The history row of a change of state."""
        columns = {"id_employee": employee, "id_order_state": state, "date_add": self.stamp()}
        return self.insert("order_history", id_order=order_id, **columns)

    def slip(self, order_id: int, net: str) -> int:
        """A credit slip over the order's first line, with its line."""
        amounts = {"tax_excl": Decimal(net), "tax_incl": Decimal(net) * VAT}
        now = self.stamp()
        slip_id = self.insert(
            "order_slip",
            id_order=order_id,
            id_customer=0,
            **{f"total_products_{name}": amount for name, amount in amounts.items()},
            total_shipping_tax_excl=0,
            total_shipping_tax_incl=0,
            amount=amounts["tax_incl"],
            partial=0,
            date_add=now,
            date_upd=now,
        )
        line_id = self.value("SELECT MIN(id_order_detail) FROM PREFIX_order_detail WHERE id_order = %s", order_id)
        columns = {f"amount_{name}": amount for name, amount in amounts.items()}
        self.insert("order_slip_detail", id_order_slip=slip_id, id_order_detail=line_id, product_quantity=1, **columns)
        return slip_id

    def orders(self, count: int, customer_id: int) -> list[int]:
        """Several orders."""
        return [self.order(customer_id) for _ in range(count)]

    # ------------------------------------------------------------ the database itself

    def begin(self) -> None:
        """What follows is one transaction, until `commit` or `rollback`."""
        self.connection.begin()

    def commit(self) -> None:
        self.connection.commit()

    def rollback(self) -> None:
        self.connection.rollback()

    def value(self, sql: str, *values: object) -> int:
        """The one number a query answers."""
        with self.connection.cursor() as cursor:
            cursor.execute(self._named(sql), values)
            row = cursor.fetchone()
        assert row
        return int(row[0])

    def _named(self, sql: str) -> str:
        return sql.replace("PREFIX_", self._prefix)
