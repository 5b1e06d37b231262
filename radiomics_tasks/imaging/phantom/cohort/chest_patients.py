"""Demo patients whose disease lies in the chest; one of them has a brain metastasis as well."""

from dataclasses import replace
from datetime import date, timedelta

from patients.vocabulary import DrugClass, LesionRole, Modality, Organ, ResponseCategory
from radiomics_tasks.imaging.phantom.anatomy.torso import Build
from radiomics_tasks.imaging.phantom.cohort.plan import (
    STILL,
    DemoCourse,
    DemoLesion,
    DemoPatient,
    DemoScan,
    DemoVisit,
    Schedule,
    interiors,
    poses,
)
from radiomics_tasks.imaging.phantom.picture.canvas import Pose
from radiomics_tasks.imaging.phantom.picture.tissue import Look

RESPONDER = DemoPatient(
    pseudonym="SYN-01",
    disease="Non-small-cell lung cancer",
    story="A deep response that lasts.",
    birth_date=date(1958, 6, 1),
    sex="M",
    build=Build(size=0.98, fat_mm=16, seed=101),
    courses=(DemoCourse("Pembrolizumab", DrugClass.ANTI_PD1, date(2024, 1, 29)),),
    lesions=(
        DemoLesion(
            name="lung 1",
            organ=Organ.LUNG,
            site="Right middle lobe",
            look=Look.LUNG_MASS,
            centre_mm=(-84, 6, 50),
            sizes_mm=(40, 26, 19, 18),
            interiors=interiors((14, 17, 16, 14), (0.20, 0.25, 0.15, 0.10)),
        ),
        DemoLesion(
            name="node 1",
            organ=Organ.LYMPH_NODE,
            site="Right lower paratracheal (4R)",
            look=Look.NODE,
            centre_mm=(-29, 0, 97),
            sizes_mm=(20, 13, 10.5, 8.5),
            interiors=interiors((12, 12, 12, 12), (0.04, 0.05, 0.06, 0.06)),
            proportions=(0.72, 1.0, 0.82),
            is_node=True,
        ),
        DemoLesion(
            name="adrenal 1",
            organ=Organ.ADRENAL,
            site="Left adrenal gland",
            look=Look.ADRENAL,
            centre_mm=(38, 40, -90),
            sizes_mm=(24, 16, 11.5, 11.5),
            interiors=interiors((14, 16, 14, 14), (0.15, 0.20, 0.15, 0.10)),
        ),
        DemoLesion(
            name="lung 2",
            organ=Organ.LUNG,
            site="Left lower lobe",
            look=Look.LUNG_MASS,
            centre_mm=(106, 20, 44),
            sizes_mm=(11, 9, 8, 8),
            interiors=interiors((12, 12, 12, 12), (0, 0, 0, 0)),
            role=LesionRole.NON_TARGET,
        ),
    ),
    visits=Schedule(
        started_on=date(2024, 1, 29),
        days=(-7, 58, 101, 168),
        poses=poses(101, STILL, ((3, -1, 5), 1.2), ((-2, 1, -3), -0.8), ((1, 2, 4), 1.9)),
        sums_mm=(84, 55, 41, 38),
        responses=(ResponseCategory.BASELINE, ResponseCategory.PR, ResponseCategory.PR, ResponseCategory.PR),
        region="Chest and upper abdomen",
        lowest_mm=(-117,),
        slices=48,
        slice_mm=5.0,
    ).visits(),
)

