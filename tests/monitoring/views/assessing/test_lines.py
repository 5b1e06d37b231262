"""Drawn diameters on the pages: taken from the form, shown to whom the reading is shown, kept from blinded readers."""

import pytest

from patients.models import LesionReading, Segmentation
from patients.vocabulary import Role
from tests.assessing import address, entered, visits, words
from tests.factories import followed_patient, login

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(team, storage):
    return followed_patient(team, lesions=1, dates=2, storage=storage)


@pytest.fixture
def visit(patient):
    return visits(patient)[1]


@pytest.fixture
def outline(visit):
    return Segmentation.objects.get(scan__timepoint=visit)


@pytest.fixture
def reader(team):
    return login(team, Role.READER, username="anna")


def drawn(outline, **changed):
    """The fields of one drawn diameter: ten columns of 0.75 mm."""
    line = f"{outline.code} 1 104.00 123.00 114.00 123.00"
    said = {"is_own": "on", "diameter_mm": "7.5", "diameter_from": "DRAWN", "diameter_why": "leaks", "line": line}
    return {f"lesion-{outline.lesion_id}-{name}": value for name, value in (said | changed).items()}


def test_it_is_signed_and_shown_on_its_slice(as_user, reader, visit, outline):
    client = as_user(reader)
    assert client.post(address(visit), entered(visit, **drawn(outline))).status_code == 302
    said = LesionReading.objects.get()
    assert (said.diameter_mm, said.diameter_from, said.drawn_on) == (7.5, "DRAWN", outline)
    drawer = f"/lesions/{said.lesion.code}/drawn/{said.pk}"
    assert f'href="{drawer}"' in words(client.get(address(visit)))
    shown = words(client.get(drawer))
    assert "anna 7.5 mm" in shown and 'data-opens-at="1"' in shown
    assert "[104.0, 123.0], [114.0, 123.0]" in shown.replace("&quot;", '"')


def test_the_form_comes_back_with_the_line(as_user, reader, visit, outline):
    client, sent = as_user(reader), drawn(outline)
    client.post(address(visit), entered(visit, act="save", **sent))
    shown = words(client.get(address(visit)))
    assert f'value="{sent[f"lesion-{outline.lesion_id}-line"]}"' in shown and 'value="7.50"' in shown
    other = entered(visit, act="save", **drawn(outline, diameter_mm="9.9"))
    answer = client.post(address(visit), other)
    assert answer.status_code == 422 and "is 7.50 mm long, not 9.90 mm" in words(answer)


@pytest.mark.parametrize("line", ["x", "x 1 2 3 4 5", "{code} 1 2 3 4", "{code} 1 nan 3 4 5", "{code} 1.5 2 3 4 5"])
def test_what_is_no_line_is_refused_in_words(as_user, reader, visit, outline, line):
    sent = drawn(outline, line=line.format(code=outline.code))
    answer = as_user(reader).post(address(visit), entered(visit, **sent))
    assert answer.status_code == 422 and "cannot be read. Draw it again." in words(answer)


def test_a_typed_number_leaves_the_line_out_and_no_script_is_needed(as_user, reader, visit, outline):
    client = as_user(reader)
    typed = drawn(outline, diameter_from="TYPED", diameter_mm="9.9")
    assert client.post(address(visit), entered(visit, act="save", **typed)).status_code == 302
    assert LesionReading.objects.get().drawn_on is None
    assert client.post(address(visit), entered(visit, **drawn(outline, line="", diameter_mm="9.9"))).status_code == 302
    assert LesionReading.objects.get().diameter_from == "DRAWN"


def test_a_blinded_reader_sees_no_line_of_another(as_user, team, reader, visit, outline):
    as_user(reader).post(address(visit), entered(visit, **drawn(outline)))
    said = LesionReading.objects.get()
    own = f"/lesions/{said.lesion.code}/drawn/{said.pk}"
    places = (f"/lesions/{outline.lesion.code}/", f"/lesions/{outline.lesion.code}/drawer")
    second = as_user(login(team, Role.READER))
    assert second.get(own).status_code == 404
    assert all("anna 7.5" not in words(second.get(place)) for place in places)
    second.post(address(visit), entered(visit))
    assert second.get(own).status_code == 200
    board = as_user(login(team, Role.BOARD))
    assert all("anna 7.5" in words(client.get(place)) for client in (second, board) for place in places)


def test_a_draft_is_its_readers_alone_and_strangers_find_nothing(as_user, team, reader, stranger, visit, outline):
    as_user(reader).post(address(visit), entered(visit, act="save", **drawn(outline)))
    said = LesionReading.objects.get()
    own = f"/lesions/{said.lesion.code}/drawn/{said.pk}"
    drawer = f"/lesions/{outline.lesion.code}/drawer?visit={visit.pk}&outline={outline.code}"
    assert "your draft 7.5" in words(as_user(reader).get(drawer))
    board = as_user(login(team, Role.BOARD))
    assert "7.5 mm" not in words(board.get(drawer)) and board.get(own).status_code == 404
    assert as_user(stranger).get(own).status_code == 404


def test_only_a_reader_gets_the_caliper_and_only_for_the_visit(as_user, team, reader, visit, outline, patient):
    drawer = f"/lesions/{outline.lesion.code}/drawer?visit={visit.pk}&outline={outline.code}"
    shown = words(as_user(reader).get(drawer))
    assert shown.count("data-may-draw") == 1 and 'data-what="longest diameter"' in shown
    patient.lesions.update(is_node=True)
    assert 'data-what="short axis"' in words(as_user(reader).get(drawer))
    assert "data-caliper" not in words(as_user(login(team, Role.BOARD)).get(drawer))
    assert "data-caliper" not in words(as_user(reader).get(drawer.replace("visit=", "visit=no")))
