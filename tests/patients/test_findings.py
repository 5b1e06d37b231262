"""What was concluded: the response of a visit, and the latest one."""

from datetime import date
from decimal import Decimal

from patients.findings import PatientFindings, Response
from patients.vocabulary import Criterion, ResponseCategory


def response(timepoint_pk: int) -> Response:
    return Response(
        timepoint_pk,
        Criterion.RECIST_1_1_TARGET,
        ResponseCategory.SD,
        date(2024, 1, timepoint_pk),
        Decimal("10.0"),
        Decimal("10.0"),
        Decimal("10.0"),
        Decimal("10.0"),
        (),
        "SD_NEITHER",
        (),
    )


def test_the_response_of_a_visit() -> None:
    findings = PatientFindings(1, responses=(response(1), response(2)))
    assert findings.response_at(2) is findings.responses[1]
    assert findings.response_at(3) is None


def test_the_latest_response_is_the_last_visits() -> None:
    assert PatientFindings(1).latest is None
    findings = PatientFindings(1, responses=(response(1), response(2)))
    assert findings.latest is findings.responses[1]
