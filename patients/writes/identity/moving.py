"""Put scans, or all there is, of one patient under another; where anything speaks against it two stewards agree."""

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from patients.models import Move, Patient
from patients.planned import MoveRefused, Plan, Wanted, plan_of
from patients.readable import is_readable
from patients.words.audit_words import Deed
from patients.words.identity_words import MoveKind, MoveState
from patients.writes.identity.moved.carrying import carry
from patients.writes.locking import lock_volume
from patients.writes.trail.record import record

REASON_LENGTH = 400
DEEDS = {
    MoveKind.REASSIGN: Deed.SCAN_REASSIGNED,
    MoveKind.SPLIT: Deed.PATIENT_SPLIT,
    MoveKind.MERGE: Deed.PATIENTS_MERGED,
    MoveKind.BACK: Deed.MOVED_BACK,
}
CONFLICT = "Something about these patients changed meanwhile. Look at it again."


def put_under(wanted: Wanted, user: User, reason: str, window_days: int, seen: str | None = None) -> Move:
    """Do it at once, or ask a second steward where something speaks against it; `seen`: the digest of the plan shown.

    The same again while it waits is the same row. Raises MoveRefused, having changed nothing.
    """
    said = _said(reason)
    try:
        with transaction.atomic():
            _lock(wanted)
            waiting = Move.objects.filter(source=wanted.source, state=MoveState.ASKED).first()
            if waiting is not None:
                return _same(waiting, wanted)
            plan = plan_of(_fresh(wanted))
            if seen not in (None, plan.digest):
                raise MoveRefused("E_CONFLICT", CONFLICT)
            move = _row(plan, user, said)
            if plan.doubts:
                move.save()
                _tell(move, Deed.MOVE_ASKED, user)
                return move
            return _do(move, plan, user, "", window_days)
    except IntegrityError:
        raise MoveRefused("E_CONFLICT", CONFLICT) from None


def decide_move(move: Move, user: User, reason: str, window_days: int, *, is_agreed: bool) -> Move:
    """The second steward agrees, and it is done, or refuses. Raises MoveRefused: E_OWN, E_CONFLICT, E_REASON."""
    said = _said(reason)
    try:
        with transaction.atomic():
            row = Move.objects.select_for_update(of=("self",)).get(pk=move.pk)
            if row.state != MoveState.ASKED:
                raise MoveRefused("E_CONFLICT", "Someone else just decided this. Reload the page.")
            if user.pk == row.asked_by_id:
                raise MoveRefused("E_OWN", "You asked for this: another steward decides.")
            if not is_agreed:
                row.state, row.decided_by, row.decided_at = MoveState.REFUSED, user, timezone.now()
                row.decided_reason = said
                row.save()
                _tell(row, Deed.MOVE_REFUSED, user)
                return row
            wanted = wanted_of(row)
            _lock(wanted)
            return _do(row, plan_of(_fresh(wanted)), user, said, window_days)
    except IntegrityError:
        raise MoveRefused("E_CONFLICT", CONFLICT) from None


def wanted_of(move: Move) -> Wanted:
    """What a move that waits is about."""
    return Wanted(
        MoveKind(move.kind), move.source, move.target, move.pseudonym, tuple(move.scan_pks), undoes=move.undoes
    )


def back(move: Move) -> Wanted:
    """The opposite act: what went and is still there goes back. Raises MoveRefused where nothing can."""
    if move.state != MoveState.DONE or move.target is None:
        raise MoveRefused("E_CONFLICT", "Only what was done can be put back.")
    if move.undone_by.filter(state=MoveState.DONE).exists():
        raise MoveRefused("E_CONFLICT", "This was put back already.")
    went = [pk for pk, *_ in move.went.get("scans", [])]
    still = tuple(move.target.scans.filter(pk__in=went).order_by("pk").values_list("pk", flat=True))
    if not still and not move.went.get("is_whole"):
        raise MoveRefused("E_NOTHING", "None of these scans is with that patient any more: look where they went.")
    return Wanted(MoveKind.BACK, move.target, move.source, "", still, undoes=move)


def _said(reason: str) -> str:
    said = " ".join(reason.split())
    if not is_readable(said, REASON_LENGTH) or len(said) < 5:
        raise MoveRefused("E_REASON", "Write in a sentence how you made sure, in at most 400 readable characters.")
    return said


def _lock(wanted: Wanted) -> None:
    """As those who file: the images, then the patients, in one order for everybody."""
    digests = wanted.source.scans.filter(pk__in=wanted.scan_pks).values_list("volume_digest", flat=True)
    for digest in sorted(digests):
        lock_volume(digest)
    keys = [row.pk for row in (wanted.source, wanted.target) if row is not None]
    list(Patient.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))


def _fresh(wanted: Wanted) -> Wanted:
    """The patients as they stand under the lock."""
    target = Patient.objects.get(pk=wanted.target.pk) if wanted.target else None
    if target is None and Patient.objects.filter(pseudonym__iexact=wanted.pseudonym.strip()).exists():
        raise MoveRefused("E_TARGET", "This pseudonym is taken. Choose another one.")
    source = Patient.objects.get(pk=wanted.source.pk)
    return Wanted(wanted.kind, source, target, wanted.pseudonym.strip(), wanted.scan_pks, wanted.undoes)


def _same(waiting: Move, wanted: Wanted) -> Move:
    target_pk = wanted.target.pk if wanted.target else None
    same = (waiting.kind, waiting.target_id, sorted(waiting.scan_pks)) == (
        wanted.kind,
        target_pk,
        sorted(wanted.scan_pks),
    )
    if same and waiting.pseudonym.lower() == wanted.pseudonym.strip().lower():
        return waiting
    raise MoveRefused("E_OPEN", "Something else about this patient waits for a second steward: decide that first.")


def _row(plan: Plan, user: User, reason: str) -> Move:
    wanted = plan.wanted
    return Move(
        kind=wanted.kind,
        source=wanted.source,
        target=wanted.target,
        pseudonym=wanted.pseudonym,
        scan_pks=sorted(wanted.scan_pks),
        doubts=list(plan.doubts),
        differs=list(plan.differs),
        undoes=wanted.undoes,
        reason=reason,
        asked_by=user,
    )


def _do(move: Move, plan: Plan, user: User, agreed: str, window_days: int) -> Move:
    wanted = plan.wanted
    target = wanted.target or Patient.objects.create(
        pseudonym=wanted.pseudonym, team=wanted.source.team, is_synthetic=wanted.source.is_synthetic
    )
    move.target = target
    move.went = carry(plan, target, user, window_days)
    move.state, move.decided_by, move.decided_at, move.decided_reason = MoveState.DONE, user, timezone.now(), agreed
    move.save()
    _tell(move, DEEDS[wanted.kind], user)
    return move


def _tell(move: Move, deed: Deed, user: User) -> None:
    """Both trails tell of it; of every scan that went, too."""
    for patient in (move.source, move.target):
        if patient is not None:
            record(deed, patient=patient, subject=move, user=user, scans=len(move.scan_pks))
