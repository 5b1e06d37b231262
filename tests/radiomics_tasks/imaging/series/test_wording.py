"""Labels of outlines: words of the trade stay, all else becomes a code by which the same lesion is met again."""

import pytest

from radiomics_tasks.imaging.series.wording import label_kept

KEY, OTHER = b"k" * 32, b"o" * 32
NOBODY: frozenset[str] = frozenset()
PLAIN = ("liver 1", "GTVp1", "Lung-Left", "Leber 2", "hepatic metastasis seg VI", "lymph node station 4R", "TL01", "")


@pytest.mark.parametrize("label", PLAIN)
def test_words_of_the_trade_stay_as_they_are(label):
    assert label_kept(label, NOBODY, KEY) == label


@pytest.mark.parametrize("label", ["Doe liver 1", "liver 1 (Doe)", "liver_1_DOE", "Doe", "MRN 12345678 node", "müller"])
def test_a_name_that_stands_in_the_label_alone_is_not_kept(label):
    kept = label_kept(label, NOBODY, KEY)
    assert not {"doe", "12345678", "mrn", "müller"} & set(kept.casefold().replace("_", " ").split())
    assert kept != label_kept(label, NOBODY, OTHER)


def test_the_same_label_is_met_again_and_another_is_not():
    kept = label_kept("Doe liver 1", NOBODY, KEY)
    assert kept.startswith("liver 1 ")
    assert kept == label_kept(" doe  Liver 1", NOBODY, KEY)
    others = ("Doe liver 2", "Roe liver 1", "liver 1")
    assert kept not in [label_kept(label, NOBODY, KEY) for label in others]


def test_a_label_that_repeats_a_name_of_its_file_keeps_no_word():
    assert label_kept("liver Stomach", frozenset({"stomach"}), KEY).startswith("outline ")
