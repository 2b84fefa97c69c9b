"""Whether an order was told: the shop asks before it deletes what nobody could tell afterwards."""

import threading

from poller.demo.receiver import Receiver


class Told:
    """Asked by several threads; reads what arrived once."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._seen = 0
        self._orders: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, order_id: int) -> bool:
        with self._lock:
            fresh = self._receiver.arrivals[self._seen :]
            self._seen += len(fresh)
            told = [arrival.message for arrival in fresh if arrival.message.get("event") == "Order Completed"]
            self._orders.update(message["properties"]["order_id"] for message in told)
            return str(order_id) in self._orders
