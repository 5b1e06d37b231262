"""Which sizes may not be compared: of scans that are not comparable no change is shown, its reason is. No Django."""

from collections.abc import Iterable, Iterator

from patients.concluded.trusted import LesionComparison

NOT_KNOWN = "The scans are not comparable."


class SizesApart:
    """One patient's comparisons, asked for the reason why two sizes of a lesion are not compared.

    Two scans that are no concluded pair (the table's nadir is that of a diameter, a pair's that of a volume) may be
    compared where comparable pairs lead from one to the other.
    """

    def __init__(self, comparisons: Iterable[LesionComparison] = ()) -> None:
        self._found: dict[tuple[int, frozenset[int]], LesionComparison] = {}
        self._beside: dict[tuple[int, int], set[int]] = {}
        self._apart: set[int] = set()
        for one in comparisons:
            sides = frozenset((one.then_scan_pk, one.now_scan_pk))
            self._found[one.lesion_pk, sides] = one
            if one.hides_size:
                self._apart.add(one.lesion_pk)
                continue
            for scan in sides:
                self._beside.setdefault((one.lesion_pk, scan), set()).update(sides)

    def why(self, lesion_pk: int, then_scan_pk: int, now_scan_pk: int) -> str:
        """The sentence in the place of a change; empty where sizes may be compared, or nothing is concluded yet."""
        if then_scan_pk == now_scan_pk or lesion_pk not in self._apart:
            return ""
        pair = self._found.get((lesion_pk, frozenset((then_scan_pk, now_scan_pk))))
        if pair is not None:
            return pair.found.sentence if pair.hides_size else ""
        return "" if now_scan_pk in self._reached(lesion_pk, then_scan_pk) else NOT_KNOWN

    def _reached(self, lesion_pk: int, scan_pk: int) -> Iterator[int]:
        seen, waiting = {scan_pk}, [scan_pk]
        while waiting:
            scan = waiting.pop()
            yield scan
            new = self._beside.get((lesion_pk, scan), set()) - seen
            seen |= new
            waiting += new
