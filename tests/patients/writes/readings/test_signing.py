"""One assessment: drafted, checked, signed, re-opened by a changed outline, and adjudicated."""

from datetime import timedelta
from typing import Any

import pytest

from patients.models import Adjudication, LesionReading, Reading
from patients.vocabulary import LesionRole, Organ
from patients.words.reading_words import (
    ClinicalStatus,
    DiameterFrom,
    NewDisease,
    NonTarget,
    NotTumour,
    ReadingState,
    Reappearance,
    SizeState,
    Trend,
)
from patients.writes.features import store_measurement
from patients.writes.lesions import link_outline, revise_lesion
from patients.writes.readings.content import LesionContent, ReadingContent, ReadingRefused
from patients.writes.readings.drafts import discard_reading, save_reading, start_reading
from patients.writes.readings.signing import adjudicate, sign_reading
from tests.factories import (
    BASELINE_ON,
    LesionFactory,
    LesionTreatmentFactory,
    MeasurementFactory,
    SegmentationFactory,
    TimepointFactory,
    TreatmentCourseFactory,
    UserFactory,
    signed_reading,
)
from tests.patients.rows import followed, scan_on

pytestmark = pytest.mark.django_db
JUDGED: dict[str, Any] = {"non_target": NonTarget.NA, "new_disease": NewDisease.NO}


@pytest.fixture
def patient():
    """Two targets of 30 and 12 mm at baseline, 20 and 11 mm at the second visit."""
    return followed([30.0, 20.0], [12.0, 11.0])


@pytest.fixture
def visit(patient):
    return patient.timepoints.order_by("pk").last()


@pytest.fixture
def baseline(patient):
    return patient.timepoints.order_by("pk").first()


@pytest.fixture
def reader():
    return UserFactory.create()


def draft(visit, reader, *lesions: LesionContent, **judged) -> Reading:
    return save_reading(start_reading(visit, reader), ReadingContent(lesions, **{**JUDGED, **judged}), reader)


def signed(visit, reader, *lesions: LesionContent, **judged) -> Reading:
    return sign_reading(draft(visit, reader, *lesions, **judged), reader)


def new_outline(visit, lesion, size=25.0):
    """A person links another outline of a lesion on the scan of a visit; it is measured afterwards."""
    outline = SegmentationFactory.create(scan=visit.scans.get(), lesion=None, roi_name="redrawn")
    assert link_outline(outline, lesion, UserFactory.create())
    sizes = {"longest_diameter_mm": size, "short_axis_mm": size, "volume_ml": 1.0, "absence": None}
    store_measurement(outline, {**sizes, "longest_at": {}, "shortest_at": {}, "component_diameters_mm": []})
    return outline


def refusal(act) -> ReadingRefused:
    with pytest.raises(ReadingRefused) as caught:
        act()
    return caught.value


def test_nothing_is_judged_in_a_new_draft_and_beginning_twice_gives_the_same(visit, reader):
    first = start_reading(visit, reader)
    assert start_reading(visit, reader) == first
    assert (first.non_target, first.new_disease, first.clinical_status, first.steroid_mg) == ("", "", "", None)
    assert not first.lesions.exists()
    assert start_reading(visit, UserFactory.create()) != first


def test_a_reading_without_a_login_names_its_reader(visit):
    assert refusal(lambda: start_reading(visit, None)).field == "reader"
    named = start_reading(visit, None, " R1 ")
    assert (named.reader_name, named.who, start_reading(visit, None, "R1")) == ("R1", "R1", named)


def test_the_whole_form_is_kept_and_kept_again(visit, reader, patient):
    liver, node = patient.lesions.all()
    row = draft(visit, reader, LesionContent(liver.pk), LesionContent(node.pk, SizeState.TOO_SMALL), note="a")
    row = draft(
        visit,
        reader,
        LesionContent(liver.pk, diameter_mm=8.2, diameter_from=DiameterFrom.TYPED, diameter_why=" blurred "),
        non_target_trend=Trend.SAME,
        regions_not_scanned=(Organ.BRAIN,),
        steroid_mg=0,
        clinical_status=ClinicalStatus.STABLE,
    )
    row.refresh_from_db()
    (said,) = row.lesions.all()
    assert (said.diameter_mm, said.diameter_from, said.diameter_why) == (8.2, "TYPED", "blurred")
    assert (row.regions_not_scanned, row.steroid_mg, row.non_target_trend, row.note) == (["BRAIN"], 0, "SAME", "")


