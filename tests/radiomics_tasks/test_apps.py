"""System checks that say at the start what would fail later."""

from radiomics_tasks.apps import protocol_is_known


def test_the_standard_protocol_is_known(settings):
    settings.RESPONSE_PROTOCOL = {}
    assert protocol_is_known() == []
    settings.RESPONSE_PROTOCOL = {"pr_persistence": "strict", "required_regions": ["LIVER", "BRAIN"]}
    assert protocol_is_known() == []


def test_a_misspelt_rule_stops_the_start(settings):
    settings.RESPONSE_PROTOCOL = {"pr_persistance": "strict"}
    (error,) = protocol_is_known()
    assert "no setting named pr_persistance" in error.msg and "DELTARAD_RESPONSE_PROTOCOL" in error.hint
