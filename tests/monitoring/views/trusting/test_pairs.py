"""A blocked pair is accepted by a reader or an oncologist with a reason, taken back, and never twice or unseen."""

import pytest

from monitoring.shown.trust.pairs_shown import shown_digest
from patients.models import FeatureDelta, LesionPair, PairAcceptance
from patients.reads.tables.exports import COLUMNS, tidy_rows
from patients.reads.trusting.trust import comparison_of
from patients.vocabulary import Absence, Reference, Role, RunState, Step
from patients.words.trust_words import Comparability
from patients.writes.findings import note_standing
from radiomics_tasks.in_force import in_force_now
from radiomics_tasks.models import ProcessingRun
from tests.comparing import blocked_pair, concluded, sharpened_patient, unscaled_patient
from tests.factories import ProcessingRunFactory, login
from tests.standing import let_stand

pytestmark = pytest.mark.django_db

REASON = "Reconstructed again with the soft kernel."
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def patient(team):
    return sharpened_patient(team, lesions=1)


@pytest.fixture
def pair(patient):
    return blocked_pair(patient)


def page(client, pair) -> str:
    return client.get(f"/lesions/{pair.lesion.code}/").content.decode()


def shown(client, pair) -> str:
    """The hidden field of the form, as the page sends it."""
    return page(client, pair).partition('name="seen" value="')[2].partition('"')[0]


def accept(client, pair, seen: str, reason: str = REASON):
    address = f"/lesions/{pair.lesion.code}/pairs/{pair.then_scan_id}/{pair.now_scan_id}/accept"
    return client.post(address, {"reason": reason, "seen": seen})


def settle(patient) -> None:
    """What the worker does of what was armed."""
    concluded(patient)
    let_stand(ProcessingRun.objects.all(), state=RunState.DONE)


def test_each_pair_has_its_light_its_sentence_and_every_finding(as_user, member, pair):
    told = page(as_user(member), pair)
    assert "light-BLOCK_TEXTURE" in told and "Texture not comparable" in told
    assert "Reconstruction kernels of different classes" in told
    assert "(0018,1210)" in told and "Could not be seen" in told
    assert Absence.NOT_COMPARABLE.label in told
    assert "Accept in my name" not in told and "may accept the pair" in told


@pytest.mark.parametrize("role", [Role.READER, Role.ONCOLOGIST])
def test_a_reader_or_an_oncologist_accepts_and_the_change_is_there(as_user, team, patient, pair, role):
    client = as_user(login(team, role, username="anna"))
    answer = accept(client, pair, shown(client, pair))
    assert answer["Location"] == f"/lesions/{pair.lesion.code}/#pairs"
    assert ProcessingRun.objects.filter(step=Step.REASSESS, subject_pk=patient.pk, state=RunState.QUEUED).exists()
    assert 'hx-trigger="every 2s"' in page(client, pair)
    settle(patient)
    told = page(client, pair)
    assert "Accepted by anna" in told and REASON in told and "Take it back" in told
    delta = FeatureDelta.objects.get(lesion=pair.lesion, timepoint=pair.timepoint, reference=Reference.BASELINE)
    assert delta.absolute[1] is not None


def test_the_same_word_sent_twice_is_one_word(as_user, owner, pair):
    client = as_user(owner)
    seen = shown(client, pair)
    assert [accept(client, pair, seen).status_code for _ in range(2)] == [302, 302]
    assert PairAcceptance.objects.get().reason == REASON


def test_another_reason_from_a_second_tab_is_not_lost_without_a_word(as_user, owner, pair):
    client = as_user(owner)
    seen = shown(client, pair)
    accept(client, pair, seen)
    accept(client, pair, seen, "Another reason.")
    assert f"You had accepted this pair already: “{REASON}” To change that, take it back first." in page(client, pair)
    assert PairAcceptance.objects.get().reason == REASON


def test_who_comes_second_is_told_whose_word_is_in_force(as_user, owner, team, pair):
    first, second = as_user(owner), as_user(login(team, Role.READER, username="boris"))
    seen = shown(second, pair)
    accept(first, pair, seen)
    accept(second, pair, seen, "Another reason.")
    assert "owner had accepted this pair already" in page(second, pair)
    assert PairAcceptance.objects.get().reason == REASON


@pytest.mark.parametrize("reason", ["", "   ", "\u202eno", "x" * 501])
def test_without_a_reason_that_can_be_read_nothing_is_accepted(as_user, owner, pair, reason):
    client = as_user(owner)
    answer = accept(client, pair, shown(client, pair), reason)
    assert answer.status_code == 422
    assert "reason" in answer.content.decode() and not PairAcceptance.objects.exists()


def test_what_was_not_seen_is_not_accepted(as_user, owner, pair):
    answer = accept(as_user(owner), pair, "something else")
    assert answer.status_code == 422
    assert "has changed meanwhile" in answer.content.decode() and not PairAcceptance.objects.exists()


@pytest.mark.parametrize(
    ("level", "words"), [(Comparability.BLOCK, "nobody can accept that"), (Comparability.WARN, "nothing to accept")]
)
def test_only_blocked_texture_can_be_accepted(as_user, owner, pair, level, words):
    client = as_user(owner)
    LesionPair.objects.filter(pk=pair.pk).update(level=level, found={**pair.found, "level": level})
    pair.refresh_from_db()
    LesionPair.objects.exclude(pk=pair.pk).delete()
    answer = accept(client, pair, shown_digest(comparison_of(pair)))
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not PairAcceptance.objects.exists()


