"""The form of one visit: entered, kept, signed once, revised; never proposed, never shown to who has not signed."""

import pytest

from patients.models import Reading
from patients.vocabulary import LesionRole, Role
from patients.words.reading_words import ReadingState
from patients.writes.readings.drafts import start_reading
from patients.writes.readings.signing import reopen_visits
from tests.assessing import address, entered, is_armed, visits, words
from tests.factories import ResponseSummaryFactory, followed_patient, login, signed_reading

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(team):
    return followed_patient(team, lesions=3, dates=3)


@pytest.fixture
def visit(patient):
    return visits(patient)[1]


@pytest.fixture
def reader(team):
    return login(team, Role.READER, username="reader")


def lesion_field(patient, place, name):
    return f"lesion-{patient.lesions.order_by('pk')[place].pk}-{name}"


def test_sizes_stand_there_and_judgements_do_not(as_user, reader, visit):
    shown = words(as_user(reader).get(address(visit)))
    assert "27.0 mm" in shown and "Assess visit 2" in shown
    assert shown.count('value="MEASURED" selected') == 3
    assert " checked" not in shown
    assert not Reading.objects.exists()


def test_a_visit_is_signed(as_user, reader, patient, visit):
    answer = as_user(reader).post(address(visit), entered(visit))
    assert (answer.status_code, answer["Location"]) == (302, address(visit))
    (row,) = Reading.objects.all()
    assert (row.state, row.reader, row.version, row.non_target) == (ReadingState.SIGNED, reader, 1, "NCNP")
    assert sorted(row.lesions.values_list("outline_mm", flat=True)) == [27.0, 28.0, 29.0]
    assert is_armed(patient)
    assert "by reader," in words(as_user(reader).get(address(visit)))


def test_the_same_form_sent_twice_is_signed_once(as_user, reader, visit):
    client = as_user(reader)
    for _ in range(2):
        answer = client.post(address(visit), entered(visit), follow=True)
        assert "is signed" in words(answer)
    assert [row.version for row in Reading.objects.all()] == [1]


def test_another_tab_is_told_and_nothing_of_it_is_kept(as_user, reader, visit):
    client = as_user(reader)
    client.post(address(visit), entered(visit))
    for act in ("sign", "save"):
        answer = client.post(address(visit), entered(visit, new_disease="YES", act=act))
        assert answer.status_code == 409
        assert "You have signed this assessment already (version 1)" in words(answer)
    (row,) = Reading.objects.all()
    assert row.new_disease == "NO"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"non_target": ""}, "Judge the non-target disease."),
        ({"non_target": "NA"}, "There is non-target disease"),
        ({"new_disease": ""}, "Say whether there is a new lesion."),
        ({"new_disease": "EQ"}, "Say why the finding is not called a new lesion yet."),
        ({"steroid_mg": "2,5"}, "Write the dose in mg a day with a decimal point"),
        ({"steroid_mg": "-1"}, "The dose is 0 to 2000 mg"),
        ({"non_target": "BETTER"}, "Select a valid choice."),
    ],
)
def test_what_is_missing_or_wrong_is_said_at_its_field(as_user, reader, visit, said, sentence):
    answer = as_user(reader).post(address(visit), entered(visit, **said))
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert not Reading.objects.exclude(state=ReadingState.DRAFT).exists()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"state": "NE"}, "Say why the lesion cannot be evaluated."),
        ({"is_own": "on", "diameter_mm": "12.5"}, "Give the reason for a diameter of your own."),
        ({"is_own": "on", "diameter_mm": "12,5", "diameter_why": "x"}, "Write millimetres with a decimal point"),
        ({"is_own": "on"}, "Enter the diameter in millimetres"),
        ({"is_own": "on", "diameter_mm": "6000", "diameter_why": "x"}, "at most 600 mm"),
        ({"state": "SPLIT", "parts": "12"}, "at least two"),
        ({"state": "SPLIT", "parts": "12 and 3"}, "A space stands between two parts."),
        ({"state": "MERGED"}, "Choose the other lesion"),
    ],
)
def test_what_is_wrong_with_a_lesion_is_said_there(as_user, reader, patient, visit, said, sentence):
    named = {lesion_field(patient, 0, name): value for name, value in said.items()}
    answer = as_user(reader).post(address(visit), entered(visit, **named))
    assert answer.status_code == 422
    assert sentence in words(answer)


