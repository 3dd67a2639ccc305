"""
How far a result stated in words is certain.

Nothing is guessed: only a field that is nothing but a figure, or a word for "done", becomes a number.
"""

import re
from decimal import Decimal
from typing import Final

_WORD: Final = r"(?:done|completed?)"


def _bracketed(pattern: str) -> str:
    return rf"(?:{pattern}|\(\s*{pattern}\s*\)|\[\s*{pattern}\s*\])"


_FIGURE: Final = r"[0-9]{1,30}(?:\.[0-9]{1,20})?"
_PERCENT: Final = rf"{_FIGURE}\s*%"
_CERTAIN: Final = re.compile(
    rf"(?:{_bracketed(_WORD)}"
    rf"|(?:{_bracketed('done')}\s*)?(?P<percent>{_bracketed(_PERCENT)})(?:\s*{_bracketed(_WORD)})?)"
    # One remark at the end does not change the figure; words outside a parenthesis might.
    r"(?:\s*\([^()]*\))?",
    re.IGNORECASE,
)
DONE: Final = Decimal(100)


def certain_percent(text: str) -> Decimal | None:
    """
    The percentage that *text* states beyond doubt, in points, or None.

    Certain is the whole text being ``done``, ``complete`` or ``completed`` (100), or ``N%``, optionally with ``DONE``
    before and ``done`` or ``complete`` after it, in any case and bracketing, with at most one trailing parenthesis.
    """
    stated = _CERTAIN.fullmatch(text.strip())
    if stated is None:
        return None
    percent = stated["percent"]
    figure = re.search(_FIGURE, percent) if percent else None
    return Decimal(figure[0]) if figure else DONE
