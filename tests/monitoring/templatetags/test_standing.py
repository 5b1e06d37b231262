"""What auditors and administrators read: how long ago, of what, and what was told."""

import pytest

from monitoring.templatetags.standing import detail_value, duration, row_kind, told_name


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, ""), (0.2, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "120 min"), (7200, "2 h"), (172_800, "2 d")],
)
def test_seconds_are_told_in_the_largest_unit_that_holds_two(seconds, said):
    assert duration(seconds) == said


def test_rows_are_named_as_people_name_them():
    assert row_kind("hostedmodel") == "hosted model"
    assert row_kind("lesionreading") == "lesion reading"
    assert (row_kind("patient"), row_kind("nothing of ours"), row_kind("")) == ("patient", "nothing of ours", "")


def test_a_digest_is_cut_and_whole_for_whoever_points_at_it():
    digest = "ab" * 32
    assert detail_value(digest) == f'<code title="{digest}">abababababab…</code>'
    code = "763694c4-d493-49b7-af81-70f22f8803de"
    assert detail_value(code) == f'<code title="{code}">763694c4…</code>'
    assert (detail_value(12), detail_value("<b>")) == ("12", "&lt;b&gt;")


def test_names_of_what_is_told_are_words():
    assert (told_name("oldest_check"), told_name("is_shadow")) == ("read longest ago", "is shadow")
