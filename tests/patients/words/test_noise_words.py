"""The words of noise: size classes at their limits, and a verdict in words."""

import pytest

from patients.vocabulary import Word
from patients.words import noise_words
from patients.words.noise_words import NoBand, NoiseVerdict, SizeClass, in_words

WORDS = [kind for kind in vars(noise_words).values() if isinstance(kind, type) and issubclass(kind, Word)]


@pytest.mark.parametrize("kind", WORDS)
def test_every_member_has_a_label_for_people(kind):
    assert all(member.label and member.label == member.label.strip() for member in kind)


@pytest.mark.parametrize(
    ("mm", "expected"),
    [
        (0.0, SizeClass.UNDER_10),
        (9.999, SizeClass.UNDER_10),
        (10, SizeClass.FROM_10),
        (34.999, SizeClass.FROM_10),
        (35, SizeClass.FROM_35),
        (49.999, SizeClass.FROM_35),
        (50, SizeClass.FROM_50),
        (100, SizeClass.FROM_50),
        (100.001, SizeClass.OVER_100),
    ],
)
def test_size_classes_at_their_limits(mm, expected):
    assert SizeClass.of(mm) is expected


@pytest.mark.parametrize("reason", NoBand)
def test_without_a_band_it_reads_repeatability_unknown(reason):
    assert reason.label.startswith("repeatability unknown")


def test_a_verdict_in_words():
    assert in_words(NoiseVerdict.INSIDE, 0.136751, is_log=True).endswith("(−12.8 % to +14.7 %)")
    assert in_words(NoiseVerdict.OUTSIDE, 8.3156, is_log=False) == "outside noise (±8.32)"
    assert in_words(NoiseVerdict.OUTSIDE, 8.3156, is_log=False, unit="HU") == "outside noise (±8.32 HU)"
    assert in_words(NoiseVerdict.UNKNOWN, None, is_log=False) == "repeatability unknown"
