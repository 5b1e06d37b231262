"""One act of putting scans under another patient: what spoke against it, who agreed, what went; and its opposite."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from monitoring.access import move_for_user, require, signed_in, user_of
from monitoring.roles import Act
from patients.models import Move
from patients.planned import MoveRefused, plan_of
from patients.words.identity_words import MoveState
from patients.writes.identity.moving import back, decide_move, put_under
from radiomics_tasks.concluding import conclude_moved

STATUS = {"E_CONFLICT": 409, "E_OPEN": 409, "E_OWN": 403}
SAID = {
    MoveState.DONE: "Done: both patients are being concluded anew.",
    MoveState.REFUSED: "Refused: nothing went anywhere.",
    MoveState.ASKED: "Something speaks against it: it waits for another steward to agree.",
}


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def move_page(request: HttpRequest, code: UUID) -> HttpResponse:
    """The act with all that was known; a second steward decides, and what was done may be put back."""
    move = move_for_user(request, code)
    if request.method != "POST":
        return _page(request, move)
    require(request, Act.WITHHOLD)
    try:
        with transaction.atomic():
            decided = _act(request, move)
            conclude_moved(decided)
    except MoveRefused as refusal:
        return _page(request, move_for_user(request, code), refusal.sentence, STATUS.get(refusal.code, 422))
    messages.success(request, SAID[MoveState(decided.state)])
    return redirect("move", code=decided.code)


def _act(request: HttpRequest, move: Move) -> Move:
    act, reason, user = request.POST.get("act", ""), request.POST.get("reason", ""), user_of(request)
    if act in ("agree", "refuse"):
        return decide_move(move, user, reason, settings.VISIT_WINDOW_DAYS, is_agreed=act == "agree")
    if act == "back":
        return put_under(back(move), user, reason, settings.VISIT_WINDOW_DAYS)
    raise MoveRefused("E_ACT", "Choose what is to be done.")


def _page(request: HttpRequest, move: Move, sentence: str = "", status: int = 200) -> HttpResponse:
    is_open = move.state == MoveState.ASKED
    context: dict[str, Any] = {
        "place": "cohort",
        "move": move,
        "is_open": is_open,
        "is_own": move.asked_by_id == user_of(request).pk,
        "undone": move.undone_by.filter(state=MoveState.DONE).first(),
        "waiting_back": move.undone_by.filter(state=MoveState.ASKED).first(),
        "went": {name: len(rows) for name, rows in move.went.items() if isinstance(rows, list)},
        "may_go_back": _may_go_back(move),
        "sentence": sentence,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "pages/move.html", context, status=status)


def _may_go_back(move: Move) -> bool:
    try:
        plan_of(back(move))
    except MoveRefused:
        return False
    return True
