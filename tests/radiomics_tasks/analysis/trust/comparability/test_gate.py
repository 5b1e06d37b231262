"""Every question of the acquisition rules is met by a pair and missed by one just beside it; silence is told."""

import json
from dataclasses import replace
from datetime import date

import pytest

from patients.vocabulary import Organ
from patients.words.trust_words import Comparability
from radiomics_tasks.analysis.trust.comparability.gate import contrast_phase_hits, pair_comparability
from radiomics_tasks.analysis.trust.comparability.rules import default_rules
from radiomics_tasks.analysis.trust.comparability.scan_facts import OutlineFacts, Probes, ScanFacts
from tests.radiomics_tasks.analysis.trust.comparability.pairs import MORE_PAIRS, PAIRS, Pair, changed, ct, pt, side

RULES = {rule.code: rule for rule in default_rules().rules}
QUESTIONS = [(rule.code, place) for rule in default_rules().rules for place in range(len(rule.checks))]


def sentences(pair: Pair, code: str) -> list[str]:
    found = pair_comparability(*pair.sides())
    return [hit.sentence for hit in found.hits if hit.code == code and not hit.is_silent]


def test_every_question_has_its_pairs():
    assert set(PAIRS) == set(QUESTIONS)


@pytest.mark.parametrize(("code", "place"), QUESTIONS)
def test_a_question_is_met_on_one_side_of_its_limit_only(code: str, place: int):
    check = RULES[code].checks[place]
    met, missed = PAIRS[code, place]
    assert any(sentence.startswith(check.says) for sentence in sentences(met, code))
    assert not any(sentence.startswith(check.says) for sentence in sentences(missed, code))
    hits = [hit for hit in pair_comparability(*met.sides()).hits if hit.code == code]
    hit = next(hit for hit in hits if hit.sentence.startswith(check.says))
    assert hit.level is check.level
    assert (hit.tag, hit.rule, hit.item) == (RULES[code].tag, RULES[code].rule, RULES[code].item)


@pytest.mark.parametrize(("code", "place", "met", "missed"), MORE_PAIRS, ids=[more[0] for more in MORE_PAIRS])
def test_a_second_limit_has_its_two_sides(code: str, place: int, met: Pair, missed: Pair):
    says = RULES[code].checks[place].says
    assert any(sentence.startswith(says) for sentence in sentences(met, code))
    assert not any(sentence.startswith(says) for sentence in sentences(missed, code))


@pytest.mark.parametrize(("code", "place"), QUESTIONS)
def test_the_answer_does_not_depend_on_the_order(code: str, place: int):
    for pair in PAIRS[code, place]:
        then, now = pair.sides()
        there, back = pair_comparability(then, now), pair_comparability(now, then)
        assert (there.level, there.unseen) == (back.level, back.unseen)
        assert [(a.code, a.level, a.then, a.now) for a in there.hits] == [
            (b.code, b.level, b.now, b.then) for b in back.hits
        ]


@pytest.mark.parametrize("modality", ["CT", "MR", "PT"])
def test_equal_scans_are_comparable_and_say_what_is_not_seen(modality: str):
    then = side(modality)
    found = pair_comparability(then, replace(then, acquired_on=date(2024, 3, 1)))
    assert (found.level, found.hits) == (Comparability.OK, ())
    assert found.unseen == ("breath-hold",)
    assert found.sentence == "No difference found in the tags. They cannot show: breath-hold."


def test_ok_names_what_tags_were_silent_about():
    pair = Pair("MR", {}, {"InversionTime": None, "DiffusionBValue": None, "LossyImageCompression": None})
    found = pair_comparability(*pair.sides())
    assert found.level is Comparability.OK
    assert found.unseen == ("lossy compression", "inversion time", "b-value", "breath-hold")


def test_silence_of_a_critical_tag_is_a_warning_of_another_a_note():
    found = pair_comparability(*ct(SliceThickness=None, KVP=None).sides())
    silent = {hit.code: hit for hit in found.hits}
    assert silent["SLICE_THICKNESS"].level is Comparability.WARN
    assert silent["SLICE_THICKNESS"].sentence == "Slice thickness: not recorded in the later scan."
    assert (silent["SLICE_THICKNESS"].then, silent["SLICE_THICKNESS"].now) == ("3 mm", None)
    assert silent["KVP"].level is Comparability.INFO
    assert all(hit.is_silent for hit in found.hits)


def test_silence_is_told_of_the_scan_that_is_silent():
    then, now = ct(SliceThickness=None).sides()
    assert "the earlier scan" in pair_comparability(now, then).sentence
    assert "either scan" in pair_comparability(now, now).sentence
    crooked = changed(then, {"PixelSpacing": [0.7]})
    assert "a form that can be compared" in pair_comparability(then, crooked).sentence


@pytest.mark.parametrize(("organ", "level"), [(Organ.LIVER, "WARN"), (Organ.LYMPH_NODE, "WARN"), (Organ.LUNG, "INFO")])
def test_an_unknown_delay_weighs_more_where_contrast_matters(organ: Organ, level: str):
    pair = ct({"outline.organ": organ}, ContrastBolusStartTime=None)
    hits = pair_comparability(*pair.sides()).hits
    assert [(hit.code, hit.level) for hit in hits] == [("CONTRAST_DELAY", level)]


