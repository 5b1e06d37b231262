"""A web server starts only where `manage.py check` has nothing to refuse; gunicorn asks nobody else."""

from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured


def refuse_unsafe() -> None:
    """Raises ImproperlyConfigured with every sentence; unsafe settings themselves have stopped the start before."""
    found = [one for one in run_checks() if one.is_serious() and not one.is_silenced()]
    if found:
        raise ImproperlyConfigured(" ".join(f"{one.msg} {one.hint or ''}".strip() for one in found))