def test_what_was_hidden_when_the_form_was_sent_is_not_said(as_user, reader, patient, visit):
    hidden = {"diameter_mm": "3x", "parts": "1;2", "why": "behind the spleen", "merged_into": "0"}
    named = {lesion_field(patient, 0, name): value for name, value in hidden.items() if name != "merged_into"}
    assert as_user(reader).post(address(visit), entered(visit, **named)).status_code == 302
    said = Reading.objects.get().lesions.order_by("pk")[0]
    assert (said.diameter_mm, said.parts_mm, said.why) == (None, [], "")


def test_every_state_is_kept_with_what_it_asks_for(as_user, reader, patient, visit):
    first, second, third = patient.lesions.order_by("pk")
    said = {
        f"lesion-{first.pk}-is_own": "on",
        f"lesion-{first.pk}-diameter_mm": "25.5",
        f"lesion-{first.pk}-diameter_from": "DRAWN",
        f"lesion-{first.pk}-diameter_why": "The outline takes in a vessel",
        f"lesion-{second.pk}-state": "SPLIT",
        f"lesion-{second.pk}-parts": "12.5; 8",
        f"lesion-{third.pk}-state": "NE",
        f"lesion-{third.pk}-why": "Below the last slice",
    }
    as_user(reader).post(address(visit), entered(visit, **said))
    rows = Reading.objects.get().lesions.order_by("lesion")
    assert [row.state for row in rows] == ["MEASURED", "SPLIT", "NE"]
    assert (rows[0].diameter_mm, rows[0].diameter_from, rows[0].outline_mm) == (25.5, "DRAWN", 27.0)
    assert (rows[1].parts_mm, rows[2].why) == ([12.5, 8.0], "Below the last slice")
    shown = words(as_user(reader).get(address(visit)))
    assert "The outline takes in a vessel (outline: 27.0 mm)" in shown


def test_a_draft_is_kept_as_it_is_and_filled_in_again(as_user, reader, patient, visit):
    client = as_user(reader)
    client.post(address(visit), entered(visit, act="save", non_target="", note="ask for the arterial phase"))
    (row,) = Reading.objects.all()
    assert (row.state, row.non_target, row.new_disease) == (ReadingState.DRAFT, "", "NO")
    assert not is_armed(patient)
    shown = words(client.get(address(visit)))
    assert "ask for the arterial phase" in shown and shown.count(" checked") == 1
    client.post(f"{address(visit)}/discard")
    assert not Reading.objects.exists()


def test_a_reader_revises_and_both_versions_are_kept(as_user, reader, visit):
    client = as_user(reader)
    client.post(address(visit), entered(visit))
    for _ in range(2):
        client.post(f"{address(visit)}/revise")
    assert Reading.objects.filter(state=ReadingState.DRAFT).count() == 1
    assert 'value="2"' in words(client.get(address(visit)))
    client.post(address(visit), entered(visit, version="2", new_disease="YES"))
    states = list(Reading.objects.order_by("version").values_list("state", "new_disease"))
    assert states == [(ReadingState.REPLACED, "NO"), (ReadingState.SIGNED, "YES")]
    assert "Version 1, signed" in words(client.get(address(visit)))


def test_a_changed_outline_opens_it_again_and_says_what_changed(as_user, reader, patient, visit):
    client = as_user(reader)
    client.post(address(visit), entered(visit))
    measured = patient.lesions.order_by("pk")[0].segmentations.order_by("pk")[1].measurement
    type(measured).objects.filter(pk=measured.pk).update(longest_diameter_mm=33.3)
    reopen_visits([visit.pk], "New outlines on the CT of 2024-03-04")
    shown = words(client.get(address(visit)))
    assert "Re-opened. New outlines on the CT of 2024-03-04." in shown
    assert "27.0 mm when signed, <strong>33.3 mm</strong> now" in shown
    answer = client.post(address(visit), entered(visit))
    assert answer.status_code == 409, "what stood open in another tab is of version 1"
    assert client.post(address(visit), entered(visit, version="2")).status_code == 302


def test_the_first_visit_asks_for_targets_and_for_nothing_to_compare(as_user, reader, patient):
    first = visits(patient)[0]
    shown = words(as_user(reader).get(address(first)))
    assert "Follow as" in shown and "There is some" in shown
    assert 'name="new_disease"' not in shown and 'name="non_target_trend"' not in shown
    roles = {lesion_field(patient, place, "role"): "NON_TARGET" for place in range(2)}
    as_user(reader).post(address(first), entered(first, **roles))
    assert Reading.objects.get().new_disease == "NO"
    assert patient.lesions.filter(role=LesionRole.NON_TARGET).count() == 3


