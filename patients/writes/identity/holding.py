"""Hold what may be somebody else's for a second person; release or refuse it, with a written reason."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from patients.doubts import HASHES, Problem, bodies_beside, filed_elsewhere, mask_elsewhere, same_numbers
from patients.models import AuditEvent, Candidate, Hold, Patient, Scan, Segmentation
from patients.readable import is_readable
from patients.vocabulary import CandidateState
from patients.words.audit_words import Deed
from patients.words.identity_words import OF_AN_OUTLINE, OF_BOTH, SECOND_PERSON, HoldState, WithheldWhy
from patients.writes import lesions
from patients.writes.identity.withholding import withhold
from patients.writes.trail.record import record
from patients.writes.uploads import decline

REASON_LENGTH = 400
NAME_LENGTH = 120


class HoldRefused(Exception):
    """A decision that is not taken: E_OWN, E_CONFLICT, E_REASON or E_ROLE, with a sentence for whoever decides."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


def hold_series(
    candidate: Candidate, patient: Patient | None, pseudonym: str, doubts: Sequence[Problem], user: User | None
) -> Hold:
    """Keep a series for a second person, under the patient it was wanted for; asked again it is the same hold.

    What is filed already, and is put in question as well, is under investigation from now on.
    """
    with transaction.atomic():
        row = Candidate.objects.select_for_update().select_related("upload").get(pk=candidate.pk)
        wanted = (patient.pseudonym if patient else pseudonym).strip().lower()
        known = patient or Patient.objects.filter(team=row.upload.team_id, pseudonym__iexact=wanted).first()
        beside = filed_elsewhere(known, row.facts) if {d["code"] for d in doubts} & set(OF_BOTH) else None
        hold = row.holds.filter(state=HoldState.OPEN, pseudonym=wanted, mask_digest="").first()
        is_new = hold is None
        hold = hold or Hold(candidate=row, team=row.upload.team, pseudonym=wanted, asked_by=user)
        hold.patient, hold.doubts = known, list(doubts)
        hold.beside = beside or same_numbers(known, row.facts) or _last_scan(known)
        hold.differs = compared(known, row.facts, beside)
        hold.save()
        if is_new:
            record(Deed.DOUBT_NOTED, patient=known, subject=hold, user=user, doubt="+".join(hold.codes))
        if beside is not None:
            reason = "Another upload under another patient holds the same images, or others of this study."
            withhold(WithheldWhy.INVESTIGATION, beside, reason, user, hold=hold)
    return hold


def compared(patient: Patient | None, facts: Mapping[str, Any], beside: Scan | None) -> list[dict[str, Any]]:
    """What was held against what: of identifiers only whether they are the same, of the body both values."""
    rows = []
    identity = facts.get("identity", {})
    for name, word in HASHES if patient else ():
        is_given, is_known = bool(identity.get(name)), bool(getattr(patient, name))
        rows.append(
            {
                "what": word,
                "here": "given" if is_given else "not given",
                "there": "known" if is_known else "not known",
                "is_same": identity.get(name) == getattr(patient, name) if is_given and is_known else None,
            }
        )
    rows += bodies_beside(patient, facts) if patient else []
    alike = same_numbers(patient, facts)
    if alike is not None:
        there = f"same numbers on the {alike}"
        rows.append({"what": "contents of its images", "here": "this series", "there": there, "is_same": False})
    if beside is not None:
        is_same = beside.volume_digest == facts.get("volume_digest")
        there = "the scan of another patient"
        rows.append({"what": "images", "here": "this series", "there": there, "is_same": is_same})
        rows.extend(
            {"what": word, "here": "this series", "there": there, "is_same": facts[name] == getattr(beside, name)}
            for name, word in UID_WORDS
            if facts.get(name) and getattr(beside, name)
        )
    return rows


UID_WORDS = (
    ("series_instance_uid", "series UID"),
    ("study_instance_uid", "study UID"),
    ("frame_of_reference_uid", "frame of reference"),
)


def _last_scan(patient: Patient | None) -> Scan | None:
    return patient.scans.order_by("-acquired_on", "-pk").first() if patient else None


def hold_outlines(candidate: Candidate, scan: Scan, user: User | None) -> None:
    """Outlines of a filed series that only a second person may let in, each a hold of its own."""
    for outline in candidate.outlines:
        doubts = [known for known in outline["problems"] if known["code"] in OF_AN_OUTLINE]
        if not doubts or any(known["code"].startswith("E_") for known in outline["problems"]):
            continue
        if not outline.get("mask_file"):
            continue
        named = {"mask_digest": outline["mask_digest"], "roi_name": outline["name"][:NAME_LENGTH]}
        earlier = mask_elsewhere(scan.patient, outline, besides=scan)
        is_own = earlier is not None and earlier.scan.patient_id == scan.patient_id
        there = f"outline of {earlier.scan}" if earlier is not None and is_own else "outline of another patient's scan"
        _, is_new = Hold.objects.get_or_create(
            candidate=candidate,
            state=HoldState.OPEN,
            pseudonym=scan.patient.pseudonym.lower(),
            **named,
            defaults={
                "team": scan.patient.team,
                "patient": scan.patient,
                "beside": earlier.scan if earlier else None,
                "doubts": doubts,
                "differs": [{"what": "marked voxels and grid", "here": str(scan), "there": there, "is_same": True}],
                "asked_by": user,
            },
        )
        if is_new:
            record(Deed.DOUBT_NOTED, patient=scan.patient, subject=candidate, user=user, doubt="Q_MASK_REUSED")


