"""Tumour, blood and events of each demo patient, by pseudonym; day 0 is the start of therapy."""

from patients.vocabulary import Tumour
from radiomics_tasks.imaging.phantom.cohort.labs import (
    Declared,
    Happening,
    allele_share,
    copies,
    counts,
    crp,
    ecog,
    ldh,
    s100b,
)

COLITIS = (
    Happening(41, {"kind": "IRAE", "grade": "2", "detail": "COLON", "text": "Colitis"}, 83),
    Happening(42, {"kind": "STEROID", "dose_mg": "60"}, 54),
    Happening(55, {"kind": "STEROID", "dose_mg": "20"}, 76),
    Happening(77, {"kind": "STEROID", "dose_mg": "5"}, 110),
)

CLINICAL: dict[str, Declared] = {
    "SYN-01": Declared(
        Tumour.NSCLC,
        (ldh(((-7, 1.05), (56, 0.85))), *counts(((-7, 3.6), (56, 2.4))), crp(((-7, 18.0), (56, 4.0), (98, 2.0)))),
        ecog((-7, 1), (56, 0)),
    ),
    "SYN-02": Declared(
        Tumour.MELANOMA,
        (
            ldh(((-7, 1.1), (56, 1.5), (98, 1.9)), in_katal=True),
            s100b(((-7, 0.14), (56, 0.21), (98, 0.40))),
            *counts(((-7, 3.0), (56, 3.8), (98, 5.6)), per_microlitre=True),
        ),
        (
            *ecog((-7, 0), (56, 0), (98, 2)),
            Happening(96, {"kind": "SYMPTOM", "grade": "2", "detail": "TUMOUR", "text": "Pain in the upper belly"}),
        ),
    ),
    "SYN-03": Declared(
        Tumour.MELANOMA,
        (
            ldh(((-7, 0.9), (56, 0.9), (98, 0.85))),
            copies(((-7, 124.0), (14, 60.0), (56, 6.2), (77, 0.4))),
            s100b(((-7, 0.09), (98, 0.07)), "ng/mL"),
            *counts(((-7, 2.6), (56, 2.9), (98, 2.2))),
        ),
        (*ecog((-7, 0), (56, 0), (98, 0)), *COLITIS),
    ),
    "SYN-04": Declared(
        Tumour.RCC,
        (
            ldh(((-7, 1.0), (56, 1.3), (119, 2.6))),
            crp(((-7, 22.0), (56, 61.0), (119, 140.0))),
            *counts(((-7, 4.2), (56, 4.4), (119, 9.0))),
        ),
        (
            *ecog((-7, 1), (56, 1), (98, 3)),
            Happening(98, {"kind": "CLINICAL_PROGRESSION", "text": "Too ill for the confirming scan"}),
        ),
    ),
    "SYN-05": Declared(
        Tumour.UROTHELIAL,
        (ldh(((-7, 0.95), (98, 0.92)), in_katal=True), *counts(((-7, 3.1), (98, 2.9)))),
        ecog((-7, 1), (98, 1)),
    ),
    "SYN-06": Declared(
        Tumour.OTHER,
        (
            ldh(((-7, 0.92), (56, 0.98), (98, 1.25))),
            crp(((-7, 6.0), (98, 21.0)), per_decilitre=True),
            *counts(((-7, 2.9), (56, 3.1), (98, 4.4)), per_microlitre=True),
        ),
        ecog((-7, 0), (56, 0), (98, 1)),
    ),
    "SYN-07": Declared(
        Tumour.MELANOMA,
        (
            ldh(((-7, 0.8), (98, 0.78), (161, 0.95))),
            copies(((-7, 38.0), (35, 0.5), (98, 0.5), (161, 9.4))),
            s100b(((-7, 0.10), (98, 0.06), (161, 0.12))),
        ),
        ecog((-7, 0), (98, 0), (161, 0)),
    ),
    "SYN-08": Declared(
        Tumour.RCC,
        (ldh(((-7, 0.9), (161, 0.9)), in_katal=True), *counts(((-7, 3.4), (161, 2.7)))),
        ecog((-7, 1), (161, 1)),
    ),
    "SYN-09": Declared(Tumour.RCC, (ldh(((-7, 0.88), (161, 0.9))),), ecog((-7, 1), (161, 1))),
    "SYN-10": Declared(
        Tumour.OTHER, (ldh(((-7, 0.93), (98, 0.95))), crp(((-7, 8.0), (98, 9.0)))), ecog((-7, 1), (98, 1))
    ),
    "SYN-11": Declared(
        Tumour.MELANOMA,
        (
            ldh(((-7, 1.3), (98, 0.85), (161, 1.0), (203, 1.7)), in_katal=True),
            allele_share(((-7, 4.2), (56, 0.3), (98, 0.05), (161, 1.9), (203, 5.8))),
            s100b(((-7, 0.22), (98, 0.08), (203, 0.36))),
        ),
        ecog((-7, 0), (98, 0), (203, 1)),
    ),
    "SYN-12": Declared(Tumour.OTHER, (ldh(((-7, 0.85), (56, 0.85))),), ecog((-7, 0), (56, 0))),
    "SYN-13": Declared(
        Tumour.UROTHELIAL,
        (ldh(((-7, 1.02), (161, 0.9))), *counts(((-7, 3.8), (161, 3.0)), per_microlitre=True)),
        ecog((-7, 1), (161, 1)),
    ),
    "SYN-14": Declared(
        Tumour.OTHER,
        (
            ldh(((-7, 1.1), (98, 1.2))),
            crp(((-7, 31.0), (98, 44.0)), per_decilitre=True),
            *counts(((-7, 4.0), (98, 4.8))),
        ),
        ecog((-7, 1), (98, 1)),
    ),
    "SYN-15": Declared(
        Tumour.MELANOMA,
        (
            ldh(((-7, 1.0), (98, 0.82)), in_katal=True),
            s100b(((-7, 0.13), (98, 0.06)), "ng/mL"),
            *counts(((-7, 2.8), (98, 2.1))),
        ),
        (
            *ecog((-7, 0), (98, 0), (161, 0)),
            Happening(105, {"kind": "IRAE", "grade": "1", "detail": "NODES", "text": "Sarcoid-like nodes"}),
            Happening(
                119,
                {"kind": "BIOPSY", "detail": "INFLAMMATION", "lesion": "right hilar node",
                 "text": "Granulomas without necrosis, no tumour"},
            ),
        ),
    ),
    "SYN-16": Declared(
        Tumour.NSCLC,
        (ldh(((-7, 0.95), (98, 0.86))), *counts(((-7, 3.9), (56, 3.9), (98, 2.6)))),
        (
            *ecog((-7, 1), (98, 0)),
            Happening(10, {"kind": "STEROID", "dose_mg": "10"}, 40),
        ),
    ),
    "SYN-17": Declared(
        Tumour.NSCLC,
        (
            ldh(((-7, 1.2), (56, 2.1), (98, 3.4))),
            crp(((-7, 34.0), (56, 96.0), (98, 180.0))),
            *counts(((-7, 5.1), (56, 8.4), (98, 12.0)), per_microlitre=True),
        ),
        (
            *ecog((-7, 1), (56, 2), (63, 3)),
            Happening(54, {"kind": "SYMPTOM", "grade": "3", "detail": "TUMOUR", "text": "Breathlessness at rest"}),
            Happening(63, {"kind": "CLINICAL_PROGRESSION", "text": "Therapy stopped, best supportive care"}),
        ),
    ),
    "SYN-18": Declared(
        Tumour.MELANOMA,
        (
            ldh(((-7, 1.3), (56, 2.2), (98, 0.95))),
            s100b(((-7, 0.14), (56, 0.15), (98, 0.09))),
            *counts(((-7, 3.9), (56, 3.9), (98, 2.6))),
        ),
        ecog((-7, 0), (56, 0), (98, 0)),
    ),
}  # fmt: skip
