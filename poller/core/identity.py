"""Names that never change: message ids, anonymous ids, installation ids."""

from functools import lru_cache
from hashlib import md5, sha256
from uuid import UUID, uuid5

_ROOT = UUID("5d3c0f6e-7c0b-5a55-9b39-0e2f5c1c7a10")


def namespace_for(shop_identity: str) -> UUID:
    """Draw the installation's namespace from what identifies the shop (see shop.identity)."""
    return uuid5(_ROOT, shop_identity)


@lru_cache(maxsize=4_096)
def message_id(namespace: UUID, fact: str) -> UUID:
    """Segment's messageId of a fact: the same on any machine, and never that of another installation.

    A page asks twice: whether the fact is known, and when its message is built.
    """
    return uuid5(namespace, fact)


def anonymous_id(namespace: UUID, origin: str) -> str:
    """The anonymousId of whoever made a cart (`cart/30`), stable for the cart's life.

    PrestaShop deletes and reuses guest ids at login, so they do not serve.
    """
    return str(uuid5(namespace, f"{origin}/anonymous"))


def email_hash(email: str, algorithm: str) -> str:
    """Hash the trimmed, lower-cased address, as advertising destinations do."""
    text = email.strip().lower().encode()
    return md5(text, usedforsecurity=False).hexdigest() if algorithm == "md5" else sha256(text).hexdigest()
