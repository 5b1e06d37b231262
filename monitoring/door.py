"""The door: what is asked for at each address is written in the audit trail before the answer leaves.

Where it cannot be written, nothing is shown. Every guarded view passes here (`access.signed_in`), and every row that
a view may show has been noticed on its way in (`access`).
"""

import ipaddress
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from monitoring.roles import Act
from monitoring.witnessed import AGAIN_WITHIN, COVERED_BY, RECORDED_BELOW, look_at
from patients.models import AccessToken, AuditEvent, Candidate, Move, Patient, Scan, Segmentation, Upload
from patients.words.audit_words import Deed, Origin
from patients.writes.trail.acting import Hand, acting
from patients.writes.trail.chain import link_events
from patients.writes.trail.record import write_event

log = logging.getLogger(__name__)

LOOKING = ("GET", "HEAD")
UNWRITTEN = "This could not be written in the audit trail, so nothing is shown. Try again; if it stays, tell whoever \
runs this site."


@dataclass(frozen=True, slots=True)
class Noticed:
    """The row that a request is about, and its patient."""

    kind: str = ""
    code: str = ""
    patient_code: UUID | None = None


def notice(request: HttpRequest, row: Model) -> None:
    """Remember which row a view was let through to; the last one is the most exact."""
    before: Noticed = getattr(request, "noticed", Noticed())
    patient = _patient_of(row)
    request.noticed = Noticed(  # type: ignore[attr-defined]  # lives as long as the request
        row._meta.model_name or "",
        str(getattr(row, "code", row.pk)),
        patient.code if patient else before.patient_code,
    )


def _patient_of(row: Model) -> Patient | None:
    """The patient of a row as it was loaded; asks nothing more of the database."""
    if isinstance(row, Patient):
        return row
    if isinstance(row, Segmentation):
        return row.scan.patient
    if isinstance(row, Upload | Candidate | Scan):
        return row.patient
    if isinstance(row, Move):
        return row.source
    return getattr(row, "patient", None)


def witnessed(request: HttpRequest, view: Callable[..., HttpResponseBase], *args: Any, **kwargs: Any) -> Any:
    """The answer of a view, once it is written down that it was given; else a page that says why there is none."""
    name = _name(request)
    request.is_witnessed = True  # type: ignore[attr-defined]  # lives as long as the request
    with acting(hand_of(request)):
        try:
            response = view(request, *args, **kwargs)
        except (Http404, PermissionDenied) as refusal:
            _tell_later(request, Deed.REFUSED, 404 if isinstance(refusal, Http404) else 403)
            raise
        except Exception:
            _tell_later(request, Deed.BROKE, 500)
            raise
        deed = _deed(request, name, response.status_code)
        if deed is None or _write(request, deed, response.status_code):
            return response
    response.close()
    return _unwritten()


class Door:
    """Stands around whatever keeps a form in a transaction: what is taken back with it is told all the same."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Write what was refused, what broke, and that a form was answered as it was before."""
        response = self.get_response(request)
        told: tuple[Deed, int] | None = getattr(request, "to_be_told", None)
        if told is None and getattr(request, "is_answered_again", False):
            told = Deed.ASKED, response.status_code
        if told is None and _is_refused_elsewhere(request, response.status_code):
            told = Deed.REFUSED, response.status_code
        if told is None:
            return response
        with acting(hand_of(request)):
            if _write(request, *told):
                return response
        response.close()
        return _unwritten()


def _is_refused_elsewhere(request: HttpRequest, status: int) -> bool:
    """Whether a login was turned away before it came to a view; addresses that there are not tell nothing."""
    is_known = request.resolver_match is not None and request.user.is_authenticated
    return status in (403, 404) and is_known and not getattr(request, "is_witnessed", False)


def _tell_later(request: HttpRequest, deed: Deed, status: int) -> None:
    request.to_be_told = (deed, status)  # type: ignore[attr-defined]  # lives as long as the request


