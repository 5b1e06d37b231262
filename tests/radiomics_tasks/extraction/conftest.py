"""What is told of a lesion must hold whichever engine takes the numbers."""

from functools import partial

import pytest

from radiomics_tasks.extraction import extractor
from radiomics_tasks.extraction.build import ENGINES


@pytest.fixture(params=ENGINES)
def engine(request):
    return request.param


@pytest.fixture
def extract(engine):
    return partial(extractor.extract, engine=engine)
