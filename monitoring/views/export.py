"""Measurements and features as tidy CSV, streamed."""

import csv
from collections.abc import Collection, Iterator
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from monitoring.access import Act, patient_for_user, require, signed_in
from patients.csv_cells import csv_cell
from patients.models import Patient
from patients.reads.exports import COLUMNS, tidy_rows


class Line:
    """A file for csv.writer that hands each line on instead of keeping it."""

    def write(self, text: str) -> str:
        """The line itself."""
        return text


def lines(patient_pks: Collection[int]) -> Iterator[str]:
    """The CSV, line by line, its names first."""
    writer = csv.writer(Line())
    yield writer.writerow(COLUMNS)
    for row in tidy_rows(patient_pks):
        yield writer.writerow([csv_cell(cell) for cell in row])


@signed_in
@require_safe
def patient_csv(request: HttpRequest, code: UUID) -> StreamingHttpResponse:
    """One patient."""
    patient = patient_for_user(request, code)
    return _answer([patient.pk], patient.pseudonym)


@signed_in
@require_safe
def cohort_csv(request: HttpRequest) -> StreamingHttpResponse:
    """All patients of the viewer's teams."""
    viewer = require(request, Act.READ)
    return _answer(list(Patient.objects.filter(team__in=viewer.teams).values_list("pk", flat=True)), "patients")


def _answer(patient_pks: Collection[int], name: str) -> StreamingHttpResponse:
    plain = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name)
    file_name = f"deltarad-{plain}-{timezone.localdate():%Y%m%d}.csv"
    return StreamingHttpResponse(
        lines(patient_pks),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file_name}"', "Cache-Control": "no-store"},
    )
