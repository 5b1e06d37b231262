"""A perturbation is data with a name, a version and a digest that any change changes."""

from dataclasses import replace

import pytest

from radiomics_tasks.extraction.perturb.spec import PerturbationSpec, spec_named


def test_the_default_is_named_and_comes_back_from_plain_data():
    spec = spec_named()
    assert (spec.name, spec.version, spec.repeats) == ("outline-and-image", 1, 8)
    assert PerturbationSpec.from_dict(spec.as_dict()) == spec


@pytest.mark.parametrize("changed", [{"version": 2}, {"repeats": 9}, {"rotation_degrees": 3.1}, {"noise_ratio": 0.5}])
def test_another_setting_is_another_digest_and_another_seed(changed):
    spec, other = spec_named(), replace(spec_named(), **changed)
    assert spec.digest != other.digest
    assert spec.seed("a", "b") != other.seed("a", "b")
    assert spec.seed("a", "b") == spec_named().seed("a", "b")


def test_an_unknown_name_or_a_single_repeat_is_none():
    with pytest.raises(ValueError, match="no perturbation is named"):
        spec_named("other")
    with pytest.raises(ValueError, match="at least two"):
        spec_named(repeats=1)
