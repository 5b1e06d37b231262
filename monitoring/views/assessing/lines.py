"""The slice that a reader drew a diameter on, with that line and the outline's."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from monitoring.access import NOT_FOUND, lesion_for_user, signed_in, user_of, viewer_of
from monitoring.fragments import fragment
from monitoring.roles import Act
from monitoring.slice_pictures import pictures_of
from patients.reads.readings.lines import drawn_line


@signed_in
@require_safe
def drawn_drawer(request: HttpRequest, code: UUID, said: int) -> HttpResponse:
    """The drawer with the very outline it was drawn on, also where another one has replaced that since."""
    lesion = lesion_for_user(request, code)
    line = drawn_line(lesion.pk, said, user_of(request), is_reader=viewer_of(request).may(Act.ASSESS))
    if line is None or line.drawn_on is None:
        raise Http404(NOT_FOUND)
    pictures = pictures_of([line.drawn_on], lines=[line])
    return fragment(request, "drawer", {"pictures": pictures, "lesion": lesion, "patient": lesion.patient})
