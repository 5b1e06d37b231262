"""How an outline was made is one line, the same for outlines that were made alike."""

from patients.made_with import annotator_text, method_text

KEPT = {"format": "RTSTRUCT", "algorithm_type": "MANUAL", "algorithm": "", "tool": "Acme PACS 4.1", "annotator": "0a1b"}


def test_the_method_names_kind_and_tool():
    assert method_text(KEPT) == "RTSTRUCT, Manual, Acme PACS 4.1"


def test_another_version_of_the_tool_is_another_method():
    assert method_text(KEPT) != method_text(KEPT | {"tool": "Acme PACS 4.2"})


def test_outlines_of_before_say_nothing():
    assert (method_text({}), annotator_text({})) == ("", "")


def test_the_annotator_is_told_apart_and_not_named():
    assert annotator_text(KEPT) == "reader 0a1b"
