"""The script that a poller replaces: orders above an id, each handed to Segment's library with its customer.

`python looping.py SOCKET DATABASE HOST AFTER`; prints, ever again, how many messages it has handed over.
"""

import sys

import pymysql
from pymysql.cursors import SSCursor
from segment.analytics.client import Client

_ORDERS = """
SELECT o.id_order, o.reference, o.total_paid_tax_incl, o.date_add, c.id_customer, c.email, c.firstname, c.lastname
FROM ps_orders AS o JOIN ps_customer AS c ON c.id_customer = o.id_customer
WHERE o.id_order > %s ORDER BY o.id_order
"""
_TELL_EVERY = 20


def main() -> None:
    """Hand over everything, and wait until the library's queue is empty."""
    socket, database, host, after = sys.argv[1:]
    client = Client("benchmark", host=host)
    handed = 0
    with pymysql.connect(unix_socket=socket, user="poller", database=database, cursorclass=SSCursor) as connection:
        cursor = connection.cursor()
        cursor.execute(_ORDERS, (int(after),))
        for order, reference, total, added, customer, email, first, last in cursor:
            client.identify(str(customer), {"email": email, "firstName": first, "lastName": last})
            content = {"order_id": str(order), "reference": reference, "total": float(total)}
            client.track(str(customer), "Order Completed", content, timestamp=added.astimezone())
            handed += 2
            if handed % _TELL_EVERY == 0:
                print(handed, flush=True)
    client.flush()
    client.join()
    print(handed, flush=True)


if __name__ == "__main__":
    main()