TYPED = {"diameter_from": DiameterFrom.TYPED, "diameter_why": "blurred"}
WRONG_LESIONS = [
    ({"diameter_mm": 8.0, "diameter_from": DiameterFrom.TYPED}, "E_WHY", "diameter_why"),
    ({"diameter_mm": 8.0, "diameter_why": "blurred"}, "E_SIZE", "diameter_from"),
    ({"diameter_mm": 0.0, **TYPED}, "E_SIZE", "diameter_mm"),
    ({"diameter_mm": 600.1, **TYPED}, "E_SIZE", "diameter_mm"),
    ({"diameter_mm": float("nan"), **TYPED}, "E_SIZE", "diameter_mm"),
    ({"diameter_mm": -3.0, **TYPED}, "E_SIZE", "diameter_mm"),
    ({"diameter_mm": None, **TYPED}, "E_SIZE", "diameter_mm"),
    ({"diameter_mm": 8.0, "state": SizeState.ABSENT, **TYPED}, "E_SIZE", "diameter_mm"),
    ({"state": SizeState.NOT_EVALUABLE}, "E_WHY", "why"),
    ({"state": SizeState.SPLIT, "parts_mm": (8.0,)}, "E_SIZE", "parts_mm"),
    ({"state": SizeState.SPLIT, "parts_mm": (8.0, 0.0)}, "E_SIZE", "parts_mm"),
    ({"parts_mm": (8.0, 4.0)}, "E_SIZE", "parts_mm"),
    ({"state": SizeState.MERGED}, "E_MERGED", "merged_into"),
    ({"state": SizeState.MERGED, "merged_into_pk": -1}, "E_MERGED", "merged_into"),
    ({"merged_into_pk": -1}, "E_MERGED", "merged_into"),
    ({"observed_on": BASELINE_ON}, "E_DATE", "observed_on"),
    ({"why": "x" * 201}, "E_TEXT", "why"),
]


@pytest.mark.parametrize("said, code, field", WRONG_LESIONS)
def test_what_is_wrong_with_a_lesion_is_said_at_its_field(visit, reader, patient, said, code, field):
    lesion = patient.lesions.first()
    found = refusal(lambda: draft(visit, reader, LesionContent(lesion.pk, **said)))
    assert (found.code, found.field, found.lesion_pk) == (code, field, lesion.pk)
    assert len(found.problems) == 1
    assert not LesionReading.objects.exists()


WRONG_JUDGEMENTS = [
    ({"new_disease": NewDisease.EQUIVOCAL}, "new_disease_why"),
    ({"confirms_equivocal": True}, "confirms_equivocal"),
    ({"new_disease": NewDisease.YES, "confirms_equivocal": True, "equivocal_resolved": True}, "equivocal_resolved"),
    ({"reappearance": Reappearance.PROGRESSION}, "reappearance_why"),
    ({"steroid_mg": -1.0}, "steroid_mg"),
    ({"steroid_mg": float("inf")}, "steroid_mg"),
    ({"new_disease": NewDisease.YES, "new_on": BASELINE_ON + timedelta(80)}, "new_on"),
    ({"non_target_on": BASELINE_ON}, "non_target_on"),
]


@pytest.mark.parametrize("judged, field", WRONG_JUDGEMENTS)
def test_what_is_wrong_with_a_judgement_is_said_at_its_field(visit, reader, judged, field):
    found = refusal(lambda: draft(visit, reader, **judged))
    assert [problem.field for problem in found.problems] == [field]


def test_everything_that_is_wrong_is_said_at_once(visit, reader, patient):
    strange = LesionContent(LesionFactory.create().pk)
    lesion = LesionContent(patient.lesions.first().pk)
    found = refusal(lambda: draft(visit, reader, strange, lesion, lesion, steroid_mg=-1.0))
    assert [problem.field for problem in found.problems] == ["lesion", "lesion", "lesion", "steroid_mg"]


