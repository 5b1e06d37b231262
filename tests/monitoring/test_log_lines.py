"""Log lines: one object a line, ids alone, and nothing that a caller or a row could write into them."""

import io
import json
import logging
import sys

import pytest
from django.db import IntegrityError, OperationalError, transaction

from monitoring.log_lines import JsonLines, PlainLines
from monitoring.requests_told import HEADER
from patients.told_of import telling_of_request, telling_of_run
from radiomics_tasks import runs
from tests.factories import PatientFactory, ProcessingRunFactory

NASTY = 'x\r\n{"level": "ERROR"}\x1b[2J\x1b]0;owned\x07\x9b31m\u2028\u2029\u202e\x00\x7f'
# Line breaks of any kind, escapes, and what turns the direction of writing.
FORBIDDEN = "\r\n\x1b\x07\x9b\u2028\u2029\u202e\x00\x7f\x85\x0b\x0c"


def line_of(formatter: logging.Formatter, message: str, *args: object, trace: bool = False) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    record = logging.LogRecord("test", logging.INFO, __file__, 1, message, args, sys.exc_info() if trace else None)
    handler.handle(record)
    return stream.getvalue().removesuffix("\n")


@pytest.mark.parametrize("formatter", [JsonLines(), PlainLines("%(levelname)s %(message)s")], ids=["json", "plain"])
def test_nothing_breaks_out_of_its_line(formatter):
    line = line_of(formatter, "not found: %s", NASTY)
    assert [letter for letter in FORBIDDEN if letter in line] == []
    assert line.isascii() or isinstance(formatter, PlainLines)


def test_a_line_is_one_object_with_its_ids():
    with telling_of_request("0123456789abcdef"), telling_of_run(7):
        line = json.loads(line_of(JsonLines(), "done %s", NASTY))
    assert (line["request"], line["run"]) == ("0123456789abcdef", 7)
    assert line["message"] == f"done {NASTY}"
    assert "request" not in json.loads(line_of(JsonLines(), "outside"))


def test_a_long_message_is_cut():
    assert len(json.loads(line_of(JsonLines(), "y" * 100_000))["message"]) == 2000


@pytest.mark.django_db
def test_an_exception_tells_its_places_and_not_its_words():
    PatientFactory.create(pseudonym="Sentinel^Name")
    try:
        with transaction.atomic():
            PatientFactory.create(pseudonym="Sentinel^Name")
    except IntegrityError:
        line = line_of(JsonLines(), "it broke", trace=True)
    assert "Sentinel" not in line
    trace = json.loads(line)["trace"]
    assert "django.db.utils.IntegrityError" in trace
    assert any("test_log_lines.py" in place for place in trace)


@pytest.mark.django_db
def test_every_answer_has_its_id_and_takes_over_only_an_id(client):
    given = client.get("/healthz", headers={HEADER: "proxy-0123456789"})
    assert given[HEADER] == "proxy-0123456789"
    own = [client.get("/healthz", headers={HEADER: said})[HEADER] for said in ("short", "x\u00e9" * 8, "a b c d e f g")]
    assert all(len(said) == 32 for said in own)
    assert len(set(own)) == 3
    assert len(client.get("/nowhere")[HEADER]) == 32


@pytest.mark.django_db
def test_work_tells_its_run(caplog):
    run = ProcessingRunFactory.create()
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record):
            lines.append(JsonLines().format(record))

    logging.getLogger("radiomics_tasks.runs").addHandler(kept := Kept())
    try:
        with runs.working(run.pk):
            raise RuntimeError("Sentinel^Name")
    finally:
        logging.getLogger("radiomics_tasks.runs").removeHandler(kept)
    (line,) = lines
    assert json.loads(line)["run"] == run.pk
    assert "Sentinel" not in line


@pytest.mark.parametrize("where", ["views.home.login", "security.gate.policy_of"], ids=["view", "gate"])
def test_a_database_that_is_away_is_said_in_words(client, monkeypatch, where):
    def gone(*_args, **_kwargs):
        raise OperationalError("server closed the connection")

    client.raise_request_exception = False
    monkeypatch.setattr(f"monitoring.{where}", gone)
    answer = client.get("/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Nothing was stored" in answer.content.decode()
