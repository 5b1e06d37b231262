"""The build digest names what the numbers depend on, and changes with it."""

from importlib.metadata import version

import pytest

from radiomics_tasks.extraction import build


def fresh_digest(engine):
    build._build.cache_clear()
    return build.build_of(engine).digest


@pytest.mark.parametrize("engine", build.ENGINES)
def test_versions_are_the_installed_ones(engine):
    assert build.build_of(engine).versions["SimpleITK"] == version("SimpleITK")


def test_engines_are_told_apart():
    own, reference = build.build_of(build.OWN), build.build_of(build.REFERENCE)
    assert reference.engine == f"pyradiomics-bhklab {version('pyradiomics-bhklab')}"
    assert own.engine.startswith("deltarad 1 (kernels ")
    assert own.digest != reference.digest
    assert [build.engine_of(each.versions) for each in (own, reference)] == [build.OWN, build.REFERENCE]


def test_digest_of_the_reference_is_that_of_the_snapshots_there_are():
    told = {"pyradiomics-bhklab", "SimpleITK", "PyWavelets", "numpy", "extractor"}
    assert set(build.build_of(build.REFERENCE).versions) == told


@pytest.mark.parametrize("engine", build.ENGINES)
def test_digest_changes_with_our_own_code_only_when_told(monkeypatch, engine):
    before = fresh_digest(engine)
    assert fresh_digest(engine) == before
    monkeypatch.setattr(build, "EXTRACTOR_VERSION", build.EXTRACTOR_VERSION + 1)
    after = fresh_digest(engine)
    monkeypatch.undo()
    assert after != before == fresh_digest(engine)


def test_where_our_own_is_not_built_the_reference_stands_in(monkeypatch):
    monkeypatch.setattr(build, "is_built", lambda: False)
    assert build.build_of(build.OWN) == build.build_of(build.REFERENCE)


def test_another_engine_is_a_defect():
    with pytest.raises(ValueError, match="no engine"):
        build.build_of("mirp")