def test_a_lesion_merges_into_one_that_is_still_there(visit, reader, patient):
    one, other = patient.lesions.all()
    merged = LesionContent(one.pk, SizeState.MERGED, merged_into_pk=other.pk)
    circle = LesionContent(other.pk, SizeState.MERGED, merged_into_pk=one.pk)
    assert refusal(lambda: draft(visit, reader, merged, circle)).code == "E_MERGED"
    assert draft(visit, reader, merged).lesions.get().merged_into == other


def test_only_its_reader_writes_a_draft(visit, reader):
    row, other = start_reading(visit, reader), UserFactory.create()
    for act in (lambda: save_reading(row, ReadingContent(), other), lambda: sign_reading(row, other)):
        assert refusal(act).code == "E_READER"
    assert refusal(lambda: discard_reading(row, None)).code == "E_READER"
    discard_reading(row, reader)
    assert refusal(lambda: save_reading(row, ReadingContent(), reader)).code == "E_SIGNED"


def test_signing_notes_what_the_outlines_gave(visit, reader, patient):
    liver, node = patient.lesions.all()
    own = LesionContent(liver.pk, diameter_mm=22.5, **TYPED)  # type: ignore[arg-type]  # the reason and its kind
    row = signed(visit, reader, own)
    sizes = {said.lesion: (said.diameter_mm, said.outline_mm) for said in row.lesions.all()}
    assert sizes == {liver: (22.5, 20.0), node: (None, 11.0)}
    assert (row.state, len(row.inputs_digest), row.signed_at is not None) == ("SIGNED", 64, True)
    assert refusal(lambda: save_reading(row, ReadingContent(), reader)).code == "E_SIGNED"


def test_the_short_axis_counts_of_a_node(visit, reader, patient):
    patient.lesions.update(is_node=True, organ=Organ.LYMPH_NODE)
    assert sorted(said.outline_mm for said in signed(visit, reader).lesions.all()) == [0.7 * 11.0, 0.7 * 20.0]


def test_what_is_missing_is_said_when_signing(visit, reader, patient):
    unseen = LesionFactory.create(patient=patient, tracking_id="liver 9")
    row = draft(visit, reader, non_target=None, new_disease=None)
    found = refusal(lambda: sign_reading(row, reader, is_progression_open=True))
    fields = ["non_target", "new_disease", "clinical_status", "steroid_mg", "state"]
    assert [problem.field for problem in found.problems] == fields
    assert (found.problems[-1].lesion_pk, "liver 9" in found.problems[-1].sentence) == (unseen.pk, True)
    row.refresh_from_db()
    assert (row.state, row.lesions.count()) == ("DRAFT", 0)


def test_an_open_progression_asks_for_the_trend_of_non_target_disease(visit, reader):
    asked: dict[str, Any] = {"clinical_status": ClinicalStatus.STABLE, "steroid_mg": 0.0}
    row = draft(visit, reader, non_target=NonTarget.PD, **asked)
    found = refusal(lambda: sign_reading(row, reader, is_progression_open=True))
    assert [problem.field for problem in found.problems] == ["non_target_trend"]
    row = draft(visit, reader, non_target=NonTarget.PD, non_target_trend=Trend.INCREASED, **asked)
    assert sign_reading(row, reader, is_progression_open=True).state == ReadingState.SIGNED


def test_non_target_disease_cannot_be_called_none(visit, reader, patient):
    LesionFactory.create(patient=patient, role=LesionRole.NON_TARGET)
    assert refusal(lambda: signed(visit, reader)).code == "E_NON_TARGET"
    assert signed(visit, reader, non_target=NonTarget.NE).state == ReadingState.SIGNED


@pytest.mark.parametrize("absence, words", [("SEVERAL_PARTS", "it split"), ("EMPTY", "no size yet")])
def test_a_measured_lesion_needs_a_size(visit, reader, patient, absence, words):
    lesion = LesionFactory.create(patient=patient, role=LesionRole.NEW)
    said = LesionContent(lesion.pk)
    new = {"new_disease": NewDisease.YES}
    assert "no outline" in refusal(lambda: signed(visit, reader, said, **new)).sentence
    outline = SegmentationFactory.create(scan=visit.scans.get(), lesion=lesion)
    MeasurementFactory.create(segmentation=outline, absence=absence)
    assert words in refusal(lambda: signed(visit, reader, said, **new)).sentence
    split = LesionContent(lesion.pk, SizeState.SPLIT, parts_mm=(8.0, 4.0))
    assert signed(visit, reader, split, **new).lesions.get(lesion=lesion).outline == outline


