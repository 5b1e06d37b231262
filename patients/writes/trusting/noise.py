"""Store the same-day pairs and the noise tables of the site; what is said again is left alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from patients.models import NoiseTable, RetestPair
from patients.vocabulary import Modality
from patients.words.noise_words import NoBand, NoiseSource, SizeClass
from patients.writes.plain import digest_of

# Source, modality, feature set (None: sizes), size class, and whether of made-up patients.
Key = tuple[str, str, int | None, str, bool]


@dataclass(frozen=True, slots=True)
class TableOfNoise:
    """The bands of one source, modality, feature set (None: sizes) and size class, one entry a feature.

    `degrees` is 0 where a publication does not state them.
    """

    source: NoiseSource
    modality: Modality
    feature_set_pk: int | None
    size_class: SizeClass
    is_log: tuple[bool, ...]
    within_sd: tuple[float | None, ...]
    mdc: tuple[float | None, ...]
    upper_mdc: tuple[float | None, ...]
    degrees: tuple[int, ...]
    lesions: tuple[int, ...]
    patients: tuple[int, ...]
    left_out: tuple[int, ...]
    missing: tuple[NoBand | None, ...]
    citation: str = ""
    is_synthetic: bool = False

    @property
    def key(self) -> Key:
        """What there is one table of."""
        return self.source.value, self.modality.value, self.feature_set_pk, self.size_class.value, self.is_synthetic


def replace_pairs(pairs: Sequence[tuple[int, int, str]]) -> None:
    """Make the rows say which outlines of a day are pairs, and why one is not used: (first, second, why not)."""
    with transaction.atomic():
        stored = {
            (first, second): (pk, why_not)
            for pk, first, second, why_not in RetestPair.objects.values_list("pk", "first_id", "second_id", "why_not")
        }
        said = {(first, second): why_not for first, second, why_not in pairs}
        kept = {key for key, (_, why_not) in stored.items() if said.get(key) == why_not}
        RetestPair.objects.filter(pk__in=[pk for key, (pk, _) in stored.items() if key not in kept]).delete()
        RetestPair.objects.bulk_create(
            RetestPair(first_id=first, second_id=second, why_not=why_not)
            for (first, second), why_not in said.items()
            if (first, second) not in kept
        )


def replace_tables(tables: Sequence[TableOfNoise]) -> set[Key]:
    """Make the rows say what the tables say; the keys of the tables that came, went or changed."""
    with transaction.atomic():
        stored = {
            (source, modality, feature_set, size_class, is_synthetic): (pk, digest)
            for pk, digest, source, modality, feature_set, size_class, is_synthetic in NoiseTable.objects.values_list(
                "pk", "inputs_digest", "source", "modality", "feature_set_id", "size_class", "is_synthetic"
            )
        }
        said = {table.key: (table, digest_of(table)) for table in tables}
        kept = {key for key, (_, digest) in stored.items() if key in said and said[key][1] == digest}
        NoiseTable.objects.filter(pk__in=[pk for key, (pk, _) in stored.items() if key not in kept]).delete()
        NoiseTable.objects.bulk_create(_row(table, digest) for key, (table, digest) in said.items() if key not in kept)
    return (stored.keys() | said.keys()) - kept


def _row(table: TableOfNoise, digest: str) -> NoiseTable:
    return NoiseTable(
        source=table.source,
        modality=table.modality,
        feature_set_id=table.feature_set_pk,
        size_class=table.size_class,
        is_synthetic=table.is_synthetic,
        is_log=list(table.is_log),
        within_sd=list(table.within_sd),
        mdc=list(table.mdc),
        upper_mdc=list(table.upper_mdc),
        degrees=list(table.degrees),
        lesions=list(table.lesions),
        patients=list(table.patients),
        left_out=list(table.left_out),
        missing=[reason.value if reason else None for reason in table.missing],
        citation=table.citation,
        inputs_digest=digest,
    )