def _unwritten() -> HttpResponse:
    return HttpResponse(UNWRITTEN, status=503, content_type="text/plain; charset=utf-8")


def hand_of(request: HttpRequest) -> Hand:
    """Whose hand a request is."""
    user = request.user if isinstance(getattr(request, "user", None), User) else None
    token: AccessToken | None = getattr(request, "access_token", None)
    return Hand(
        Origin.WEB,
        login=user.get_username() if isinstance(user, User) else "",
        user_pk=user.pk if user else None,
        address=_address(request),
        door=_name(request),
        detail={"token": str(token.code)} if token else {},
    )


def _deed(request: HttpRequest, name: str, status: int) -> Deed | None:
    if status in (401, 403, 404):
        return Deed.REFUSED
    if status >= 500:
        return Deed.BROKE
    if request.method not in LOOKING:
        return None if status < 300 and name in RECORDED_BELOW else Deed.ASKED
    # A look that leads elsewhere has shown nothing.
    return None if 300 <= status < 400 else look_at(name)


def _write(request: HttpRequest, deed: Deed, status: int) -> bool:
    """Write the event and link what waits; false where it could not be written."""
    noticed = _noticed(request)
    try:
        if deed in (Deed.SAW, Deed.LISTED) and _is_known(request, noticed):
            return True
        with transaction.atomic():
            write_event(
                deed,
                patient_code=noticed.patient_code,
                subject=(noticed.kind, noticed.code),
                teams=_teams_shown(request, deed, noticed),
                method=request.method or "",
                status=status,
            )
            _link()
    except DatabaseError:
        log.exception("the audit trail could not be written at %s", _name(request))
        return False
    return True


def _teams_shown(request: HttpRequest, deed: Deed, noticed: Noticed) -> tuple[int, ...]:
    """The teams whose patients a list or an export was of, where it was of no single one."""
    viewer = getattr(request, "viewer", None)
    is_of_teams = deed in (Deed.LISTED, Deed.EXPORTED) and noticed.patient_code is None
    return viewer.teams if viewer is not None and is_of_teams and viewer.may(Act.READ) else ()


def _link() -> None:
    try:
        link_events()
    except DatabaseError:
        # The event stands; the next one through the door, or the worker, links it.
        log.exception("the audit trail could not be linked")


def _is_known(request: HttpRequest, noticed: Noticed) -> bool:
    """Whether the same was recorded a moment ago, where a page or its pictures ask again by themselves."""
    name = _name(request)
    within = AGAIN_WITHIN.get(name)
    if within is None:
        return False
    since = timezone.now() - within
    doors = COVERED_BY.get(name, (name,))
    rows = AuditEvent.objects.filter(at__gte=since, user_pk=request.user.pk, door__in=doors)
    return rows.filter(subject_code=noticed.code, deed__in=(Deed.SAW, Deed.LISTED)).exists()


def _noticed(request: HttpRequest) -> Noticed:
    """What the request was about; where it was not let through to a row, the code that it named."""
    noticed: Noticed | None = getattr(request, "noticed", None)
    match = request.resolver_match
    if noticed is not None or match is None or not isinstance(match.kwargs.get("code"), UUID):
        return noticed or Noticed()
    code: UUID = match.kwargs["code"]
    return Noticed("", str(code), code if match.route.startswith("patients/") else None)


def _name(request: HttpRequest) -> str:
    match = request.resolver_match
    return (match.url_name or "") if match else ""


def _address(request: HttpRequest) -> str:
    """Where it came from; behind a proxy what the proxy, the last to write there, says."""
    said = request.META.get("REMOTE_ADDR", "")
    if settings.IS_BEHIND_PROXY:
        said = request.headers.get("X-Forwarded-For", "").split(",")[-1].strip() or said
    try:
        return str(ipaddress.ip_address(said))
    except ValueError:
        # A unix socket has no address.
        return ""
