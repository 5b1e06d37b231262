"""File a confirmed candidate: its patient, visit, scan and outlines, in one transaction or not at all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from patients.doubts import OF_THE_PATIENT, Problem, patient_doubts
from patients.failpoints import reached
from patients.models import Candidate, Hold, Patient, Scan, Team
from patients.readable import is_readable
from patients.trail.contents import SCAN, content_of
from patients.vocabulary import CandidateState, Modality, Unit
from patients.words.audit_words import Deed
from patients.words.identity_words import SECOND_PERSON
from patients.writes import lesions
from patients.writes.identity.holding import hold_outlines, hold_series, overtake, released_for
from patients.writes.locking import lock_volume, patient_locked
from patients.writes.trail.record import record
from patients.writes.uploads import OPEN_STATES, settle
from patients.writes.visits import visit_of_new_scan

# What nobody may file as it stands, whoever confirms it.
NEVER_FILED = ("Q_MIXED_PATIENT", "Q_SOP_CONFLICT")
# Answered by what the decision says.
ANSWERED = ("Q_DATE", "Q_MODALITY", "Q_NEW_PATIENT")
USUAL_UNIT = {Modality.CT: Unit.HU, Modality.MR: Unit.ARBITRARY, Modality.PT: Unit.SUV_BW}
PSEUDONYM_LENGTH = 64
EARLIEST_SCAN = date(1980, 1, 1)


class FilingConflict(Exception):
    """The candidate cannot be filed like this: a stable code and a sentence that says what to do.

    `doubt` is what a person may confirm after looking; None where confirming would not help. `held`: doubts that
    whoever sends cannot confirm: they are held for a second person.
    """

    def __init__(self, code: str, sentence: str, doubt: Problem | None = None, held: Sequence[Problem] = ()) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence
        self.doubt = doubt
        self.held = tuple(held)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the confirming person says: whose scan, of which day, and which doubts were looked at.

    Either `patient` or a `pseudonym`, which may be new. `confirmed` holds the codes of the doubts.
    """

    user: User | None
    window_days: int
    patient: Patient | None = None
    pseudonym: str = ""
    acquired_on: date | None = None
    modality: str = ""
    confirmed: Collection[str] = field(default_factory=tuple)


def file_candidate(candidate: Candidate, decision: Decision) -> Scan:
    """Accept one series into its patient's record; filing twice gives the same scan.

    Locks the candidate, then the volume, the patient and the upload. Raises FilingConflict, having changed nothing.
    """
    try:
        with transaction.atomic():
            scan = _file(candidate, decision)
            reached("file_before_commit")
    except IntegrityError:
        raise FilingConflict("E_CONFLICT", "Someone else just changed this. Reload the page.") from None
    reached("file_after_commit")
    return scan


def keep_doubts(candidate: Candidate, decision: Decision, conflict: FilingConflict) -> Hold | None:
    """After a refusal: what was in the way stays with the series, and what needs a second person is held for one."""
    for doubt in (conflict.doubt, *conflict.held):
        if doubt is not None:
            note_doubt(candidate, doubt)
    if not conflict.held:
        return None
    return hold_series(candidate, decision.patient, decision.pseudonym, conflict.held, decision.user)


def note_doubt(candidate: Candidate, doubt: Problem) -> None:
    """Keep a doubt that only the choice of a patient raised, so that the triage table can ask about it.

    A double stays one: it is filed already, and waits for nobody unless somebody says that it is another patient's.
    """
    with transaction.atomic():
        row = Candidate.objects.select_for_update().get(pk=candidate.pk)
        if row.state in (*OPEN_STATES, CandidateState.DUPLICATE) and doubt not in row.problems:
            row.problems = [*(known for known in row.problems if known["code"] != doubt["code"]), doubt]
            if row.state in OPEN_STATES:
                row.state = CandidateState.NEEDS_PERSON
            row.save(update_fields=["problems", "state"])
            record(Deed.DOUBT_NOTED, patient=row.patient, subject=row, doubt=doubt["code"])


def _file(candidate: Candidate, decision: Decision) -> Scan:
    row = Candidate.objects.select_for_update().get(pk=candidate.pk)
    is_anothers = _names_another(row, decision)
    if row.state == CandidateState.FILED and row.scan is not None and not is_anothers:
        return row.scan
    if row.state == CandidateState.DUPLICATE and not is_anothers:
        sentence = "This patient has this series already. Name the patient whose it is, or leave it as it is."
        raise FilingConflict("E_CONFLICT", sentence)
    # A series that one patient has already and that is now said to be another's: a doubt, not a double.
    if row.state not in (*OPEN_STATES, CandidateState.DUPLICATE):
        raise FilingConflict("E_CONFLICT", "This series was settled meanwhile. Reload the page.")
    _check_doubts([known for known in row.problems if known["code"] not in (*OF_THE_PATIENT, "DUPLICATE")], decision)
    acquired_on, modality = _checked_facts(row, decision)
    lock_volume(row.volume_digest)
    with patient_locked(_patient_pk(row.upload.team, decision)) as patient:
        if patient.merged_into_id is not None:
            raise FilingConflict("E_PATIENT", "This patient was put together with another one: choose that one.")
        doubts = patient_doubts(patient, row.facts)
        released = _check_released(row, patient, doubts)
        _learn(patient, row, may_learn_identity=not doubts)
        scan = Scan.objects.filter(patient=patient, volume_digest=row.volume_digest).first()
        if scan is None:
            asked = {known["code"]: known for known in [*row.problems, *doubts]}
            answered = {*decision.confirmed, *released} - set(OF_THE_PATIENT) | set(released)
            confirmed = [known for code, known in asked.items() if code in answered]
            scan = _new_scan(row, patient, acquired_on, modality, decision, confirmed)
        may_keep = set(decision.confirmed) - set(SECOND_PERSON)
        row.outlines = lesions.store_outlines(scan, row.outlines, decision.user, may_keep)
        row.state, row.scan, row.patient, row.acquired_on = CandidateState.FILED, scan, patient, scan.acquired_on
        row.save(update_fields=["state", "scan", "patient", "acquired_on", "outlines"])
        settle(row.upload)
        overtake(row)
        hold_outlines(row, scan, decision.user)
        record(Deed.SCAN_FILED, patient=patient, subject=scan, user=decision.user, **_answered(row, decision))
    return scan