def test_a_delay_is_no_matter_without_contrast():
    pair = ct({"ContrastBolusAgent": "NONE", "ContrastBolusStartTime": None, "outline.organ": Organ.LIVER})
    assert pair_comparability(*pair.sides()).level is Comparability.OK


def test_without_probe_and_delay_the_phase_is_not_known():
    silent = {"probes.aorta_hu": None, "probes.liver_hu": None}
    known = pair_comparability(*ct(silent).sides())
    assert known.level is Comparability.OK
    assert "contrast phase" in known.unseen
    unknown = pair_comparability(*ct({**silent, "ContrastBolusStartTime": None}).sides())
    assert [hit.code for hit in unknown.hits] == ["CONTRAST_PHASE", "CONTRAST_DELAY"]
    assert unknown.level is Comparability.WARN


def test_two_scans_without_contrast_tags_need_the_probe():
    silent = {"ContrastBolusAgent": None, "ContrastBolusStartTime": None}
    probed = pair_comparability(*ct(silent).sides())
    assert {hit.code for hit in probed.hits} == {"CONTRAST_DELAY"}
    assert "contrast agent" in probed.unseen
    unprobed = pair_comparability(*ct({**silent, "probes.aorta_hu": None, "probes.liver_hu": None}).sides())
    assert "CONTRAST" in {hit.code for hit in unprobed.hits}


def test_the_probe_alone():
    assert contrast_phase_hits(Probes(aorta_hu=150.0), Probes(liver_hu=100.0)) is None
    hits = contrast_phase_hits(Probes(aorta_hu=150.0, liver_hu=100.0), Probes(aorta_hu=181.0, liver_hu=101.0))
    assert hits is not None
    assert [(hit.then, hit.now) for hit in hits] == [("150 HU", "181 HU")]


def test_scans_are_compared_without_a_lesion_too():
    then, now = ct().sides()
    found = pair_comparability(replace(then, outline=None), replace(now, outline=None))
    assert found.level is Comparability.OK
    lonely = pair_comparability(then, replace(now, outline=None))
    assert lonely.level is Comparability.OK


def test_an_image_without_tags_warns_and_does_not_block():
    then, now = (ScanFacts(kind="nifti", modality="CT", acquired_on=date(2024, n, 1)) for n in (1, 3))
    found = pair_comparability(then, now)
    assert found.level is Comparability.WARN
    assert {hit.code for hit in found.hits if hit.level is Comparability.WARN} == {
        rule.code for rule in default_rules().rules if rule.is_critical and rule.applies_to & {"*", "CT"}
    } - {"MODALITY_CT_MR", "MODALITY", "CONTRAST_DELAY"} | {"CONTRAST_PHASE"}


def test_a_ct_without_scaling_is_blocked_and_its_hidden_forms_are_known():
    found = pair_comparability(*ct(RescaleSlope=None).sides())
    assert found.level.hides_size
    assert found.level.hides_texture
    assert not Comparability.WARN.hides_texture


def test_the_worst_of_one_question_is_told_and_everything_else_too():
    found = pair_comparability(*ct({"SliceThickness": 1.0, "facts.slice_mm": 1.0}, SliceThickness=6.0).sides())
    told = [hit.sentence.split(":")[0] for hit in found.hits if hit.code == "SLICE_THICKNESS"]
    assert told == [
        "Slices are at least twice as thick",
        "Thin slices (2.5 mm or less) against thick ones (5 mm or more)",
        "Slice thickness differs by more than 0.5 mm",
        "Slices thicker than 5 mm",
    ]
    assert [hit.level.severity for hit in found.hits] == sorted((h.level.severity for h in found.hits), reverse=True)


def test_a_site_s_own_rules_decide_and_are_named():
    data = json.loads(json.dumps(_default_data()))
    thickness = next(rule for rule in data["rules"] if rule["code"] == "SLICE_THICKNESS")
    thickness["checks"] = [thickness["checks"][0] | {"over": 0.2}]
    data["id"], data["version"] = "north", "3"
    own = type(default_rules()).parse(json.dumps(data))
    found = pair_comparability(*ct(SliceThickness=3.3).sides(), own)
    assert (found.level, found.rules_id, found.rules_version) == (Comparability.WARN, "north", "3")
    assert found.rules_digest == own.digest != default_rules().digest


def _default_data():
    from pathlib import Path

    from radiomics_tasks.analysis.trust.comparability import rules

    return json.loads(Path(rules.__file__).with_name("acquisition_rules.json").read_text(encoding="utf-8"))


def test_pet_without_any_tag_is_blocked():
    bare = ScanFacts(kind="nifti", modality="PT")
    found = pair_comparability(bare, bare)
    assert found.level is Comparability.BLOCK
    assert {hit.code for hit in found.hits if hit.level is Comparability.BLOCK} == {"UNITS", "DECAY"}


def test_kept_facts_become_a_side():
    kept = {"kind": "dicom", "description": "THORAX", "acquisition": {"KVP": 120.0}, "suv": {}, "jitter_mm": 0.01}
    found = ScanFacts.kept(kept, "CT", date(2024, 1, 1)).probed(Probes(aorta_hu=1.0)).outlined(OutlineFacts())
    assert (found.slice_mm, found.jitter_mm, found.number("KVP"), found.number("Exposure")) == (None, 0.01, 120.0, None)
    assert (found.probes.aorta_hu, found.outline, found.text("KVP")) == (1.0, OutlineFacts(), None)
    assert pt().sides()[0].numbers("CorrectedImage") is None