NODAL = DemoPatient(
    pseudonym="SYN-07",
    disease="Melanoma with mediastinal lymph nodes",
    story="Complete response by nodes of normal size, an equivocal return, then progression.",
    birth_date=date(1962, 12, 1),
    sex="F",
    build=Build(size=0.95, fat_mm=15, muscle_mm=9, seed=107),
    courses=(DemoCourse("Pembrolizumab", DrugClass.ANTI_PD1, date(2024, 2, 19)),),
    lesions=(
        DemoLesion(
            name="node 1",
            organ=Organ.LYMPH_NODE,
            site="Right paratracheal (2R)",
            look=Look.NODE,
            centre_mm=(-27, -2, 108),
            sizes_mm=(24, 9.2, 11.2, 16),
            interiors=interiors((13, 12, 12, 15), (0.03, 0.06, 0.05, 0.03)),
            proportions=(0.74, 1.0, 0.86),
            is_node=True,
        ),
        DemoLesion(
            name="node 2",
            organ=Organ.LYMPH_NODE,
            site="Subcarinal (7)",
            look=Look.NODE,
            centre_mm=(0, 12, 68),
            sizes_mm=(19, 8, 7.8, 8.6),
            interiors=interiors((13, 12, 12, 12), (0.03, 0.06, 0.06, 0.06)),
            proportions=(1.0, 0.72, 0.84),
            is_node=True,
        ),
    ),
    visits=Schedule(
        started_on=date(2024, 2, 19),
        days=(-7, 59, 102, 168),
        poses=poses(107, STILL, ((-2, 1, 4), -1.3), ((3, 0, -5), 0.8), ((0, -1, 3), 1.5)),
        sums_mm=(43, 17.2, 19, 24.6),
        responses=(ResponseCategory.BASELINE, ResponseCategory.CR, ResponseCategory.PR, ResponseCategory.PD),
        region="Chest",
        lowest_mm=(24,),
        slices=46,
    ).visits(),
)


def _with_brain(visits: tuple[DemoVisit, ...], head_poses: tuple[Pose, ...]) -> tuple[DemoVisit, ...]:
    """Add the MR of the head, three days after the CT of each visit."""
    heads = [
        DemoScan(
            Modality.MR,
            visit.scans[0].acquired_on + timedelta(days=3),
            "Brain",
            lowest_mm=-32,
            slices=38,
            spacing_mm=(0.9, 0.9, 3.0),
            pixels=256,
            pose=pose,
        )
        for visit, pose in zip(visits, head_poses, strict=True)
    ]
    return tuple(replace(visit, scans=(*visit.scans, head)) for visit, head in zip(visits, heads, strict=True))


CHEST_AND_BRAIN = DemoPatient(
    pseudonym="SYN-16",
    disease="Non-small-cell lung cancer with a brain metastasis",
    story="Chest CT and brain MR three days apart are one visit.",
    birth_date=date(1960, 10, 1),
    sex="F",
    build=Build(size=0.92, fat_mm=17, muscle_mm=8, seed=116),
    courses=(DemoCourse("Cemiplimab", DrugClass.ANTI_PD1, date(2024, 4, 8)),),
    lesions=(
        DemoLesion(
            name="lung 1",
            organ=Organ.LUNG,
            site="Right lower lobe",
            look=Look.LUNG_MASS,
            centre_mm=(-78, 20, 62),
            sizes_mm=(30, 24, 19),
            interiors=interiors((14, 16, 15), (0.15, 0.20, 0.15)),
        ),
        DemoLesion(
            name="lung 2",
            organ=Organ.LUNG,
            site="Left upper lobe",
            look=Look.LUNG_CAVITY,
            centre_mm=(82, 0, 66),
            sizes_mm=(18, 14, 11),
            interiors=interiors((12, 12, 12), (0.20, 0.25, 0.20)),
        ),
        DemoLesion(
            name="brain 1",
            organ=Organ.BRAIN,
            site="Left frontal lobe",
            look=Look.BRAIN_RING,
            centre_mm=(32, -32, 34),
            sizes_mm=(16, 12, 9),
            interiors=interiors((45, 45, 45), (0.30, 0.25, 0.15)),
            proportions=(1.0, 0.88, 0.9),
            modality=Modality.MR,
        ),
    ),
    visits=_with_brain(
        Schedule(
            started_on=date(2024, 4, 8),
            days=(-10, 58, 102),
            poses=poses(116, STILL, ((2, 1, 4), 1.1), ((-1, 0, -3), -0.7)),
            sums_mm=(64, 50, 39),
            responses=(ResponseCategory.BASELINE, ResponseCategory.SD, ResponseCategory.PR),
            region="Chest",
            lowest_mm=(28,),
            slices=56,
            slice_mm=1.25,
        ).visits(),
        poses(117, STILL, ((1, -2, 2), 1.8), ((-2, 1, -1), -1.2)),
    ),
)
