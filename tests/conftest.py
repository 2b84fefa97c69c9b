"""Fixtures every part may use, and what holds for every property-based test."""

from hypothesis import settings

from tests.support.mariadb import server

__all__ = ["server"]

# A case may take long on a busy machine: what is proven is the property, not the machine.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
