"""A stored picture as an answer, for a view that has asked whether its viewer may see it."""

from django.http import Http404, HttpResponse

from monitoring.access import NOT_FOUND
from monitoring.security.headers import CLOSED
from patients.files import FileChanged, site_storage

# What a digest names never changes; only the reader's own browser may keep it.
IMMUTABLE = "private, max-age=31536000, immutable"


def png(digest: str) -> HttpResponse:
    """A stored picture that its viewer may see."""
    try:
        content = site_storage().read(digest)
    except (FileNotFoundError, FileChanged):
        raise Http404(NOT_FOUND) from None
    # What else an answer says of itself, nosniff among it, is said of every one (security/headers.py).
    headers = {"Cache-Control": IMMUTABLE, "Content-Security-Policy": f"sandbox; {CLOSED}"}
    return HttpResponse(content, content_type="image/png", headers=headers)