def test_a_word_is_taken_back_and_kept(as_user, owner, team, patient, pair):
    client = as_user(owner)
    accept(client, pair, shown(client, pair))
    settle(patient)
    word = PairAcceptance.objects.get()
    address = f"/lesions/{pair.lesion.code}/acceptances/{word.pk}/withdraw"
    assert [client.post(address).status_code for _ in range(2)] == [302, 302]
    word.refresh_from_db()
    assert word.withdrawn_at is not None and word.withdrawn_by == owner
    settle(patient)
    assert "Accepted by" not in page(client, pair) and "Accept in my name" in page(client, pair)


def test_who_only_looks_may_not_and_strangers_find_nothing(as_user, owner, member, stranger, team, pair):
    seen = shown(as_user(owner), pair)
    accept(as_user(owner), pair, seen)
    back = f"/lesions/{pair.lesion.code}/acceptances/{PairAcceptance.objects.get().pk}/withdraw"
    for user, status in ((member, 403), (login(team, Role.COORDINATOR), 403), (stranger, 404)):
        client = as_user(user)
        assert (accept(client, pair, seen).status_code, client.post(back).status_code) == (status, status)
    assert as_user(stranger).get(f"/lesions/{pair.lesion.code}/pairs").status_code == 404
    assert PairAcceptance.objects.get().withdrawn_at is None


def test_a_word_of_another_patient_is_not_found(as_user, owner, team, pair):
    other = blocked_pair(sharpened_patient(team, lesions=1))
    client = as_user(owner)
    accept(client, other, shown(client, other))
    word = PairAcceptance.objects.get()
    assert client.post(f"/lesions/{pair.lesion.code}/acceptances/{word.pk}/withdraw").status_code == 404
    assert accept(client, pair, "x", "y").status_code == 422
    gone = f"/lesions/{pair.lesion.code}/pairs/{other.then_scan_id}/{other.now_scan_id}/accept"
    assert client.post(gone, {"reason": REASON, "seen": "x"}).status_code == 404


def test_the_panel_asks_until_it_is_concluded_and_then_renews_the_features(as_user, member, patient, pair):
    run = ProcessingRunFactory.create(step=Step.REASSESS, subject_pk=patient.pk, state=RunState.QUEUED)
    client = as_user(member)
    address = f"/lesions/{pair.lesion.code}/pairs"
    headers = {**FRAGMENT, "HX-Current-URL": f"http://here/lesions/{pair.lesion.code}/?feature=a_b"}
    waiting = client.get(f"{address}?was", headers=headers).content.decode()
    assert 'hx-trigger="every 2s"' in waiting and 'hx-trigger="load"' not in waiting
    let_stand(ProcessingRun.objects.filter(pk=run.pk), state=RunState.FAILED, reason="The disk is full.")
    done = client.get(f"{address}?was", headers=headers).content.decode()
    assert f'hx-get="/lesions/{pair.lesion.code}/?feature=a_b" hx-trigger="load"' in done
    assert "Concluding failed: The disk is full." in done


def test_the_rules_in_force_are_a_page(as_user, member, stranger, client):
    told = as_user(member).get("/comparability/rules").content.decode()
    assert "acquisition-default, version" in told and "KERNEL" in told and "(0018,1210)" in told
    assert as_user(login(stranger.memberships.get().team, Role.AUDITOR)).get("/comparability/rules").status_code == 403
    assert client.get("/comparability/rules").status_code == 302


def test_the_page_of_rules_counts_who_waits_to_be_concluded_under_them(as_user, member, patient):
    client = as_user(member)
    assert "1 patient waits</strong> to be concluded" in client.get("/comparability/rules").content.decode()
    now = in_force_now()
    note_standing(patient.pk, now.rules_digest, now.protocol_digest)
    told = client.get("/comparability/rules").content.decode()
    assert "all are concluded under these rules and this protocol" in told and now.rules_digest in told


def test_nowhere_is_a_change_of_size_between_scans_that_are_not_comparable(as_user, member, team):
    """Sizes of 30, 28 and 26 mm: no page, card or file tells how they differ, each tells why."""
    patient = unscaled_patient(team, lesions=1, dates=3)
    lesion, client = patient.lesions.get(), as_user(member)
    course, own = (
        client.get(f"/{at}/").content.decode() for at in (f"patients/{patient.code}", f"lesions/{lesion.code}")
    )
    cells = course.partition('class="rows lesions"')[2].partition("</table>")[0]
    assert cells.count("scans not comparable</span>") == 4
    assert "%" not in cells
    growth = own.partition('id="growth-title"')[2].partition("</section>")[0]
    assert growth.count("scans not comparable") == 9
    outline = patient.scans.order_by("acquired_on").last().segmentations.get()
    for reference in Reference:
        asked = {"size": "volume_ml", "reference": reference.value}
        said = client.get(f"/outlines/{outline.code}/number", asked).content.decode()
        assert "withheld: the two scans are not comparable" in said
    told = [dict(zip(COLUMNS, row, strict=True)) for row in tidy_rows([patient.pk])]
    sizes = [(row["scan_date"], row["from_baseline"]) for row in told if row["feature"] == "volume_ml"]
    assert [change is None for _, change in sorted(sizes)] == [True, False, True]
