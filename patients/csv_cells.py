"""A cell of a CSV file that no spreadsheet takes for a formula."""

# The full-width forms too: a spreadsheet in an East Asian locale takes them for the plain ones.
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "\0")


def csv_cell(value: str | float | None) -> str:
    """Text of one cell: numbers with every digit and never marked, text that could be a formula with a quote.

    >>> csv_cell(-12.3), csv_cell("-12.3"), csv_cell("=1+1"), csv_cell(None)
    ('-12.3', "'-12.3", "'=1+1", '')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.lstrip(" ").startswith(FORMULA_STARTS) else value
    return repr(value)