def _answered(row: Candidate, decision: Decision) -> dict[str, str]:
    """Which series it was, and which doubts were set aside, for the audit trail."""
    return {
        "series": str(row.code),
        "content": content_of(row.scan, SCAN),
        "confirmed": "+".join(sorted(decision.confirmed))[:80],
    }


def _names_another(row: Candidate, decision: Decision) -> bool:
    """Whether the decision names another patient than the one whom the series was found or filed for."""
    if row.patient is None:
        return False
    if decision.patient is not None:
        return decision.patient.pk != row.patient_id
    return bool(decision.pseudonym) and decision.pseudonym.strip().lower() != row.patient.pseudonym.lower()


def _check_doubts(doubts: Sequence[Problem], decision: Decision) -> None:
    for doubt in doubts:
        code, sentence = doubt["code"], doubt["sentence"]
        if code in NEVER_FILED or code.startswith("E_"):
            raise FilingConflict(code, sentence)
        if code not in ANSWERED and code not in decision.confirmed:
            raise FilingConflict(code, f"{sentence} Confirm that you have checked this.", doubt)


def _check_released(row: Candidate, patient: Patient, doubts: Sequence[Problem]) -> frozenset[str]:
    """The doubts about this patient that a second person released; raises FilingConflict where one was not."""
    released = released_for(row, patient)
    left = [doubt for doubt in doubts if doubt["code"] not in released]
    if left:
        sentence = f"{left[0]['sentence']} It is held for a steward who did not send it."
        raise FilingConflict(left[0]["code"], sentence, held=left)
    return released


def _checked_facts(row: Candidate, decision: Decision) -> tuple[date, Modality]:
    acquired_on = row.acquired_on or decision.acquired_on
    if acquired_on is None:
        raise FilingConflict("Q_DATE", "The files do not say when the scan was taken. Enter the date of the scan.")
    if not EARLIEST_SCAN <= acquired_on <= timezone.localdate():
        raise FilingConflict("Q_DATE", "A scan is dated between 1980 and today. Enter the date of the scan.")
    modality = row.modality or decision.modality
    if modality not in list(Modality):
        raise FilingConflict("Q_MODALITY", "The file does not say how the scan was taken. Choose CT, MR or PET.")
    return acquired_on, Modality(modality)


def _patient_pk(team: Team, decision: Decision) -> int:
    """The chosen patient, or the one of this pseudonym; another team's is as good as taken."""
    chosen = decision.patient or _patient_of(team, decision.pseudonym.strip())
    if chosen.team_id != team.pk:
        raise FilingConflict("E_PATIENT", "This pseudonym is taken. Choose another one.")
    return chosen.pk


def _patient_of(team: Team, pseudonym: str) -> Patient:
    if not pseudonym:
        raise FilingConflict("Q_NEW_PATIENT", "Choose the patient, or enter a pseudonym for a new one.")
    if not is_readable(pseudonym, PSEUDONYM_LENGTH):
        raise FilingConflict("Q_NEW_PATIENT", "A pseudonym has at most 64 readable characters. Choose another one.")
    # One patient, however the pseudonym is capitalised.
    known = Patient.objects.filter(pseudonym__iexact=pseudonym).first()
    return known or Patient.objects.get_or_create(pseudonym=pseudonym, defaults={"team": team})[0]


def _learn(patient: Patient, row: Candidate, *, may_learn_identity: bool) -> None:
    """Keep the hashes of the first scan that has them, so that the next one finds its patient.

    A scan that was filed in spite of a doubt teaches nothing: it may be somebody else's.
    """
    identity = row.facts.get("identity", {}) if may_learn_identity else {}
    for name in ("patient_id_hmac", "birth_date_hmac", "sex_hmac"):
        if identity.get(name) and not getattr(patient, name):
            setattr(patient, name, identity[name])
    patient.is_synthetic = patient.is_synthetic or bool(row.facts.get("is_synthetic"))
    patient.save(update_fields=["patient_id_hmac", "birth_date_hmac", "sex_hmac", "is_synthetic"])


def _new_scan(
    row: Candidate,
    patient: Patient,
    acquired_on: date,
    modality: Modality,
    decision: Decision,
    confirmed: Sequence[Problem],
) -> Scan:
    facts: dict[str, Any] = row.facts
    return Scan.objects.create(
        patient=patient,
        timepoint=visit_of_new_scan(patient, acquired_on, row.volume_digest, decision.window_days),
        modality=modality,
        acquired_on=acquired_on,
        description=row.description,
        unit=facts["unit"] if row.modality else USUAL_UNIT[modality],
        series_instance_uid=facts.get("series_instance_uid", ""),
        frame_of_reference_uid=facts.get("frame_of_reference_uid", ""),
        volume_digest=row.volume_digest,
        volume_file=facts["volume_file"],
        geometry=facts["geometry"],
        facts={**facts, "confirmed": confirmed},
        instances=facts.get("instances", []),
        study_instance_uid=facts.get("study_instance_uid", ""),
        is_withheld=patient.is_withheld,
        is_synthetic=bool(facts.get("is_synthetic")),
        filed_by=decision.user,
    )
