"""The intake from a shell: hand files in, confirm what is unambiguous, wait until it is concluded."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from patients.doubts import Problem, problem
from patients.files import chunks, site_storage
from patients.models import Candidate, Hold, Lesion, Patient, Scan, Segmentation, Team, Upload
from patients.vocabulary import CandidateState, Organ, RunState, Step, UploadState
from patients.words.identity_words import HoldState
from patients.writes import uploads
from patients.writes.filing import Decision, FilingConflict, file_candidate, keep_doubts
from patients.writes.identity.holding import HoldRefused, decide
from patients.writes.lesions import LesionRefused, link_outline, open_lesion
from patients.writes.roles import proposed_role
from radiomics_tasks import runs
from radiomics_tasks.concluding import conclude_withheld
from radiomics_tasks.relay.standing import runs_for, unfinished
from radiomics_tasks.relay.waiting import to_stderr, wait

BEING_READ = (UploadState.RECEIVED, UploadState.READING)


@dataclass(frozen=True, slots=True)
class Answers:
    """What the caller says as the person who confirms.

    `new_lesions` and `links` (ROI name to lesion name) settle outlines that wait; `despite` holds
    the codes of doubts that were looked into. Those about identity are released by a second person alone: `by`, a
    steward who is not the sender, with `because`.
    """

    pseudonym: str = ""
    acquired_on: date | None = None
    modality: str = ""
    new_lesions: frozenset[str] = frozenset()
    links: Mapping[str, str] = field(default_factory=dict)
    despite: frozenset[str] = frozenset()
    by: User | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One series: the scan it was filed as, or the code and sentence why it was not.

    `left_out` says of a filed scan which of its outlines were not kept, and why.
    """

    name: str
    scan: Scan | None
    code: str = ""
    sentence: str = ""
    left_out: tuple[Problem, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether everything of the series was filed."""
        return self.scan is not None and not self.left_out


def hand_in(paths: Sequence[Path], team: Team, user: User | None = None) -> Upload:
    """Receive files and folders as one upload and queue its reading; empty files are passed over.

    Raises UploadRefused where a file is not taken or there is none, and leaves nothing behind.
    """
    upload = uploads.open_upload(team, user)
    limits = uploads.ReceivingLimits(
        settings.UPLOAD_MAX_FILE_BYTES, settings.UPLOAD_MAX_FILES, settings.UPLOAD_MAX_BYTES
    )
    storage = site_storage()
    try:
        for path, name in _files(paths):
            with path.open("rb") as file:
                uploads.receive_file(storage, upload, name, chunks(file), limits)
        with transaction.atomic():
            if not uploads.complete_upload(upload):
                raise uploads.UploadRefused("E_EMPTY", "There are no files, or only empty ones. Check what was named.")
            runs.arm(Step.INGEST, upload.pk)
    except (uploads.UploadRefused, OSError):
        uploads.abandon_upload(upload)
        storage.clear_staging(str(upload.code))
        raise
    return upload


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in inside:
            if file.is_file() and file.stat().st_size and (file == path or not file.is_symlink()):
                yield file, str(file.relative_to(path.parent))


def skipped_links(paths: Sequence[Path]) -> list[str]:
    """The symbolic links inside these folders: they may lead anywhere, so what they name is never received."""
    return [
        str(inner.relative_to(path.parent))
        for path in paths
        if path.is_dir()
        for inner in sorted(path.rglob("*"))
        if inner.is_symlink()
    ]


def wait_until_read(upload: Upload, tell: Callable[[str], object] = to_stderr) -> Upload:
    """Return when the triage table stands, or reading has failed for good. Raises WorkerLost."""
    wait(lambda: is_read(upload), {Step.INGEST: [upload.pk]}, tell)
    return upload


def is_read(upload: Upload) -> bool:
    """Whether the triage table stands, or reading has failed for good."""
    upload.refresh_from_db()
    run = runs_for(Step.INGEST, [upload.pk]).get(upload.pk)
    return upload.state not in BEING_READ or (run is not None and run.state == RunState.FAILED)


def confirm(upload: Upload, answers: Answers, user: User | None = None) -> list[Outcome]:
    """File every series of an upload that the answers settle, in the order of their dates."""
    found = sorted(upload.candidates.select_related("upload"), key=lambda row: (row.acquired_on or date.max, row.pk))
    if not found:
        run = runs_for(Step.INGEST, [upload.pk]).get(upload.pk)
        code, sentence = upload.reason_code, upload.reason
        if run is not None and run.state == RunState.FAILED:
            code, sentence = run.reason_code, run.reason
        return [Outcome("upload", None, code, sentence)]
    return [_confirm_one(candidate, answers, user) for candidate in found]


def _confirm_one(candidate: Candidate, answers: Answers, user: User | None) -> Outcome:
    name = " ".join(filter(None, [candidate.modality, str(candidate.acquired_on or ""), candidate.description]))
    is_double = candidate.state == CandidateState.DUPLICATE
    if is_double and candidate.scan is not None and _is_whose(candidate, answers):
        return _again(name, candidate.scan, answers, user)
    if candidate.state not in uploads.OPEN_STATES and not is_double:
        problem = candidate.problems[0] if candidate.problems else {"code": candidate.state, "sentence": ""}
        return Outcome(name, candidate.scan, problem["code"], problem["sentence"])
    decision = Decision(
        user=user,
        window_days=settings.VISIT_WINDOW_DAYS,
        patient=None if answers.pseudonym else candidate.patient,
        pseudonym=answers.pseudonym,
        acquired_on=answers.acquired_on,
        modality=answers.modality,
        confirmed=answers.despite,
    )
    try:
        try:
            scan = _file(candidate, decision, answers, user)
        except FilingConflict as conflict:
            hold = keep_doubts(candidate, decision, conflict) if conflict.held else None
            conclude_withheld(hold)
            if hold is None or not _may_release(hold, answers):
                raise
            decide(hold, _second_person(answers), answers.because, is_release=True)
            scan = _file(candidate, decision, answers, user)
        _release_outlines(candidate, answers, scan)
    except (FilingConflict, LesionRefused, HoldRefused) as refusal:
        return Outcome(name, None, refusal.code, refusal.sentence)
    return Outcome(name, scan, left_out=_left_out(candidate))


def _file(candidate: Candidate, decision: Decision, answers: Answers, user: User | None) -> Scan:
    with transaction.atomic():
        scan = file_candidate(candidate, decision)
        _settle_outlines(scan, answers, user)
        runs.arm(Step.EXTRACT, scan.pk)
        runs.arm(Step.REASSESS, scan.patient_id)
    return scan


def _may_release(hold: Hold, answers: Answers) -> bool:
    return answers.by is not None and set(hold.codes) <= answers.despite


def _second_person(answers: Answers) -> User:
    if answers.by is None:
        raise HoldRefused("E_ROLE", "Name the steward who looked into it with --by.")
    return answers.by


def _release_outlines(candidate: Candidate, answers: Answers, scan: Scan) -> None:
    """Outlines of a filed series that were held, where a second person named in the answers lets them in."""
    for hold in candidate.holds.filter(state=HoldState.OPEN).exclude(mask_digest=""):
        if _may_release(hold, answers):
            with transaction.atomic():
                decide(hold, _second_person(answers), answers.because, is_release=True)
                runs.arm(Step.EXTRACT, scan.pk)
                runs.arm(Step.REASSESS, scan.patient_id)


def _again(name: str, scan: Scan, answers: Answers, user: User | None) -> Outcome:
    """A series that is filed already: what the answers say of its waiting outlines counts all the same."""
    try:
        with transaction.atomic():
            if _settle_outlines(scan, answers, user):
                runs.arm(Step.EXTRACT, scan.pk)
                runs.arm(Step.REASSESS, scan.patient_id)
    except LesionRefused as refusal:
        return Outcome(name, None, refusal.code, refusal.sentence)
    return Outcome(name, scan)


def _is_whose(candidate: Candidate, answers: Answers) -> bool:
    """Whether the caller means the patient who has this series already."""
    known = candidate.patient.pseudonym if candidate.patient else ""
    return not answers.pseudonym or answers.pseudonym.strip().lower() == known.lower()


def _left_out(candidate: Candidate) -> tuple[Problem, ...]:
    candidate.refresh_from_db()
    return tuple(
        problem(known["code"], f"{outline['name']}: {known['sentence']}")
        for outline in candidate.outlines
        for known in outline["problems"]
    )


def _settle_outlines(scan: Scan, answers: Answers, user: User | None) -> int:
    """Link or open what the answers name; how many outlines that were."""
    settled = 0
    waiting = Segmentation.objects.filter(scan=scan, lesion=None, superseded_at=None)
    for outline in waiting:
        if outline.roi_name in answers.links:
            wanted = answers.links[outline.roi_name]
            lesion = Lesion.objects.filter(patient=scan.patient_id, tracking_id=wanted).first()
            if lesion is None:
                raise LesionRefused("E_NAME", f"The patient has no lesion named {wanted}. Check the name.")
            link_outline(outline, lesion, user)
            settled += 1
        elif outline.roi_name in answers.new_lesions:
            organ = Organ(outline.organ or Organ.OTHER)
            is_node = organ is Organ.LYMPH_NODE
            role = proposed_role(scan.patient, organ, scan)
            open_lesion(outline, outline.roi_name, organ, is_node=is_node, role=role, user=user)
            settled += 1
    return settled


def patients_of(outcomes: Sequence[Outcome]) -> list[Patient]:
    """The patients that these outcomes touched, each once."""
    keys = {outcome.scan.patient_id for outcome in outcomes if outcome.scan is not None}
    return list(Patient.objects.filter(pk__in=keys).order_by("pseudonym"))


def wait_until_concluded(patients: Sequence[Patient], tell: Callable[[str], object] = to_stderr) -> None:
    """Return when nothing is left to do for these patients. Raises WorkerLost."""
    keys = [patient.pk for patient in patients]
    scans = list(Scan.objects.filter(patient__in=keys).values_list("pk", flat=True))
    left = {Step.EXTRACT: scans, Step.REASSESS: keys}
    wait(lambda: not unfinished(left), left, tell)
