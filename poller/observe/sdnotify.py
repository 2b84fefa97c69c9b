"""Tells systemd how the service is: a datagram to the socket it named; nothing where it named none."""

import os
import socket
import time
from dataclasses import dataclass
from typing import Self

_PATIENCE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Notifier:
    """Systemd's end of the line: a path, an abstract name (`@...`), or nobody."""

    address: str = ""

    @classmethod
    def from_environment(cls) -> Self:
        """The socket named in $NOTIFY_SOCKET."""
        return cls(os.environ.get("NOTIFY_SOCKET", ""))

    def ready(self) -> None:
        """Start-up is over."""
        self._send("READY=1")

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._send(f"STATUS={' '.join(text.split())}")

    def reloading(self) -> None:
        """The settings are being read anew; `ready` ends it."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1_000}")

    def watchdog(self) -> None:
        """Still working."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """Shutting down, in order."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self.address:
            return
        address = f"\0{self.address[1:]}" if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
                # A listener that does not read must not hold up the work: its queue is full after ten messages.
                line.settimeout(_PATIENCE_SECONDS)
                line.sendto(message.encode(), address)
        except OSError:
            # Nobody listens: the service works all the same, and systemd's own time limits see to the rest.
            return
