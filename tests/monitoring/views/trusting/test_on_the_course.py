"""What may be compared, on the course page: hollow scans, dots beside lesions, the pair in the visit's drawer."""

import json

import pytest

from patients.models import LesionPair
from patients.words.trust_words import Comparability
from patients.writes.trusting.trust import accept_pair
from tests.comparing import blocked_pair, concluded, sharpened_patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(team):
    return sharpened_patient(team, lesions=2)


def page(client, patient, where: str = "") -> str:
    return client.get(f"/patients/{patient.code}/{where}").content.decode()


def figure(shown: str):
    return json.loads(shown.partition('class="figure-data">')[2].partition("</script>")[0])


def test_the_blocked_scan_is_hollow_and_the_lesions_have_their_dot(as_user, member, patient):
    shown = page(as_user(member), patient)
    drawing = figure(shown)
    scans = next(trace for trace in drawing["figure"]["data"] if trace["name"] == "CT scans")
    assert scans["marker"]["symbol"] == ["square", "square", "square-open"]
    assert [shape for shape in drawing["figure"]["layout"]["shapes"] if shape["line"].get("dash") == "dash"]
    assert shown.count("light-BLOCK_TEXTURE") == 2
    assert any("texture not comparable" in card for card in drawing["cards"].values())


def test_an_acceptance_is_on_the_chart_and_in_the_drawer(as_user, owner, patient):
    accept_pair(blocked_pair(patient), owner, "Looked at both.")
    concluded(patient)
    client = as_user(owner)
    cards = figure(page(client, patient))["cards"]
    assert any("Texture accepted by owner" in card and "Looked at both." in card for card in cards.values())
    drawer = page(client, patient, f"visits/{patient.timepoints.order_by('pk').last().pk}")
    assert "Accepted by owner" in drawer and "liver 1, liver 2" in drawer


def test_sizes_of_scans_that_are_not_comparable_at_all_are_withheld(as_user, member, patient):
    for pair in LesionPair.objects.filter(level=Comparability.BLOCK_TEXTURE):
        pair.level = Comparability.BLOCK
        pair.found["level"] = Comparability.BLOCK.value
        pair.save()
    assert page(as_user(member), patient).count("scans not comparable</span>") == 8


def heights_on_the_lesion_page(client, patient) -> list[float | None]:
    shown = client.get(f"/lesions/{patient.lesions.first().code}/?feature=original_glcm_Contrast").content.decode()
    return figure(shown)["figure"]["data"][0]["y"]


def test_no_line_of_texture_leads_to_a_blocked_scan_until_somebody_accepts_it(as_user, owner, patient):
    client = as_user(owner)
    first, second, gap, last = heights_on_the_lesion_page(client, patient)
    assert gap is None and None not in (first, second, last)
    for pair in LesionPair.objects.filter(level=Comparability.BLOCK_TEXTURE):
        accept_pair(pair, owner, "Looked at both.")
    concluded(patient)
    assert heights_on_the_lesion_page(client, patient) == [first, second, last]