def hold_jump(outline: Segmentation, sentence: str, differs: Sequence[Mapping[str, Any]]) -> Hold | None:
    """Take an outline from the lesion it lies too far from, until a second person has looked; the caller locks.

    None where somebody has decided about this outline and this lesion before.
    """
    lesion = outline.lesion
    if lesion is None or outline.holds.filter(lesion=lesion, state=HoldState.RELEASED).exists():
        return None
    outline.holds.filter(state=HoldState.OPEN).update(state=HoldState.OVERTAKEN, decided_at=timezone.now())
    beside = lesion.segmentations.exclude(scan=outline.scan_id).order_by("-scan__acquired_on").first()
    hold = Hold.objects.create(
        team=outline.scan.patient.team,
        patient=outline.scan.patient,
        pseudonym=outline.scan.patient.pseudonym.lower(),
        segmentation=outline,
        lesion=lesion,
        beside=beside.scan if beside else None,
        doubts=[{"code": "Q_LESION_JUMP", "sentence": sentence}],
        differs=list(differs),
        asked_by=outline.created_by,
    )
    record(Deed.DOUBT_NOTED, patient=outline.scan.patient, subject=hold, doubt="Q_LESION_JUMP")
    return hold


def released_for(candidate: Candidate, patient: Patient) -> frozenset[str]:
    """The doubts about this series and this patient that a second person has released."""
    rows = candidate.holds.filter(state=HoldState.RELEASED, pseudonym=patient.pseudonym.lower(), mask_digest="")
    return frozenset(code for row in rows for code in row.codes)


def overtake(candidate: Candidate) -> None:
    """The series was settled otherwise, filed or declined: what still waits about it waits no more."""
    waiting = candidate.holds.filter(state=HoldState.OPEN, mask_digest="")
    waiting.update(state=HoldState.OVERTAKEN, decided_at=timezone.now())


def decide(hold: Hold, user: User, reason: str, *, is_release: bool) -> Hold:
    """A second person releases or refuses; of two at once one wins.

    Raises HoldRefused: E_OWN where it is the decider's own, E_CONFLICT where somebody decided before, E_REASON.
    """
    said = " ".join(reason.split())
    if not is_readable(said, REASON_LENGTH) or len(said) < 5:
        raise HoldRefused("E_REASON", "Write in a sentence how you made sure, in at most 400 readable characters.")
    with transaction.atomic():
        row = Hold.objects.select_for_update(of=("self",)).select_related("candidate__upload").get(pk=hold.pk)
        if row.state != HoldState.OPEN:
            raise HoldRefused("E_CONFLICT", "Someone else just decided this. Reload the page.")
        if user.pk in senders(row):
            raise HoldRefused("E_OWN", "You sent this or wanted it filed: another steward decides.")
        row.state = HoldState.RELEASED if is_release else HoldState.REFUSED
        row.decided_by, row.decided_at, row.reason = user, timezone.now(), said
        row.save(update_fields=["state", "decided_by", "decided_at", "reason"])
        deed = Deed.HOLD_RELEASED if is_release else Deed.HOLD_REFUSED
        record(deed, patient=row.patient, subject=row, user=user, doubt="+".join(row.codes))
        _follow(row, user, is_release=is_release)
    return row


def senders(hold: Hold) -> set[int]:
    """The logins that are no second person: who uploaded, wanted it filed, drew, filed or linked the outline."""
    upload = hold.candidate.upload if hold.candidate else None
    outline = hold.segmentation
    keys = {
        hold.asked_by_id,
        upload.created_by_id if upload else None,
        outline.created_by_id if outline else None,
        outline.scan.filed_by_id if outline else None,
        hold.lesion.created_by_id if outline and hold.lesion else None,
        *(_linkers(outline) if outline else ()),
    }
    return {key for key in keys if key is not None}


def _linkers(outline: Segmentation) -> list[int | None]:
    """Whoever said by hand which lesion it shows; the trail knows, also of links that were taken back."""
    told = AuditEvent.objects.filter(deed=Deed.OUTLINE_LINKED, subject_code=str(outline.code))
    return list(told.values_list("user_pk", flat=True).distinct())


def _follow(hold: Hold, user: User, *, is_release: bool) -> None:
    """What a decision does at once: an outline is let in or goes back to its lesion; a refused series is declined."""
    if hold.segmentation is not None and hold.lesion is not None and is_release:
        lesions.link_outline(hold.segmentation, hold.lesion, user)
    elif hold.candidate is None:
        return
    elif hold.mask_digest and is_release:
        _let_in(hold, hold.candidate)
    elif not hold.mask_digest and not is_release and hold.candidate.state != CandidateState.DUPLICATE:
        decline(hold.candidate, user, hold.reason[:120])


def _let_in(hold: Hold, candidate: Candidate) -> None:
    scan = candidate.scan
    if scan is None:
        return
    wanted = [
        outline
        for outline in candidate.outlines
        if (outline["mask_digest"], outline["name"][:NAME_LENGTH]) == (hold.mask_digest, hold.roi_name)
    ]
    stored = lesions.store_outlines(scan, wanted, scan.filed_by, SECOND_PERSON)
    kept = {id(old): new for old, new in zip(wanted, stored, strict=True)}
    rows = [kept.get(id(outline), outline) for outline in candidate.outlines]
    Candidate.objects.filter(pk=candidate.pk).update(outlines=rows)
