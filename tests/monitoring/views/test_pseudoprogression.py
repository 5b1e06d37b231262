"""The drawer of a patient's scores: state first, abstentions in words, parts that add up, nothing for the blinded."""

import re
from dataclasses import replace
from html import unescape

import pytest

from patients.concluded.trust_findings import EpisodeGrade
from patients.models import Patient
from patients.reads.timelines import patient_timeline
from patients.vocabulary import DrugClass, Role, Step, Tumour
from patients.words.reading_words import ClinicalStatus
from patients.words.trust_words import Grading
from patients.writes.findings import replace_findings
from patients.writes.trusting.scores import replace_scores
from radiomics_tasks import runs
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.hosting import ensure_default_model
from radiomics_tasks.steps.scoreboard import count_scores
from tests.factories import TeamFactory, login, signed_reading
from tests.patients.rows import followed
from tests.progressions import GROWN, lab, on, score_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def other_team():
    return TeamFactory.create()


@pytest.fixture
def anna(team):
    return login(team, Role.READER, username="anna")


@pytest.fixture
def patient(team, anna) -> Patient:
    """Growth at the second visit, read by Anna; blood is put into the timeline, not into rows."""
    ensure_default_model()
    found = followed([50.0, 65.0], team=team, tumour=Tumour.MELANOMA)
    found.courses.update(drug_class=DrugClass.ANTI_PD1)
    for visit in found.timepoints.order_by("scans__acquired_on"):
        signed_reading(visit, anna, clinical_status=ClinicalStatus.STABLE)
    concluded(found)
    return found


def concluded(patient: Patient, *labs) -> None:
    timeline = patient_timeline(patient.pk)
    if labs:
        days = timeline.timepoints[1].last_on - on(2)
        labs = tuple(replace(one, taken_on=one.taken_on + days) for one in labs)
    replace_findings(conclude(replace(timeline, labs=labs)))


