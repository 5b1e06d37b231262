"""What the browser gets of an installed package that is no Django app: plotly's script, and nothing else of it."""

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage

PUBLISHED = "plotly.min.js"


class PlotlyFinder(BaseFinder):
    """Serves the installed package's script as `plotly/plotly.min.js`, so Python and browser agree on the version."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storage = FileSystemStorage(location=package_data("plotly"))
        self.storage.prefix = "plotly"  # type: ignore[attr-defined]  # collectstatic reads it

    def check(self, **_kwargs: Any) -> list[Any]:
        """Nothing to check: a missing package stops the start."""
        return []

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:  # noqa: FBT001, FBT002  # Django's signature
        """The file of one static path, as each finder answers."""
        found = [self.storage.path(PUBLISHED)] if path == f"plotly/{PUBLISHED}" else []
        if find_all:
            return found
        return found[0] if found else []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[Any]:
        """The one published file, unless the caller ignores it."""
        if not matches_patterns(PUBLISHED, ignore_patterns or ()):
            yield PUBLISHED, self.storage


def package_data(package: str) -> Path:
    """The folder of a package's own files, found without importing the package."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ImproperlyConfigured(f"{package} is not installed: python3 manage.py installs requirements.lock.")
    return Path(spec.submodule_search_locations[0]) / "package_data"
