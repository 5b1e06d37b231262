"""`manage.py import_scan`: a wrong word on the command line is told before anything is read."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from patients.models import Team, Upload
from tests.factories import TeamFactory

pytestmark = pytest.mark.django_db

COURSE = {"name": "Nivolumab", "drug_class": "ANTI_PD_L1", "started_on": "2024-01-15"}


@pytest.fixture
def scan(tmp_path):
    path = tmp_path / "scan.dcm"
    path.write_bytes(b"x")
    return path


def refuses(words: str, *arguments: object) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("import_scan", *map(str, arguments), stdout=io.StringIO(), stderr=io.StringIO())
    assert not Upload.objects.exists()


def test_a_path_that_is_not_there(tmp_path):
    refuses("There is no .*nowhere", tmp_path / "nowhere")


@pytest.mark.parametrize("pair", ["GTV", "=liver 1", "GTV="])
def test_a_link_without_both_names(scan, pair):
    refuses("NAME=LESION", scan, "--link", pair)


@pytest.mark.parametrize("day", ["2024-13-01", "01.02.2024", "yesterday"])
def test_a_date_that_is_none(scan, day):
    refuses("--date", scan, "--date", day)


@pytest.mark.parametrize(
    "changed, words",
    [
        ({"started_on": "soon"}, "soon"),
        ({"stopped_on": "2024-01-01"}, "stops before it starts"),
        ({"drug_class": "MAGIC"}, "MAGIC"),
        ({"name": " "}, "1 to 120 readable letters"),
        ({"name": "x" * 121}, "1 to 120 readable letters"),
    ],
)
def test_a_course_that_cannot_be(scan, tmp_path, changed, words):
    path = tmp_path / "course.json"
    path.write_text(json.dumps([{**COURSE, **changed}]))
    refuses(words, scan, "--course", path)


@pytest.mark.parametrize("content", ["{", "[1]", "null", '{"name": "x"}'])
def test_a_course_file_that_is_none(scan, tmp_path, content):
    path = tmp_path / "course.json"
    path.write_text(content)
    refuses("The course file cannot be used", scan, "--course", path)


def test_the_team_must_be_clear(scan):
    TeamFactory.create(name="North")
    refuses("There is no team named South", scan, "--team", "South")
    TeamFactory.create(name="South")
    refuses("There are several teams", scan)
    assert Team.objects.count() == 2