def shown(client, patient: Patient, query: str = "", **headers) -> str:
    answer = client.get(f"/patients/{patient.code}/unconfirmed{query}", **headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_course_page_offers_a_drawer_and_shows_no_number(as_user, patient, team):
    client = as_user(login(team, Role.ONCOLOGIST))
    page = client.get(f"/patients/{patient.code}/").content.decode()
    assert "how likely is it not confirmed?" in page
    assert "base rate" not in page and "psp-" not in page and "Not enough evidence" not in page


def test_an_abstention_is_a_result_with_its_sentence(as_user, patient, team):
    text = shown(as_user(login(team, Role.BOARD)), patient)
    assert "iUPD: progression not yet confirmed; confirm between" in text
    assert "Not enough evidence" in text and "A blood value or ctDNA is needed" in text
    assert "psp-number" not in text and ">Together<" not in text
    assert "A score that is not available does not mean a low risk." in text


def test_a_number_stands_behind_the_state_with_its_prior_interval_and_parts_that_add_up(as_user, patient, team):
    concluded(patient, lab(on(2, -3), 1.4))
    text = shown(as_user(login(team, Role.BOARD)), patient)
    assert text.index("iUPD: progression not yet confirmed") < text.index("psp-number")
    assert "Not validated" in text and "base rate of this tumour" in text and "psp-default 0.2.0" in text
    assert "Not distinguishable from the base rate" in text
    table = text[text.index('<table class="psp-parts">') : text.index("</table>")]
    numbers = [float(one.replace("−", "-")) for one in re.findall(r'<td class="n">([+−\d.]+)</td>', table)]
    assert sum(numbers[:-1]) == pytest.approx(numbers[-1], abs=0.03)
    assert f"/patients/{patient.code}/labs" in table and "/lesions/" in table and "3 days before the scan" in table


def test_every_required_sentence_and_the_model_card_are_there(as_user, patient, team):
    model = ensure_default_model()
    text = shown(as_user(login(team, Role.BOARD)), patient)
    kept = patient.scores.get().score["required_sentences"]
    assert len(kept) >= 6 and f"/models/{model.digest}/" in text
    assert all(sentence in unescape(text) for sentence in kept)


def test_without_expert_weights_is_another_stored_number(as_user, patient, team):
    concluded(patient, lab(on(2, -3), 1.4))
    client = as_user(login(team, Role.BOARD))
    usual, strict = shown(client, patient), shown(client, patient, "?weights=published")
    assert "left out in evidence-only mode" in strict and "left out in evidence-only mode" not in usual


def test_what_was_superseded_stays_to_be_seen(as_user, patient, team):
    concluded(patient, lab(on(2, -3), 1.4))
    text = shown(as_user(login(team, Role.BOARD)), patient)
    assert ">Superseded<" in text and "Not enough evidence" in text


def test_a_later_assessment_grades_it_and_the_page_says_since_when(as_user, patient, team):
    row = patient.scores.get()
    score = replace(score_at(GROWN, 2), timepoint_pk=row.timepoint_id, course_pk=row.course_id)
    grade = EpisodeGrade(Grading.PSEUDOPROGRESSION, on(3), True, None, "")
    replace_scores(patient.pk, [replace(score, is_after_outcome=True, opened_on=row.opened_on, grades=(grade,))])
    text = shown(as_user(login(team, Role.BOARD)), patient)
    assert "Outcome known" in text and "Pseudoprogression: reset to a response" in text
    assert "The score had given no number." in text


def test_a_reader_who_has_not_signed_sees_no_score(as_user, patient, team):
    client = as_user(login(team, Role.READER, username="bert"))
    text = shown(client, patient)
    assert "first: what other readers called is hidden until you sign your own" in text
    assert "iUPD" not in text and "psp-" not in text
    assert "how likely is it not confirmed?" not in client.get(f"/patients/{patient.code}/").content.decode()


def test_the_reader_who_signed_sees_it(as_user, patient, anna):
    assert "iUPD: progression not yet confirmed" in shown(as_user(anna), patient)


def test_another_team_and_nobody_see_nothing(as_user, patient, other_team, client):
    stranger = as_user(login(other_team, Role.BOARD))
    assert stranger.get(f"/patients/{patient.code}/unconfirmed").status_code == 404
    assert client.get(f"/patients/{patient.code}/unconfirmed").status_code == 302


def test_the_drawer_closes_again(as_user, patient, team):
    client = as_user(login(team, Role.BOARD))
    opened = shown(client, patient, HTTP_HX_REQUEST="true")
    closed = shown(client, patient, "?closed", HTTP_HX_REQUEST="true")
    assert 'aria-expanded="true"' in opened and "<html" not in opened
    assert 'aria-expanded="false"' in closed and "psp-" not in closed


def test_the_scoreboard_is_empty_until_something_was_scored(as_user, team):
    text = as_user(login(team, Role.BOARD)).get("/pseudoprogression/").content.decode()
    assert "No unconfirmed progression has been scored yet." in text


def test_the_scoreboard_says_what_so_few_allow_and_only_of_own_teams(as_user, patient, team, other_team):
    count_scores(runs.arm(Step.SCOREBOARD, team.pk).pk)
    text = as_user(login(team, Role.BOARD)).get("/pseudoprogression/").content.decode()
    assert "nothing can be said" in text and "Waiting for a later assessment" in text
    assert team.name in text and "made-up" not in text
    other = as_user(login(other_team, Role.BOARD)).get("/pseudoprogression/").content.decode()
    assert "No unconfirmed progression has been scored yet." in other


def test_a_board_of_made_up_patients_says_so(as_user, patient, team):
    Patient.objects.update(is_synthetic=True)
    count_scores(runs.arm(Step.SCOREBOARD, team.pk).pk)
    text = as_user(login(team, Role.BOARD)).get("/pseudoprogression/").content.decode()
    assert ">SYNTHETIC<" in text and "from made-up patients, counted apart from all others" in text
