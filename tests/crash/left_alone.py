"""How long the work of a dead process was left alone: from its death to the run's next change of state."""

from typing import Any

import psycopg2

from tests.crash.whole_site import Site


class Asking:
    """The site's own tables, over a connection that is made again whenever it was taken down."""

    def __init__(self, site: Site) -> None:
        self._url = site.environment["DATABASE_URL"]
        self._connection: Any = None

    def __call__(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows, and none while the database does not answer."""
        try:
            if self._connection is None:
                self._connection = psycopg2.connect(self._url)
                self._connection.autocommit = True
            with self._connection.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall())
        except psycopg2.Error:
            self.close()
            return []

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class LeftAlone:
    """Which process holds which run, which processes died when, and what became of their runs."""

    def __init__(self, ask: Asking) -> None:
        self.ask = ask
        self.died_at: dict[int, float] = {}
        self.held: dict[int, int] = {}
        self.recovered_s: list[float] = []

    def died(self, pids: list[int], moment: float) -> None:
        """Processes that ended at this moment (s since 1970)."""
        self.died_at |= dict.fromkeys(pids, moment)

    def look(self) -> None:
        """Who holds what now, and whose run went on."""
        for pk, holder in self.ask("SELECT id, holder FROM radiomics_tasks_processingrun WHERE state = 'RUNNING'"):
            if "|" in holder:
                self.held[int(holder.split("|")[1])] = pk
        for pid, died_at in list(self.died_at.items()):
            if pid in self.held:
                self._measure(pid, self.held[pid], died_at)

    def open_runs(self) -> list[int]:
        """The runs of dead processes that were not seen to change since: at the end of a storm there are none."""
        return sorted(self.held[pid] for pid in self.died_at if pid in self.held)

    def _measure(self, pid: int, run: int, died_at: float) -> None:
        """Not where the run had ended before its process died."""
        before = self.ask(
            "SELECT to_state FROM patients_statechange"
            f" WHERE subject = 'run' AND row_pk = {run} AND changed_at <= to_timestamp({died_at})"
            " ORDER BY id DESC LIMIT 1"
        )
        if before and before[0][0] != "RUNNING":
            del self.died_at[pid]
            return
        rows = self.ask(
            "SELECT extract(epoch FROM min(changed_at)) FROM patients_statechange"
            f" WHERE subject = 'run' AND row_pk = {run} AND changed_at > to_timestamp({died_at})"
        )
        if rows and rows[0][0] is not None:
            self.recovered_s.append(float(rows[0][0]) - died_at)
            del self.died_at[pid]
