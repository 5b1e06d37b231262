"""The world of the access tests, for what is asked of every address here."""

from tests.access.conftest import quiet, world

__all__ = ["quiet", "world"]
