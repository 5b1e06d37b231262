"""Which names people may give: patients, lesions, lines of therapy; no Django."""

# Letters to Unicode, nothing to the eye.
FILLERS = frozenset("\u115f\u1160\u3164\uffa0")


def is_readable(name: str, longest: int) -> bool:
    """Whether a name of at most so many characters can be read: it has a letter or a digit, and no hidden signs.

    Line breaks, control signs, reversed writing directions and letters without width are hidden ones.

    >>> is_readable("liver 1", 64), is_readable("  ", 64), is_readable("liver\\n1", 64), is_readable("\\u3164", 64)
    (True, False, False, False)
    >>> is_readable("\\u202e1 revil", 64), is_readable("肝 1", 64), is_readable("liver 1", 6)
    (False, True, False)
    """
    has_letter = any(letter.isalnum() for letter in name)
    return len(name) <= longest and has_letter and name.isprintable() and not FILLERS & set(name)