def test_a_target_that_was_treated_by_itself_needs_no_word(visit, reader, patient):
    LesionTreatmentFactory.create(lesion=LesionFactory.create(patient=patient))
    assert signed(visit, reader).lesions.count() == 2


def role_of(lesion) -> str:
    lesion.refresh_from_db()
    return lesion.role


def test_the_first_readers_choice_of_targets_is_recorded_the_seconds_is_only_kept(baseline, reader, patient):
    liver = patient.lesions.first()
    chosen = LesionContent(liver.pk, role=LesionRole.NON_TARGET)
    signed(baseline, reader, chosen, non_target=NonTarget.NCNP)
    assert role_of(liver) == LesionRole.NON_TARGET
    signed(baseline, UserFactory.create(), LesionContent(liver.pk, role=LesionRole.TARGET), non_target=NonTarget.NCNP)
    assert role_of(liver) == LesionRole.NON_TARGET


def test_the_newest_version_of_the_baseline_decides_target_and_non_target(baseline, reader, patient):
    liver = patient.lesions.first()
    for role in (LesionRole.NON_TARGET, LesionRole.TARGET):
        signed(baseline, reader, LesionContent(liver.pk, role=role), non_target=NonTarget.NCNP)
        assert role_of(liver) == role


def test_the_reading_of_another_visit_never_changes_how_a_lesion_is_followed(baseline, visit, reader, patient):
    liver = patient.lesions.first()
    signed(baseline, reader, LesionContent(liver.pk, role=LesionRole.NON_TARGET), non_target=NonTarget.NCNP)
    signed(visit, reader, LesionContent(liver.pk, role=LesionRole.TARGET), non_target=NonTarget.NCNP)
    assert role_of(liver) == LesionRole.NON_TARGET


def test_an_older_visit_signed_again_after_the_next_line_began_changes_no_role(baseline, visit, reader, patient):
    """Its roles stay those of its own line of therapy, in the reading itself."""
    liver = patient.lesions.first()
    signed(baseline, reader, LesionContent(liver.pk, role=LesionRole.TARGET), non_target=NonTarget.NCNP)
    TreatmentCourseFactory.create(patient=patient, started_on=visit.scans.get().acquired_on)
    signed(visit, reader, LesionContent(liver.pk, role=LesionRole.NON_TARGET), non_target=NonTarget.NCNP)
    again = signed(baseline, reader, LesionContent(liver.pk, role=LesionRole.TARGET), non_target=NonTarget.NCNP)
    assert (role_of(liver), again.lesions.get(lesion=liver).role) == (LesionRole.NON_TARGET, LesionRole.TARGET)


def test_a_next_version_is_filled_with_what_was_signed_and_replaces_it(visit, reader, patient):
    why = {"new_disease": NewDisease.EQUIVOCAL, "new_disease_why": NotTumour.INFECTION}
    first = signed(visit, reader, **why)
    second = start_reading(visit, reader)
    assert (second.version, second.supersedes, second.new_disease_why) == (2, first, NotTumour.INFECTION)
    assert second.lesions.count() == 2
    sign_reading(second, reader)
    first.refresh_from_db()
    assert (first.state, Reading.objects.get(state=ReadingState.SIGNED)) == (ReadingState.REPLACED, second)


def test_another_outline_reopens_the_reading_and_keeps_what_was_signed(visit, reader, patient):
    first, liver = signed(visit, reader, note="seen"), patient.lesions.first()
    elsewhere = signed(patient.timepoints.first(), reader)
    new_outline(visit, liver, 25.0)
    first.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (first.state, elsewhere.state) == (ReadingState.REOPENED, ReadingState.SIGNED)
    assert first.lesions.get(lesion=liver).outline_mm == 20.0
    again = start_reading(visit, reader)
    assert (again.version, again.note, again.reopened_why) == (2, "seen", f"New outline of {liver.tracking_id}")
    assert sign_reading(again, reader).lesions.get(lesion=liver).outline_mm == 25.0
    first.refresh_from_db()
    assert first.state == ReadingState.REPLACED


