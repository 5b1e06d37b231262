"""System checks that say at the start what would fail later."""

import json
from pathlib import Path

import pytest

from radiomics_tasks.acquisition import are_own_rules, site_rules
from radiomics_tasks.analysis.trust.comparability import rules
from radiomics_tasks.analysis.trust.comparability.rules import default_rules
from radiomics_tasks.apps import acquisition_rules_hold, protocol_is_known
from radiomics_tasks.errors import Refusal

SHIPPED = Path(rules.__file__).with_name("acquisition_rules.json")


def test_the_standard_protocol_is_known(settings):
    settings.RESPONSE_PROTOCOL = {}
    assert protocol_is_known() == []
    settings.RESPONSE_PROTOCOL = {"pr_persistence": "strict", "required_regions": ["LIVER", "BRAIN"]}
    assert protocol_is_known() == []


def test_a_misspelt_rule_stops_the_start(settings):
    settings.RESPONSE_PROTOCOL = {"pr_persistance": "strict"}
    (error,) = protocol_is_known()
    assert "no setting named pr_persistance" in error.msg and "DELTARAD_RESPONSE_PROTOCOL" in error.hint


def own_file(settings, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    settings.ACQUISITION_RULES = str(path)


def test_without_a_file_of_its_own_a_site_has_the_shipped_rules(settings):
    settings.ACQUISITION_RULES = ""
    assert (site_rules(), are_own_rules(), acquisition_rules_hold()) == (default_rules(), False, [])


def test_a_site_has_its_own_rules_under_their_own_digest(settings, tmp_path):
    own = json.loads(SHIPPED.read_text()) | {"id": "our-hospital", "version": "3"}
    own["rules"] = [rule for rule in own["rules"] if rule["code"] != "KVP"]
    own_file(settings, tmp_path / "rules.json", json.dumps(own).encode())
    found = site_rules()
    assert acquisition_rules_hold() == [] and are_own_rules()
    assert (found.rules_id, found.version, len(found.rules)) == ("our-hospital", "3", len(default_rules().rules) - 1)
    assert found.digest != default_rules().digest


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "not JSON (line 1)"),
        (b"{}", "lack rules"),
        (b"\xff\xfe", "not UTF-8 text"),
        (b"[]", "something unexpected"),
    ],
)
def test_a_file_that_holds_no_rules_stops_the_start(settings, tmp_path, content, words):
    own_file(settings, tmp_path / "rules.json", content)
    (error,) = acquisition_rules_hold()
    assert words in error.msg and "DELTARAD_ACQUISITION_RULES" in error.hint


def test_a_file_that_is_not_there_stops_the_start(settings, tmp_path):
    settings.ACQUISITION_RULES = str(tmp_path / "gone.json")
    (error,) = acquisition_rules_hold()
    assert "cannot be read (no such file or directory)" in error.msg
    with pytest.raises(Refusal, match="cannot be read"):
        site_rules()
