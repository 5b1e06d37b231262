"""Demo patients whose disease lies mostly below the diaphragm."""

from datetime import date

from patients.vocabulary import DrugClass, Organ, OutlineFormat, ResponseCategory
from radiomics_tasks.imaging.phantom.anatomy.torso import Build
from radiomics_tasks.imaging.phantom.cohort.plan import (
    STILL,
    DemoCourse,
    DemoLesion,
    DemoPatient,
    Schedule,
    interiors,
    poses,
)
from radiomics_tasks.imaging.phantom.picture.tissue import Look

PROGRESSOR = DemoPatient(
    pseudonym="SYN-02",
    disease="Melanoma with liver metastases",
    story="Growth from the first scan on; the larger lesion becomes more heterogeneous.",
    birth_date=date(1966, 2, 1),
    sex="F",
    build=Build(size=0.93, fat_mm=19, muscle_mm=9, seed=102),
    courses=(DemoCourse("Nivolumab", DrugClass.ANTI_PD1, date(2024, 3, 11), date(2024, 7, 1)),),
    lesions=(
        DemoLesion(
            name="liver 1",
            organ=Organ.LIVER,
            site="Segment VII",
            look=Look.LIVER_METASTASIS,
            centre_mm=(-78, 8, -55),
            sizes_mm=(36, 45, 56),
            # Four noise units more entropy by the second follow-up.
            interiors=interiors((14, 17, 18.8), (0.15, 0.20, 0.20)),
        ),
        DemoLesion(
            name="liver 2",
            organ=Organ.LIVER,
            site="Segment III",
            look=Look.LIVER_METASTASIS,
            centre_mm=(17, -44, -56),
            sizes_mm=(26, 33, 41),
            # Growth with the same texture.
            interiors=interiors((14, 14, 14), (0.15, 0.15, 0.15)),
            proportions=(1.0, 0.78, 0.8),
        ),
    ),
    visits=Schedule(
        started_on=date(2024, 3, 11),
        days=(-7, 60, 104),
        poses=poses(102, STILL, ((-2, 0, -4), -1.1), ((2, 1, 6), 0.9)),
        sums_mm=(62, 78, 97),
        responses=(ResponseCategory.BASELINE, ResponseCategory.PD, ResponseCategory.PD),
        region="Abdomen",
        lowest_mm=(-112,),
        slices=46,
    ).visits(),
)

LATE_RESPONDER = DemoPatient(
    pseudonym="SYN-03",
    disease="Melanoma",
    story="Growth at the first scan, then shrinkage: what looked like progression was not.",
    birth_date=date(1971, 9, 1),
    sex="M",
    build=Build(size=1.0, fat_mm=12, muscle_mm=13, seed=103),
    courses=(
        DemoCourse(
            "Ipilimumab + nivolumab",
            DrugClass.COMBINED_CHECKPOINT,
            date(2023, 10, 2),
            holds=((date(2023, 11, 13), date(2023, 12, 4)),),
        ),
    ),
    lesions=(
        DemoLesion(
            name="liver 1",
            organ=Organ.LIVER,
            site="Segment VIII",
            look=Look.LIVER_METASTASIS,
            centre_mm=(-80, 4, -48),
            sizes_mm=(27, 34, 25, 16),
            interiors=interiors((14, 20, 18, 14), (0.15, 0.35, 0.30, 0.15)),
        ),
        DemoLesion(
            name="liver 2",
            organ=Organ.LIVER,
            site="Segment II",
            look=Look.LIVER_METASTASIS,
            centre_mm=(20, -46, -50),
            sizes_mm=(17, 22, 15, 9),
            interiors=interiors((14, 17, 15, 14), (0.10, 0.20, 0.20, 0.10)),
        ),
        DemoLesion(
            name="adrenal 1",
            organ=Organ.ADRENAL,
            site="Left adrenal gland",
            look=Look.ADRENAL,
            centre_mm=(38, 42, -90),
            sizes_mm=(13, 16, 12, 8),
            interiors=interiors((13, 15, 13, 13), (0.10, 0.15, 0.15, 0.05)),
        ),
    ),
    visits=Schedule(
        started_on=date(2023, 10, 2),
        days=(-6, 57, 100, 170),
        poses=poses(103, STILL, ((2, -1, 6), 1.4), ((-3, 0, -4), -1.0), ((1, 1, 3), 0.6)),
        sums_mm=(57, 72, 52, 33),
        responses=(ResponseCategory.BASELINE, ResponseCategory.PD, ResponseCategory.SD, ResponseCategory.PR),
        region="Abdomen",
        lowest_mm=(-112,),
        slices=44,
        table_mm=(-610, -585.5, -643, -598),
    ).visits(),
    outlines=OutlineFormat.RTSTRUCT,
)

MISSED_VISIT = DemoPatient(
    pseudonym="SYN-08",
    disease="Renal cell carcinoma",
    story="The visit at day 60 was missed; at day 168 the left adrenal gland is below the last slice.",
    birth_date=date(1955, 4, 1),
    sex="M",
    build=Build(size=1.01, fat_mm=14, muscle_mm=11, seed=108),
    courses=(DemoCourse("Nivolumab", DrugClass.ANTI_PD1, date(2023, 11, 13)),),
    lesions=(
        DemoLesion(
            name="lung 1",
            organ=Organ.LUNG,
            site="Left lower lobe",
            look=Look.LUNG_MASS,
            centre_mm=(88, 44, 6),
            sizes_mm=(24, 20, 17),
            interiors=interiors((14, 15, 14), (0.15, 0.20, 0.20)),
        ),
        DemoLesion(
            name="liver 1",
            organ=Organ.LIVER,
            site="Segment VIII",
            look=Look.LIVER_METASTASIS,
            centre_mm=(-80, 2, -44),
            sizes_mm=(32, 27, 23),
            interiors=interiors((14, 16, 15), (0.20, 0.25, 0.25)),
        ),
        DemoLesion(
            name="adrenal 1",
            organ=Organ.ADRENAL,
            site="Left adrenal gland",
            look=Look.ADRENAL,
            centre_mm=(38, 42, -86),
            sizes_mm=(18, 15, None),
            interiors=interiors((14, 14, 14), (0.10, 0.15, 0.15)),
        ),
    ),
    visits=Schedule(
        started_on=date(2023, 11, 13),
        days=(-7, 103, 168),
        poses=poses(108, STILL, ((2, 0, -4), 1.0), ((-2, 1, 5), -1.7)),
        sums_mm=(74, 62, None),
        responses=(ResponseCategory.BASELINE, ResponseCategory.SD, ResponseCategory.NE),
        region="Chest base and upper abdomen",
        lowest_mm=(-106, -106, -66),
        slices=54,
        pixel_mm=(0.75, 0.75, 0.8),
    ).visits(),
)
