"""The readings of the demo cohort, one for each visit of each patient, baseline first."""

from patients.vocabulary import Organ
from patients.vocabulary import ResponseCategory as Call
from patients.words.reading_words import ClinicalStatus, NewDisease, NonTarget, NotTumour, SizeState, Trend
from radiomics_tasks.imaging.phantom.cohort.readings import DeclaredLesion, DeclaredReading

BASELINE = DeclaredReading(Call.BASELINE, Call.BASELINE)
BASELINE_WITH_NON_TARGETS = DeclaredReading(Call.BASELINE, Call.BASELINE, NonTarget.NCNP)


def _targets_only(response: Call, immune_response: Call) -> DeclaredReading:
    """No non-target disease, nothing new: the targets decide."""
    return DeclaredReading(response, immune_response)


SIGNED: dict[str, tuple[DeclaredReading, ...]] = {
    "SYN-01": (
        BASELINE_WITH_NON_TARGETS,
        DeclaredReading(Call.PR, Call.IPR, NonTarget.NCNP, Trend.DECREASED),
        DeclaredReading(Call.PR, Call.IPR, NonTarget.NCNP, Trend.DECREASED),
        DeclaredReading(Call.PR, Call.IPR, NonTarget.NCNP, Trend.SAME),
    ),
    "SYN-02": (
        BASELINE,
        DeclaredReading(Call.PD, Call.IUPD, clinical_status=ClinicalStatus.STABLE, steroid_mg=0),
        DeclaredReading(Call.PD, Call.ICPD, clinical_status=ClinicalStatus.WORSE, steroid_mg=0),
    ),
    "SYN-03": (
        BASELINE,
        DeclaredReading(
            Call.PD,
            Call.IUPD,
            clinical_status=ClinicalStatus.STABLE,
            steroid_mg=20,
            note="Therapy on hold for immune-related colitis, steroids being tapered.",
        ),
        DeclaredReading(Call.SD, Call.ISD, clinical_status=ClinicalStatus.IMPROVED, steroid_mg=5),
        _targets_only(Call.PR, Call.IPR),
    ),
    "SYN-04": (
        BASELINE,
        DeclaredReading(
            Call.PD,
            Call.IUPD,
            clinical_status=ClinicalStatus.STABLE,
            steroid_mg=0,
            note="Confirmation scan due in four to eight weeks.",
        ),
    ),
    "SYN-05": (BASELINE, _targets_only(Call.SD, Call.ISD), _targets_only(Call.SD, Call.ISD)),
    "SYN-06": (
        BASELINE,
        DeclaredReading(
            Call.PD,
            Call.IUPD,
            new=NewDisease.YES,
            new_why="Liver lesion with the rim and the core of the others; nothing there at baseline.",
            clinical_status=ClinicalStatus.STABLE,
            steroid_mg=0,
        ),
        DeclaredReading(
            Call.PD,
            Call.ICPD,
            new=NewDisease.YES,
            new_why="The new liver lesion has grown.",
            lesions=(DeclaredLesion("liver 3", trend=Trend.INCREASED),),
            clinical_status=ClinicalStatus.STABLE,
            steroid_mg=0,
        ),
    ),
    "SYN-07": (
        BASELINE,
        _targets_only(Call.CR, Call.ICR),
        DeclaredReading(
            Call.EQUIVOCAL_REAPPEARANCE,
            Call.EQUIVOCAL_REAPPEARANCE,
            revised=Call.PD,
            note="Paratracheal node above 10 mm again: within reader variation, to be imaged again.",
        ),
        DeclaredReading(Call.PD, Call.IUPD, clinical_status=ClinicalStatus.STABLE, steroid_mg=0),
    ),
    "SYN-08": (
        BASELINE,
        _targets_only(Call.SD, Call.ISD),
        DeclaredReading(
            Call.NE,
            Call.NE,
            lesions=(
                DeclaredLesion("adrenal 1", SizeState.NOT_EVALUABLE, "The left adrenal gland is below the last slice."),
            ),
            regions_not_scanned=(Organ.ADRENAL,),
        ),
    ),
    "SYN-09": (BASELINE, *(_targets_only(Call.SD, Call.ISD),) * 3),
    "SYN-10": (BASELINE, *(_targets_only(Call.SD, Call.ISD),) * 2),
    "SYN-11": (
        BASELINE,
        _targets_only(Call.PR, Call.IPR),
        _targets_only(Call.PR, Call.IPR),
        DeclaredReading(Call.PD, Call.IUPD, clinical_status=ClinicalStatus.STABLE, steroid_mg=0),
        DeclaredReading(Call.PD, Call.ICPD, clinical_status=ClinicalStatus.STABLE, steroid_mg=0),
    ),
    "SYN-12": (
        BASELINE_WITH_NON_TARGETS,
        DeclaredReading(
            Call.SD,
            Call.ISD,
            NonTarget.NCNP,
            Trend.SAME,
            note="Scanned twice on the day, as at baseline: the scans differ by noise and positioning.",
        ),
    ),
    "SYN-13": (
        BASELINE,
        _targets_only(Call.SD, Call.ISD),
        _targets_only(Call.PR, Call.IPR),
        _targets_only(Call.SD, Call.ISD),
    ),
    "SYN-14": (
        BASELINE_WITH_NON_TARGETS,
        DeclaredReading(
            Call.NON_CR_NON_PD,
            Call.NON_ICR_NON_IUPD,
            NonTarget.NCNP,
            Trend.SAME,
            lesions=(DeclaredLesion("ascites", SizeState.PRESENT, trend=Trend.SAME),),
        ),
        DeclaredReading(
            Call.PD,
            Call.IUPD,
            NonTarget.NCNP,
            Trend.SAME,
            new=NewDisease.YES,
            new_why="Liver lesion with rim and core; nothing there on two earlier scans.",
            lesions=(DeclaredLesion("ascites", SizeState.PRESENT, trend=Trend.SAME),),
            clinical_status=ClinicalStatus.STABLE,
            steroid_mg=0,
        ),
    ),
    "SYN-15": (
        BASELINE,
        _targets_only(Call.SD, Call.ISD),
        DeclaredReading(
            Call.PR,
            Call.IPR,
            new=NewDisease.EQUIVOCAL,
            new_why=NotTumour.IMMUNE_RELATED,
            lesions=(
                DeclaredLesion("right hilar node", why=NotTumour.IMMUNE_RELATED),
                DeclaredLesion("left hilar node", why=NotTumour.IMMUNE_RELATED),
            ),
            note="Nodes of both hila alike while all targets shrink: sarcoid-like reaction suspected, biopsy advised.",
        ),
        DeclaredReading(
            Call.PR,
            Call.IPR,
            new_why="Biopsy negative.",
            equivocal_resolved=True,
            lesions=(
                DeclaredLesion("right hilar node", why=NotTumour.IMMUNE_RELATED, trend=Trend.DECREASED),
                DeclaredLesion("left hilar node", why=NotTumour.IMMUNE_RELATED, trend=Trend.DECREASED),
            ),
        ),
    ),
    "SYN-16": (
        BASELINE,
        _targets_only(Call.SD, Call.ISD),
        _targets_only(Call.PR, Call.IPR),
    ),
    "SYN-17": (
        BASELINE,
        DeclaredReading(
            Call.PD,
            Call.IUPD,
            clinical_status=ClinicalStatus.WORSE,
            steroid_mg=0,
            note="Weight loss and dyspnoea, attributed to the tumour; treatment is stopped.",
        ),
    ),
    "SYN-18": (
        BASELINE,
        DeclaredReading(Call.PD, Call.IUPD, clinical_status=ClinicalStatus.STABLE, steroid_mg=0),
        DeclaredReading(Call.PR, Call.IPR, clinical_status=ClinicalStatus.STABLE, steroid_mg=0),
    ),
}
