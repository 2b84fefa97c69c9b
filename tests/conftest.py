"""Fixtures every part may use."""

from tests.support.mariadb import server

__all__ = ["server"]
