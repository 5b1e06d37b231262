"""An outline's organ comes from its code, else from its name, else from a person."""

import pytest

from patients.vocabulary import Organ
from radiomics_tasks.imaging.coded.organs import organ_of


@pytest.mark.parametrize(
    ("codes", "name", "organ"),
    [
        (["10200004"], "L1", Organ.LIVER),
        (["T-62000"], "", Organ.LIVER),
        (["49755003", "39607008"], "Liver 1", Organ.LUNG),
        ([], "Liver 1", Organ.LIVER),
        ([], "LN_mediastinal_3", Organ.LYMPH_NODE),
        ([], "Lung hilar node", Organ.LYMPH_NODE),
        ([], "RUL mass", Organ.LUNG),
        ([], "left adrenal", Organ.ADRENAL),
        ([], "GTV_Mass_CT", None),
        ([], "L1", None),
        ([], "deliver", None),
        (["unknown"], "", None),
    ],
)
def test_organ(codes, name, organ):
    assert organ_of(codes, name) == organ
