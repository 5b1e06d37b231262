"""Measurements, features and responses as tidy CSV, streamed."""

import csv
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from monitoring.access import NOT_FOUND, patient_for_user, require, signed_in, user_of
from monitoring.charts.response.calls import known_to
from monitoring.roles import Act
from monitoring.shifted_tables import DATES_SHIFTED, is_shifted, shifted
from monitoring.shown.response.calls_shown import blinding_of
from patients.concluded.trust_findings import Score
from patients.csv_cells import csv_cell
from patients.findings import Response
from patients.measured.columns import NAMES, texts_of
from patients.measured.written import table_lines
from patients.models import Patient
from patients.reads.findings import responses_of, summaries_of
from patients.reads.readings.due import JUDGED_CRITERIA, disagreements_of
from patients.reads.tables.columns import COLUMNS as FEATURE_COLUMNS
from patients.reads.tables.columns import one_feature_rows, places_of
from patients.reads.tables.exports import COLUMNS, tidy_rows
from patients.reads.tables.measurements import measured_rows
from patients.reads.tables.response_rows import COLUMNS as RESPONSE_COLUMNS
from patients.reads.tables.response_rows import response_rows
from patients.reads.tables.shifted_dates import (
    MEASUREMENTS,
    RESPONSES,
    shifted_names,
    shifted_rows,
)
from patients.reads.timelines import patient_timeline
from patients.reads.trail.head import carrying, headed
from patients.reads.trusting.scores import scores_in_force
from patients.trail.carried import with_column
from radiomics_tasks.further import is_further_profile

READERS_DIFFER = "READERS_DIFFER"


class Line:
    """A file for csv.writer that hands each line on instead of keeping it."""

    def write(self, text: str) -> str:
        """The line itself."""
        return text


def lines(patient_pks: Collection[int], profile: str = "", *, is_shifted: bool = False) -> Iterator[str]:
    """The CSV, line by line, its names first; shifted: the dates of each patient moved by days of its own."""
    rows = tidy_rows(patient_pks, profile)
    if is_shifted:
        return written(shifted_names(COLUMNS), shifted_rows(COLUMNS, rows, patient_pks, settings.SITE_KEY))
    return written(COLUMNS, rows)


def written(names: Sequence[str], rows: Iterable[Sequence[str | float | None]]) -> Iterator[str]:
    """Any table as CSV, line by line, each row with the head of the audit trail."""
    writer = csv.writer(Line())
    yield writer.writerow(with_column(names))
    for row in carrying(rows):
        yield writer.writerow([csv_cell(cell) for cell in row])


@signed_in
@require_safe
def patient_csv(request: HttpRequest, code: UUID) -> StreamingHttpResponse:
    """One patient."""
    patient = patient_for_user(request, code)
    return _answer(request, [patient.pk], patient.pseudonym)


@signed_in
@require_safe
def responses_csv(request: HttpRequest, code: UUID) -> StreamingHttpResponse:
    """What one patient's visits were called, with every explanation that this login may see."""
    patient = patient_for_user(request, code)
    timeline = patient_timeline(patient.pk, ())
    blinding = blinding_of(request, patient.pk)
    known = known_to(responses_of(patient.pk), timeline, blinding)
    scores: dict[tuple[int, int | None], Score] = {}
    if not blinding.hidden:
        known = flagged(known, disagreements_of(patient.pk))
        scores = {(one.timepoint_pk, one.course_pk): one.score for one in scores_in_force([patient.pk])}
    summaries = summaries_of(patient.pk)
    rows = response_rows(timeline, known, summaries, is_synthetic=patient.is_synthetic, scores=scores)
    name = f"{patient.pseudonym}-responses"
    if is_shifted(request):
        moved = shifted_rows(RESPONSE_COLUMNS, rows, [patient.pk], settings.SITE_KEY, RESPONSES)
        return _streamed(written(shifted_names(RESPONSE_COLUMNS, RESPONSES), moved), name + DATES_SHIFTED)
    return _streamed(written(RESPONSE_COLUMNS, rows), name)


def flagged(responses: Collection[Response], disputed: Collection[int]) -> list[Response]:
    """The responses, those that count flagged where readers of the visit differ and nobody has decided."""
    return [
        replace(found, flags=(*found.flags, READERS_DIFFER))
        if found.timepoint_pk in disputed and found.reader_pk is None and found.criterion in JUDGED_CRITERIA
        else found
        for found in responses
    ]


@signed_in
@require_safe
def measurements_csv(request: HttpRequest, code: UUID) -> StreamingHttpResponse:
    """What was signed of one patient, in the table that can be taken in again, without what is hidden from a reader."""
    patient = patient_for_user(request, code)
    hidden = blinding_of(request, patient.pk).hidden
    visits = patient_timeline(patient.pk, ()).timepoints
    # What others signed later tells of what is hidden.
    first = next((place for place, visit in enumerate(visits) if visit.pk in hidden), len(visits))
    days = {visit.last_on for visit in visits[first:]}
    own = user_of(request).get_username()
    rows = (row for row in measured_rows([patient.pk]) if row.on not in days or row.reader == own)
    name = f"{patient.pseudonym}-measurements"
    if is_shifted(request):
        return _streamed(headed(shifted(NAMES, map(texts_of, rows), patient, MEASUREMENTS)), name + DATES_SHIFTED)
    return _streamed(headed(partial(table_lines, rows)), name)


@signed_in
@require_safe
def cohort_csv(request: HttpRequest) -> StreamingHttpResponse:
    """All patients of the viewer's teams: every feature of theirs, or the one that is asked for."""
    viewer = require(request, Act.READ)
    patients = list(Patient.objects.filter(team__in=viewer.teams).values_list("pk", flat=True))
    feature = request.GET.get("feature", "").replace("\0", "")
    if not feature:
        return _answer(request, patients, "patients")
    profile = _profile(request)
    if not places_of(feature, profile):
        raise Http404(NOT_FOUND)
    return _streamed(one_feature_lines(feature, patients, profile, is_shifted=is_shifted(request)), feature)


def one_feature_lines(
    feature: str, patient_pks: Collection[int], profile: str = "", *, is_shifted: bool = False
) -> Iterator[str]:
    """One feature of a cohort as CSV, line by line, its names first."""
    rows = one_feature_rows(feature, patient_pks, profile)
    if is_shifted:
        moved = shifted_rows(FEATURE_COLUMNS, rows, patient_pks, settings.SITE_KEY)
        return written(shifted_names(FEATURE_COLUMNS), moved)
    return written(FEATURE_COLUMNS, rows)


def _profile(request: HttpRequest) -> str:
    """The further profile that is asked for; empty: what is followed."""
    profile = request.GET.get("profile", "")[:40]
    if profile and not is_further_profile(profile):
        raise Http404(NOT_FOUND)
    return profile


def _answer(request: HttpRequest, patient_pks: Collection[int], name: str) -> StreamingHttpResponse:
    """`?dates=shifted`: dates moved; `?profile=ct-full`: the features of a further profile."""
    moved, profile = is_shifted(request), _profile(request)
    name += f"-{profile}" * bool(profile) + DATES_SHIFTED * moved
    return _streamed(lines(patient_pks, profile, is_shifted=moved), name)


def _streamed(content: Iterator[str], name: str) -> StreamingHttpResponse:
    plain = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name)
    file_name = f"deltarad-{plain}-{timezone.localdate():%Y%m%d}.csv"
    return StreamingHttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file_name}"', "Cache-Control": "no-store"},
    )