def test_a_reading_signed_before_an_outline_was_measured_is_reopened_by_its_size(visit, reader, patient):
    lesion = LesionFactory.create(patient=patient, role=LesionRole.NON_TARGET)
    outline = SegmentationFactory.create(scan=visit.scans.get(), lesion=lesion)
    row = signed(visit, reader, non_target=NonTarget.NCNP)
    sizes = {"longest_diameter_mm": 9.0, "short_axis_mm": 9.0, "volume_ml": 1.0, "absence": None}
    measured = {**sizes, "longest_at": {}, "shortest_at": {}, "component_diameters_mm": []}
    store_measurement(outline, measured)
    row.refresh_from_db()
    assert (row.state, Reading.objects.count()) == (ReadingState.REOPENED, 2)
    store_measurement(outline, measured)
    assert Reading.objects.count() == 2


def test_a_lesion_that_becomes_a_node_reopens_and_one_that_is_renamed_does_not(visit, reader, patient):
    row, lesion = signed(visit, reader), patient.lesions.first()
    revise_lesion(lesion, "liver 77", Organ.LIVER, is_node=False, role=LesionRole.TARGET)
    row.refresh_from_db()
    assert row.state == ReadingState.SIGNED
    revise_lesion(lesion, "node 1", Organ.LYMPH_NODE, is_node=True, role=LesionRole.TARGET)
    row.refresh_from_db()
    assert row.state == ReadingState.REOPENED


def test_a_draft_under_way_is_told_why_and_keeps_what_it_says(visit, reader, patient):
    signed(visit, reader)
    under_way = draft(visit, reader, note="being revised")
    new_outline(visit, patient.lesions.first())
    under_way.refresh_from_db()
    assert (under_way.note, bool(under_way.reopened_why)) == ("being revised", True)


def test_what_was_measured_elsewhere_is_not_reopened(visit, patient):
    row = signed_reading(visit, None, {patient.lesions.first(): 12.0}, reader_name="R1")
    new_outline(visit, patient.lesions.first())
    row.refresh_from_db()
    assert row.state == ReadingState.SIGNED


def test_a_third_person_says_with_a_reason_which_reading_counts(baseline, reader, patient):
    visit, liver = baseline, patient.lesions.first()
    signed(visit, reader)
    other = UserFactory.create()
    second = signed(visit, other, LesionContent(liver.pk, role=LesionRole.NON_TARGET), non_target=NonTarget.NCNP)
    decider = UserFactory.create()
    assert refusal(lambda: adjudicate(visit, second, decider, "  ")).code == "E_WHY"
    assert refusal(lambda: adjudicate(visit, second, reader, "mine")).code == "E_OWN"
    decision = adjudicate(visit, second, decider, "portal venous phase")
    liver.refresh_from_db()
    assert (decision.reading, liver.role) == (second, LesionRole.NON_TARGET)


def test_there_is_nothing_to_decide_of_one_reading_or_another_visits(visit, reader, patient):
    row, decider = signed(visit, reader), UserFactory.create()
    assert refusal(lambda: adjudicate(visit, row, decider, "why")).code == "E_ADJUDICATION"
    signed(visit, UserFactory.create())
    elsewhere = signed_reading(TimepointFactory.create(patient=patient, judged_on=BASELINE_ON), reader)
    assert refusal(lambda: adjudicate(visit, elsewhere, decider, "why")).code == "E_ADJUDICATION"
    assert not Adjudication.objects.exists()


def test_a_visit_without_scans_is_read_by_typed_sizes(reader, patient):
    elsewhere = TimepointFactory.create(patient=patient, judged_on=BASELINE_ON + timedelta(100))
    liver, node = patient.lesions.all()
    typed = LesionContent(liver.pk, diameter_mm=18.0, **TYPED)  # type: ignore[arg-type]  # the reason and its kind
    late = LesionContent(node.pk, SizeState.ABSENT, observed_on=BASELINE_ON + timedelta(115))
    assert refusal(lambda: draft(elsewhere, reader, typed, late)).code == "E_DATE"
    row = signed(elsewhere, reader, typed, LesionContent(node.pk, SizeState.ABSENT))
    assert [said.outline_mm for said in row.lesions.all()] == [None, None]


def test_a_scan_filed_into_a_read_visit_changes_nothing_until_it_is_outlined(visit, reader, patient):
    row = signed(visit, reader)
    scan_on(patient, BASELINE_ON + timedelta(200))
    row.refresh_from_db()
    assert row.state == ReadingState.SIGNED
