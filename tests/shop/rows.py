"""Rows for tests: written as PrestaShop's own connections write, into any version of its schema."""

import itertools
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from poller.demo.server import Connection, PrivateMariaDB

NOON = datetime(2024, 3, 4, 12, 0, 0)  # noqa: DTZ001 (the shop's local time, as PHP writes it)
NO_TIME = "0000-00-00 00:00:00"
STATES = {
    1: ("Awaiting check payment", 0, 0),
    2: ("Payment accepted", 1, 1),
    6: ("Canceled", 0, 0),
    7: ("Refunded", 0, 0),
    8: ("Payment error", 0, 0),
}
SETTINGS = {
    "PS_LANG_DEFAULT": 1,
    "PS_CURRENCY_DEFAULT": 1,
    "PS_TIMEZONE": "Europe/Paris",
    "PS_SSL_ENABLED": 1,
    "PS_OS_CANCELED": 6,
    "PS_OS_REFUND": 7,
    "PS_OS_ERROR": 8,
}


class Rows:
    """Writes rows into one shop; columns that this version of the schema lacks are left out."""

    def __init__(self, server: PrivateMariaDB, database: str, *, prefix: str = "ps_") -> None:
        self.connection: Connection = server.connect(database)
        self.prefix = prefix
        self.run("SET SESSION sql_mode = ''")
        self._references = itertools.count(1)
        self._columns: dict[str, set[str]] = {}
        sql = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()"
        for table, column in self.all(sql):
            self._columns.setdefault(table.removeprefix(prefix), set()).add(column)

    def close(self) -> None:
        self.connection.close()

    def run(self, sql: str, *values: object) -> int:
        with self.connection.cursor() as cursor:
            cursor.execute(sql.replace("PREFIX_", self.prefix), values or None)
            return int(cursor.lastrowid or 0)

    def all(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql.replace("PREFIX_", self.prefix), values or None)
            return list(cursor.fetchall())

    def add(self, table: str, /, **values: object) -> int:
        """Insert a row; returns its auto-increment id."""
        known = {name: value for name, value in values.items() if name in self._columns[table]}
        names = ", ".join(f"`{name}`" for name in known)
        marks = ", ".join(["%s"] * len(known))
        return self.run(f"INSERT INTO `PREFIX_{table}` ({names}) VALUES ({marks})", *known.values())

    def change(self, table: str, key: Mapping[str, object], /, **values: object) -> None:
        """Update the rows with that key."""
        changes = ", ".join(f"`{name}` = %s" for name in values)
        where = " AND ".join(f"`{name}` = %s" for name in key)
        self.run(f"UPDATE `PREFIX_{table}` SET {changes} WHERE {where}", *values.values(), *key.values())

    def clear(self) -> None:
        """Empty every table; ids go on from where they were."""
        for table in self._columns:
            self.run(f"DELETE FROM `PREFIX_{table}`")

    def has(self, table: str) -> bool:
        return table in self._columns

    # ------------------------------------------------------------ what a shop is made of

    def furnish(self) -> None:
        """A shop with one language, one currency, five states and one product: all an order refers to."""
        self.add("shop_group", id_shop_group=1, name="Default", active=1)
        self.add("shop", id_shop=1, id_shop_group=1, name="Example", active=1)
        self.add("shop_url", id_shop=1, domain="shop.example.com", domain_ssl="shop.example.com", physical_uri="/")
        self.run("UPDATE PREFIX_shop_url SET main = 1, active = 1")
        self.add("currency", id_currency=1, name="Euro", iso_code="EUR", precision=2, conversion_rate=1, active=1)
        for state, (name, logable, paid) in STATES.items():
            self.add("order_state", id_order_state=state, logable=logable, paid=paid)
            self.add("order_state_lang", id_order_state=state, id_lang=1, name=name)
        for name, value in SETTINGS.items():
            self.add("configuration", name=name, value=str(value), date_add=NOON, date_upd=NOON)
        self.add("country", id_country=8, iso_code="FR")
        self.add("country_lang", id_country=8, id_lang=1, name="France")
        self.add("gender", id_gender=1, type=0)
        self.add("carrier", id_carrier=2, name="By bicycle")
        self.add("manufacturer", id_manufacturer=1, name="Brand")
        self.add("category_lang", id_category=2, id_shop=1, id_lang=1, name="Mugs")
        self.add("product", id_product=1, id_manufacturer=1, id_category_default=2)
        self.add("product_lang", id_product=1, id_shop=1, id_lang=1, name="Mug")
        self.add("image", id_image=24, id_product=1, cover=1)
        self.add("tag", id_tag=1, id_lang=1, name="blue")
        self.add("product_tag", id_product=1, id_tag=1, id_lang=1)
        self.add("attribute", id_attribute=1, id_attribute_group=1, position=0)
        self.add("attribute_lang", id_attribute=1, id_lang=1, name="Large")
        self.add("product_attribute_combination", id_attribute=1, id_product_attribute=1)

    # ------------------------------------------------------------ what happens in it

    def customer(self, **values: object) -> int:
        """A customer with one address."""
        whole = {
            "id_shop": 1,
            "id_shop_group": 1,
            "id_gender": 1,
            "firstname": "Anna",
            "lastname": "Example",
            "email": "anna@example.com",
            "birthday": "0000-00-00",
            "active": 1,
            "date_add": NOON,
            "date_upd": NOON,
        }
        customer = self.add("customer", **(whole | values))
        self.address(customer)
        return customer

    def address(self, customer: int, **values: object) -> int:
        whole = {
            "id_customer": customer,
            "id_country": 8,
            "id_state": 0,
            "address1": "1 Example Street",
            "postcode": "75001",
            "city": "Paris",
            "phone": "0100000000",
            "date_add": NOON,
            "date_upd": NOON,
        }
        return self.add("address", **(whole | values))

    def cart(self, **values: object) -> int:
        whole = {"id_shop": 1, "id_shop_group": 1, "id_currency": 1, "date_add": NOON, "date_upd": NOON}
        return self.add("cart", **(whole | values))

    def order(self, customer: int, /, *, states: tuple[int, ...] = (1,), at: object = NOON, **values: object) -> int:
        """An order of two mugs: 20.00 and 4.00 of tax, shipped for 5.00 and 1.00; in these states in turn."""
        whole = {
            "reference": f"REF{next(self._references):06d}",
            "id_shop": 1,
            "id_shop_group": 1,
            "id_cart": 0,
            "id_customer": customer,
            "id_currency": 1,
            "conversion_rate": 1,
            "current_state": states[-1] if states else 0,
            "valid": STATES[states[-1]][1] if states and states[-1] in STATES else 0,
            "payment": "Check",
            "module": "ps_checkpayment",
            "total_products": 20,
            "total_products_wt": 24,
            "total_shipping": 6,
            "total_shipping_tax_excl": 5,
            "total_shipping_tax_incl": 6,
            "total_paid": 30,
            "total_paid_tax_incl": 30,
            "total_paid_tax_excl": 25,
            "invoice_date": NO_TIME,
            "delivery_date": NO_TIME,
            "date_add": at,
            "date_upd": at,
        }
        order = self.add("orders", **(whole | values))
        self.line(order)
        self.add("order_carrier", id_order=order, id_carrier=2, date_add=at)
        for state in states:
            self.state(order, state, at=at)
        return order

    def line(self, order: int, **values: object) -> int:
        whole = {
            "id_order": order,
            "id_shop": 1,
            "product_id": 1,
            "product_attribute_id": 1,
            "product_name": "Mug - Size: Large",
            "product_reference": "MUG",
            "product_quantity": 2,
            "unit_price_tax_excl": 10,
            "unit_price_tax_incl": 12,
            "total_price_tax_excl": 20,
            "total_price_tax_incl": 24,
            "original_product_price": 10,
            "total_refunded_tax_excl": 0,
            "total_refunded_tax_incl": 0,
        }
        return self.add("order_detail", **(whole | values))

    def state(self, order: int, state: int, *, at: object = NOON, employee: int = 0) -> int:
        """Only the history row; the order's own `current_state` is written before it."""
        return self.add("order_history", id_order=order, id_order_state=state, id_employee=employee, date_add=at)

    def payment(self, order: int) -> int:
        """A payment of the whole order, booked on its invoice."""
        payment = self.add("order_payment", order_reference="", id_currency=1, amount=30, date_add=NOON)
        self.add("order_invoice_payment", id_order_invoice=order, id_order_payment=payment, id_order=order)
        return payment

    def slip(self, order: int, **values: object) -> int:
        """A credit slip of one mug without shipping, and its line."""
        whole = {
            "id_order": order,
            "conversion_rate": 1,
            "total_products_tax_excl": 10,
            "total_products_tax_incl": 12,
            "total_shipping_tax_excl": 0,
            "total_shipping_tax_incl": 0,
            "amount": 12,
            "shipping_cost_amount": 0,
            "order_slip_type": 0,
            "date_add": NOON,
            "date_upd": NOON,
        }
        slip = self.add("order_slip", **(whole | values))
        line = self.all("SELECT MIN(id_order_detail) FROM PREFIX_order_detail WHERE id_order = %s", order)[0][0]
        self.add(
            "order_slip_detail",
            id_order_slip=slip,
            id_order_detail=line,
            product_quantity=1,
            amount_tax_excl=whole["total_products_tax_excl"],
            amount_tax_incl=whole["total_products_tax_incl"],
        )
        return slip
