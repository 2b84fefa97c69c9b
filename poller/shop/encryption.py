"""TLS to the shop's database: verified wherever the way leaves this host, unless the operator says otherwise."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from sqlalchemy.engine import URL

from poller.errors import ConfigurationError

Choice: TypeAlias = Literal["auto", "verify", "require", "off"]
_THIS_HOST = ("", "localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Encryption:
    """What the operator wants; `ca` is the authority that signed the server's certificate, else the system's."""

    choice: Choice = "auto"
    ca: Path | None = None

    def arguments(self, url: URL) -> dict[str, Any]:
        """What the driver is given; nothing where it may choose. Raises ConfigurationError for a `ca` that is none."""
        choice = self.choice
        if choice == "auto":
            choice = "off" if is_on_this_host(url) else "verify"
            if choice == "off" and self.ca is None:
                return {}  # within this host the driver takes what the server offers
        if choice != "off":
            self._check()
        if url.get_driver_name() == "pymysql":
            return {"ssl_disabled": True} if choice == "off" else {"ssl": self._context(choice)}
        mode = {"verify": "VERIFY_IDENTITY", "require": "REQUIRED", "off": "DISABLED"}[choice]
        return {"ssl_mode": mode} | ({"ssl": {"ca": str(self.ca)}} if self.ca and choice == "verify" else {})

    def _context(self, choice: Choice) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.ca) if self.ca else None)
        if choice == "require":
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _check(self) -> None:
        if self.ca is None:
            return
        try:
            ssl.create_default_context(cafile=str(self.ca))
        except (OSError, ssl.SSLError):
            raise ConfigurationError(
                f"shop.tls_ca: {self.ca} is not a file of certificates.", hint="Give the server's ca.pem."
            ) from None


def is_on_this_host(url: URL) -> bool:
    """Whether the way to the database leaves this host."""
    return "unix_socket" in url.query or (url.host or "") in _THIS_HOST
