"""The shipped rules are the published table, question by question; a broken file is refused with what is wrong."""

import json
from pathlib import Path

import pytest

from patients.words.trust_words import Comparability
from radiomics_tasks.analysis.trust.comparability import rules as room
from radiomics_tasks.analysis.trust.comparability.rules import AcquisitionRules, default_rules
from radiomics_tasks.errors import Refusal

SHIPPED = Path(room.__file__).with_name("acquisition_rules.json").read_text(encoding="utf-8")
PUBLISHED = json.loads((Path(__file__).parents[4] / "golden/acquisition_rules.json").read_text(encoding="utf-8"))


def test_the_shipped_rules_are_the_published_ones_in_their_order():
    shipped = json.loads(SHIPPED)
    rows = [["|".join(r["applies_to"]), r["item"], r["tag"], r["rule"], r["level"]] for r in shipped["rules"]]
    assert rows == PUBLISHED["rules"]
    assert (shipped["version"], shipped["levels"]) == (PUBLISHED["version"], PUBLISHED["levels"])
    assert [level.value for level in Comparability] == PUBLISHED["levels"]


def test_critical_tags_are_the_published_ones():
    critical = {tag.removesuffix(" (CT)") for tags in PUBLISHED["critical_tags"].values() for tag in tags}
    short = {rule.item: rule for rule in default_rules().rules}
    for tag in critical:
        found = [rule for item, rule in short.items() if item.startswith(tag)]
        assert found and all(rule.is_critical for rule in found), tag
    named = [rule.item for rule in default_rules().rules if rule.is_critical]
    assert all(any(item.startswith(tag) for tag in critical) for item in named)


def test_silence_is_a_warning_where_critical_and_a_note_elsewhere_unless_said():
    for rule in default_rules().rules:
        usual = Comparability.WARN if rule.is_critical else Comparability.INFO
        if rule.code not in {"CONTRAST_DELAY", "CONTRAST_PHASE", "LIVER_SUV", "OUTSIDE_RANGE"}:
            assert rule.silence is usual, rule.code


def test_the_worst_question_of_a_rule_is_no_milder_than_its_level():
    for rule in default_rules().rules:
        assert max(check.level.severity for check in rule.checks) >= rule.level.severity, rule.code


def test_the_digest_is_of_the_content():
    laid_out = json.dumps(json.loads(SHIPPED), indent=4, sort_keys=True)
    assert AcquisitionRules.parse(laid_out).digest == default_rules().digest
    assert default_rules() is default_rules()
    changed = SHIPPED.replace('"over": 0.5', '"over": 0.6', 1)
    assert AcquisitionRules.parse(changed).digest != default_rules().digest


def _without(name: str) -> str:
    data = json.loads(SHIPPED)
    del data["rules"][0][name]
    return json.dumps(data)


UNEXPECTED = "The acquisition rules hold something unexpected: "
BROKEN = {
    "The acquisition rules are not JSON (line 1).": "{",
    "The acquisition rules lack rules. Add it.": "{}",
    UNEXPECTED + "list indices must be integers or slices, not str.": "[]",
    "The acquisition rules lack tag. Add it.": _without("tag"),
    "The acquisition rule DEVICE stands there twice. Keep one.": SHIPPED.replace('"MODEL"', '"DEVICE"'),
    "The acquisition rule ORIENTATION asks for bend, which is no measure here.": SHIPPED.replace('"angle"', '"bend"'),
    "The acquisition rule ORIENTATION has no limit for ImageOrientationPatient. Give one.": SHIPPED.replace(
        ', "over": 5}', "}"
    ),
    UNEXPECTED + "'HINT' is not a valid Comparability.": SHIPPED.replace('"level": "INFO"', '"level": "HINT"', 1),
}


@pytest.mark.parametrize("sentence", BROKEN)
def test_a_broken_file_is_refused(sentence: str):
    with pytest.raises(Refusal) as refused:
        AcquisitionRules.parse(BROKEN[sentence])
    assert (refused.value.code, refused.value.sentence) == ("E_RULES", sentence)
