"""Who sees which patient; every view begins here.

Teams decide which patients a login sees, roles (`roles.py`) what it may do with them. What is not
allowed to be seen looks exactly like what does not exist: the same 404.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from monitoring import door
from monitoring.roles import MAY, Act, Viewer
from patients.models import (
    Candidate,
    Hold,
    Lesion,
    Move,
    Patient,
    Scan,
    Segmentation,
    Team,
    Timepoint,
    TreatmentCourse,
    Upload,
)
from patients.reads.identity.holds import hold_seen
from patients.reads.identity.moves import move_seen
from patients.reads.logins import roles_of, teams_of_login
from patients.standing_damage import sizes_damaged
from patients.vocabulary import Role

Arguments = ParamSpec("Arguments")
Row = TypeVar("Row", bound=Model)
View = Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase]

NOT_FOUND = "There is no such page here."


def viewer_of(request: HttpRequest) -> Viewer:
    """The login behind a request; two queries the first time, none afterwards."""
    known: Viewer | None = getattr(request, "viewer", None)
    if known is None:
        known = _read_viewer(request.user)
        request.viewer = known  # type: ignore[attr-defined]  # for templates; lives as long as the request
    return known


def _read_viewer(user: User | AnonymousUser) -> Viewer:
    if not isinstance(user, User):
        return Viewer(frozenset(), ())
    return Viewer(roles_of(user.pk), teams_of_login(user.pk))


def signed_in(view: View[Arguments]) -> View[Arguments]:
    """Send a browser without a login to the sign-in page and back; a script gets 401."""

    def guarded(request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponseBase:
        if request.user.is_authenticated:
            return _kept_nowhere(door.witnessed(request, view, *args, **kwargs))
        # A fragment must not be replaced by a sign-in page, and a script cannot fill one in.
        if request.headers.get("HX-Request") or request.method not in ("GET", "HEAD"):
            return HttpResponse("Your session has ended. Sign in again.", status=401, headers={"HX-Redirect": "/"})
        return redirect_to_login(request.get_full_path())

    return update_wrapper(guarded, view)


def _kept_nowhere(response: HttpResponseBase) -> HttpResponseBase:
    """No browser or proxy keeps a patient's page beyond the session, unless the view says what may be kept."""
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def require(request: HttpRequest, act: Act) -> Viewer:
    """The viewer, where one of its roles allows the act; else 403 with the reason in words."""
    viewer = viewer_of(request)
    if not viewer.may(act):
        allowed = ", ".join(role.label.lower() for role in Role if role in MAY[act])
        raise PermissionDenied(f"Your role may not {act.value}. It takes one of: {allowed}.")
    return viewer


def patient_for_user(request: HttpRequest, code: UUID, act: Act = Act.READ) -> Patient:
    """One of the viewer's patients; 404 where it is another team's, 403 where the role may only look."""
    viewer = _seeing(request)
    rows = Patient.objects.select_related("team", "merged_into").filter(code=code, team__in=viewer.teams)
    # Put together with another one: who may see both finds the empty patient and who it is, nobody else finds it.
    both = Q(merged_into=None) | Q(merged_into__team__in=viewer.teams)
    found = _checked(request, rows.filter(both).first(), act)
    if found.merged_into is not None and act is not Act.READ:
        raise PermissionDenied(f"This patient and {found.merged_into.pseudonym} are one: go on there.")
    return found


def upload_for_user(request: HttpRequest, code: UUID, act: Act = Act.UPLOAD) -> Upload:
    """An upload of one of the viewer's teams."""
    viewer = _seeing(request)
    found = Upload.objects.select_related("patient", "created_by").filter(code=code, team__in=viewer.teams).first()
    return _checked(request, found, act)


def candidate_for_user(request: HttpRequest, code: UUID, act: Act = Act.UPLOAD) -> Candidate:
    """A series found in an upload of one of the viewer's teams."""
    viewer = _seeing(request)
    rows = Candidate.objects.select_related("upload", "patient", "scan")
    return _checked(request, rows.filter(code=code, upload__team__in=viewer.teams).first(), act)


def hold_for_user(request: HttpRequest, code: UUID, act: Act = Act.UPLOAD) -> Hold:
    """What is held for a second person in one of the viewer's teams, with all that its page shows."""
    return _checked(request, hold_seen(_seeing(request).teams, code), act)


def move_for_user(request: HttpRequest, code: UUID, act: Act = Act.UPLOAD) -> Move:
    """What was put, or is to be put, under another patient; 404 where one of the two is another team's."""
    return _checked(request, move_seen(_seeing(request).teams, code), act)


def lesion_for_user(request: HttpRequest, code: UUID, act: Act = Act.READ) -> Lesion:
    """A lesion of one of the viewer's patients, with the patient loaded."""
    viewer = _seeing(request)
    rows = Lesion.objects.select_related("patient")
    return _checked(request, rows.filter(code=code, patient__team__in=viewer.teams).first(), act)


def outline_for_user(request: HttpRequest, code: UUID, act: Act = Act.READ) -> Segmentation:
    """An outline on a scan of one of the viewer's patients, with scan, patient and lesion loaded."""
    viewer = _seeing(request)
    rows = Segmentation.objects.select_related("scan__patient", "lesion").annotate(is_damaged=sizes_damaged())
    found = _checked(request, rows.filter(code=code, scan__patient__team__in=viewer.teams).first(), act)
    if found.is_withheld:
        raise PermissionDenied("The numbers of this outline are hidden: it is under investigation, or withdrawn.")
    return found


def scan_for_user(request: HttpRequest, code: UUID, act: Act = Act.READ) -> Scan:
    """A scan of one of the viewer's patients, with the patient loaded."""
    viewer = _seeing(request)
    rows = Scan.objects.select_related("patient")
    return _checked(request, rows.filter(code=code, patient__team__in=viewer.teams).first(), act)


def course_for_user(request: HttpRequest, code: UUID, act: Act = Act.TREAT) -> TreatmentCourse:
    """A line of therapy of one of the viewer's patients, with the patient loaded."""
    viewer = _seeing(request)
    rows = TreatmentCourse.objects.select_related("patient")
    return _checked(request, rows.filter(code=code, patient__team__in=viewer.teams).first(), act)


def timepoint_for_user(request: HttpRequest, patient: Patient, pk: int, act: Act = Act.READ) -> Timepoint:
    """A visit of one of the viewer's patients, who is found already."""
    return _checked(request, Timepoint.objects.filter(pk=pk, patient=patient).first(), act)


def _seeing(request: HttpRequest) -> Viewer:
    viewer = viewer_of(request)
    if not viewer.may(Act.READ):
        raise Http404(NOT_FOUND)
    return viewer


def _checked(request: HttpRequest, row: Row | None, act: Act) -> Row:
    if row is None:
        raise Http404(NOT_FOUND)
    door.notice(request, row)
    require(request, act)
    return row


def teams_of(request: HttpRequest) -> list[Team]:
    """The viewer's teams by name, for choosing where an upload belongs."""
    return list(Team.objects.filter(pk__in=viewer_of(request).teams).order_by("name"))


def user_of(request: HttpRequest) -> User:
    """The login behind a guarded view; raises PermissionDenied where there is none."""
    if isinstance(request.user, User):
        return request.user
    raise PermissionDenied("Sign in first.")


def code_or_404(text: str) -> UUID:
    """A code that came as a parameter; what is none names nothing."""
    try:
        return UUID(text)
    except ValueError:
        raise Http404(NOT_FOUND) from None
