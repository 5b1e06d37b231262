"""The build digest names what the numbers depend on, and changes with it."""

from importlib.metadata import version

from radiomics_tasks.extraction import build


def fresh_digest():
    build.versions.cache_clear()
    build.build_digest.cache_clear()
    return build.build_digest()


def test_versions_are_the_installed_ones():
    assert build.versions()["SimpleITK"] == version("SimpleITK")
    assert build.engine() == f"pyradiomics-bhklab {version('pyradiomics-bhklab')}"


def test_digest_changes_with_our_own_code_only_when_told(monkeypatch):
    before = fresh_digest()
    assert fresh_digest() == before
    monkeypatch.setattr(build, "EXTRACTOR_VERSION", build.EXTRACTOR_VERSION + 1)
    after = fresh_digest()
    monkeypatch.undo()
    assert after != before == fresh_digest()