def test_clinical_status_is_required_while_a_progression_is_open(as_user, reader, patient):
    second, third = visits(patient)[1:]
    block = {"opened_on": "2024-03-04", "drivers": ["T"], "outcome": "OPEN", "confirm_from": "2024-04-01"}
    block |= {"confirm_until": "2024-04-29", "closed_on": None, "label": ""}
    ResponseSummaryFactory.create(patient=patient, course=patient.courses.get(), blocks=[block])
    client = as_user(reader)
    assert "A progression of 4 Mar 2024 waits" in words(client.get(address(third)))
    answer = client.post(address(third), entered(third, non_target_trend="SAME"))
    assert answer.status_code == 422
    assert "state how the patient is" in words(answer) and "enter the steroid dose" in words(answer)
    whole = entered(third, non_target_trend="SAME", clinical_status="STABLE", steroid_mg="0")
    assert client.post(address(third), whole).status_code == 302
    assert client.post(address(second), entered(second)).status_code == 302


def test_a_new_lesion_is_opened_inside_the_form_once(as_user, reader, patient, visit):
    new = {"act": "add", "new_name": "bone 1", "new_organ": "BONE", "new_kind": "NLNT"}
    sent, client = entered(visit, note="keep me", **new), as_user(reader)
    for _ in range(2):
        assert client.post(address(visit), sent).status_code == 302
    lesion = patient.lesions.get(tracking_id="bone 1")
    assert (lesion.role, lesion.new_kind, lesion.created_by) == (LesionRole.NEW, "NLNT", reader)
    shown = words(client.get(address(visit)))
    assert "How bone 1 was found" in shown and "keep me" in shown
    answer = client.post(address(visit), sent | {"new_organ": "LIVER"})
    assert answer.status_code == 422 and patient.lesions.count() == 4
    assert "is required" in words(client.post(address(visit), sent | {"new_name": ""}))


def test_an_equivocal_finding_is_followed_to_its_end(as_user, reader, patient):
    second, third = visits(patient)[1:]
    client = as_user(reader)
    client.post(address(second), entered(second, new_disease="EQ", not_tumour="IMMUNE_RELATED"))
    assert Reading.objects.get().new_disease_why == "IMMUNE_RELATED"
    assert "Suspected immune-related event" in words(client.get(address(second)))
    assert "The earlier equivocal finding is" in words(client.get(address(third)))
    answer = client.post(address(third), entered(third, earlier="CONFIRMED"))
    assert "Only an unequivocal new lesion confirms" in words(answer)
    client.post(address(third), entered(third, earlier="CONFIRMED", new_disease="YES"))
    assert Reading.objects.get(timepoint=third).confirms_equivocal


def test_the_last_assessment_is_behind_a_key(as_user, reader, patient):
    second, third = visits(patient)[1:]
    as_user(reader).post(address(second), entered(second, note="first impression"))
    shown = words(as_user(reader).get(address(third)))
    assert "What you signed last, of 4 Mar 2024" in shown
    assert '<details class="panel prior no-print" data-prior>' in shown


def test_a_second_reader_sees_nothing_of_the_first_before_signing(as_user, reader, team, visit):
    as_user(reader).post(address(visit), entered(visit, note="secret of the first"))
    second = as_user(login(team, Role.READER, username="second"))
    shown = words(second.get(address(visit)))
    assert "secret of the first" not in shown and "1 signed by another reader, hidden until then" in shown
    second.post(address(visit), entered(visit, new_disease="YES"))
    assert "secret of the first" in words(second.get(address(visit)))
    assert Reading.objects.filter(state=ReadingState.SIGNED).count() == 2


def test_who_only_looks_sees_what_is_signed(as_user, member, reader, visit):
    assert "Nobody has signed" in words(as_user(member).get(address(visit)))
    start_reading(visit, reader)
    assert "Nobody has signed" in words(as_user(member).get(address(visit)))
    signed_reading(visit, login(visit.patient.team, Role.READER), note="seen by all")
    assert "seen by all" in words(as_user(member).get(address(visit)))


def test_only_the_team_and_only_readers(as_user, owner, member, stranger, patient, visit):
    elsewhere = visits(followed_patient(team=patient.team, lesions=1, dates=1))[0]
    for page in ("assessment", "assessment/revise", "assessment/discard"):
        assert as_user(member).post(address(visit, page), entered(visit)).status_code == 403
        assert as_user(stranger).post(address(visit, page), entered(visit)).status_code == 404
        of_another = f"/patients/{patient.code}/visits/{elsewhere.pk}/{page}"
        assert as_user(owner).post(of_another, entered(visit)).status_code == 404
    assert as_user(stranger).get(address(visit)).status_code == 404
    assert as_user(owner).get(address(visit)).status_code == 200
