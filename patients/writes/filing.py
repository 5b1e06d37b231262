"""File a confirmed candidate: its patient, visit, scan and outlines, in one transaction or not at all."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from patients.models import Candidate, Patient, Scan, Team, Timepoint
from patients.vocabulary import CandidateState, Modality
from patients.writes import lesions
from patients.writes.uploads import OPEN_STATES, settle

# What a person may confirm after looking, and what nobody may file as it stands.
NEVER_FILED = ("Q_MIXED_PATIENT", "Q_SOP_CONFLICT")


class FilingConflict(Exception):
    """The candidate cannot be filed like this: a stable code and a sentence that says what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Decision:
    """What the confirming person says: whose scan, of which day, and which doubts were looked at.

    Either `patient` or a `pseudonym`, which may be new. `confirmed` holds the codes of the doubts.
    """

    user: AbstractBaseUser | None
    window_days: int
    patient: Patient | None = None
    pseudonym: str = ""
    acquired_on: date | None = None
    modality: str = ""
    confirmed: Collection[str] = field(default_factory=tuple)


def file_candidate(candidate: Candidate, decision: Decision) -> Scan:
    """Accept one series into its patient's record; filing twice gives the same scan.

    Raises FilingConflict, having changed nothing.
    """
    try:
        with transaction.atomic():
            return _file(candidate, decision)
    except IntegrityError:
        # Two people filed the same scan at once: the other one's stands, and this answer is theirs.
        filed = Candidate.objects.select_related("scan").get(pk=candidate.pk).scan
        if filed is not None:
            return filed
        raise FilingConflict("E_CONFLICT", "Someone else just changed this. Reload the page.") from None


def _file(candidate: Candidate, decision: Decision) -> Scan:
    row = Candidate.objects.select_for_update().get(pk=candidate.pk)
    if row.state == CandidateState.FILED and row.scan is not None:
        return row.scan
    if row.state not in OPEN_STATES:
        raise FilingConflict("E_CONFLICT", "This series was settled meanwhile. Reload the page.")
    _check_doubts(row, decision)
    acquired_on, modality = _checked_facts(row, decision)
    patient = _locked_patient(row, decision)
    scan = Scan.objects.filter(patient=patient, volume_digest=row.volume_digest).first()
    is_first = not patient.scans.exists()
    if scan is None:
        scan = _new_scan(row, patient, acquired_on, modality, decision)
    lesions.store_outlines(scan, row.outlines, decision.user, may_open_lesions=is_first)
    row.state, row.scan, row.patient, row.acquired_on = CandidateState.FILED, scan, patient, acquired_on
    row.save(update_fields=["state", "scan", "patient", "acquired_on"])
    settle(row.upload)
    return scan


def _check_doubts(row: Candidate, decision: Decision) -> None:
    answered = {"Q_DATE", "Q_MODALITY", "Q_NEW_PATIENT", *decision.confirmed}
    for problem in row.problems:
        if problem["code"] in NEVER_FILED or problem["code"].startswith("E_"):
            raise FilingConflict(problem["code"], problem["sentence"])
        if problem["code"] not in answered:
            raise FilingConflict(problem["code"], f"{problem['sentence']} Confirm that you have checked this.")


def _checked_facts(row: Candidate, decision: Decision) -> tuple[date, str]:
    acquired_on = row.acquired_on or decision.acquired_on
    if acquired_on is None:
        raise FilingConflict("Q_DATE", "The files do not say when the scan was taken. Enter the date of the scan.")
    modality = row.modality or decision.modality
    if modality not in list(Modality):
        raise FilingConflict("Q_MODALITY", "The file does not say how the scan was taken. Choose CT, MR or PET.")
    return acquired_on, modality


def _locked_patient(row: Candidate, decision: Decision) -> Patient:
    """The patient, locked: two filings for one patient happen one after the other."""
    if decision.patient is not None:
        patient = Patient.objects.select_for_update().get(pk=decision.patient.pk)
    else:
        pseudonym = decision.pseudonym.strip()
        if not pseudonym:
            raise FilingConflict("Q_NEW_PATIENT", "Choose the patient, or enter a pseudonym for a new one.")
        patient = _patient_of(row.upload.team, pseudonym)
    if patient.team_id != row.upload.team_id:
        raise FilingConflict("E_PATIENT", "This pseudonym is taken. Choose another one.")
    _learn_identity(patient, row)
    return patient


def _patient_of(team: Team, pseudonym: str) -> Patient:
    Patient.objects.get_or_create(pseudonym=pseudonym, defaults={"team": team})
    return Patient.objects.select_for_update().get(pseudonym=pseudonym)


def _learn_identity(patient: Patient, row: Candidate) -> None:
    """Keep the hashes of the first scan that has them, so that the next one finds its patient."""
    identity = row.facts.get("identity", {})
    for name in ("patient_id_hmac", "birth_date_hmac", "sex_hmac"):
        if identity.get(name) and not getattr(patient, name):
            setattr(patient, name, identity[name])
    patient.is_synthetic = patient.is_synthetic or bool(row.facts.get("is_synthetic"))
    patient.save()


def _new_scan(row: Candidate, patient: Patient, acquired_on: date, modality: str, decision: Decision) -> Scan:
    facts: dict[str, Any] = row.facts
    confirmed = [problem for problem in row.problems if problem["code"] in decision.confirmed]
    return Scan.objects.create(
        patient=patient,
        timepoint=_timepoint(patient, acquired_on, decision.window_days),
        modality=modality,
        acquired_on=acquired_on,
        description=row.description,
        unit=facts["unit"] if row.modality else {"CT": "HU", "MR": "a.u.", "PT": "SUVbw"}[modality],
        series_instance_uid=facts.get("series_instance_uid", ""),
        frame_of_reference_uid=facts.get("frame_of_reference_uid", ""),
        volume_digest=row.volume_digest,
        volume_file=facts["volume_file"],
        geometry=facts["geometry"],
        facts={**facts, "confirmed": confirmed},
        instances=facts.get("instances", []),
        is_synthetic=bool(facts.get("is_synthetic")),
        filed_by=decision.user,
    )


def _timepoint(patient: Patient, acquired_on: date, window_days: int) -> Timepoint:
    """The visit whose scans all lie within the window of this date, the nearest one, else a new one."""
    window = timedelta(days=window_days)
    nearest: tuple[timedelta, Timepoint] | None = None
    for timepoint in patient.timepoints.prefetch_related("scans"):
        dates = [scan.acquired_on for scan in timepoint.scans.all()]
        if dates and max(*dates, acquired_on) - min(*dates, acquired_on) <= window:
            distance = min(abs(acquired_on - day) for day in dates)
            if nearest is None or distance < nearest[0]:
                nearest = (distance, timepoint)
    return nearest[1] if nearest else Timepoint.objects.create(patient=patient)
