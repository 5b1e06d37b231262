"""Names that can be read, and those that cannot."""

import pytest

from patients.readable import is_readable


@pytest.mark.parametrize("name", ["liver 1", "5-FU", "Ломустин", "肝 1", "é", "Pembrolizumab + Axitinib"])
def test_names_in_any_script_are_readable(name):
    assert is_readable(name, 64)


@pytest.mark.parametrize(
    "name",
    ["", " ", "-", "a\nb", "a\x1bb", "a\0", "\u202eab", "\u2066a", "\u200b", "a\u200b", "\u3164", "\ufeff", "\ud800"],
)
def test_what_the_eye_cannot_check_is_not(name):
    assert not is_readable(name, 64)


def test_a_name_has_its_length():
    assert is_readable("x" * 64, 64)
    assert not is_readable("x" * 65, 64)
