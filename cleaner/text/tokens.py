"""Split a text into the tokens by which texts of any script are compared."""

from __future__ import annotations

import re
import unicodedata

_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]|[^\W_]+")
_GAP = re.compile(r"[\W_]+")


def tokenize(text: str) -> list[str]:
    """Split a text into lower-cased runs of letters and digits; of scripts without spaces each character is one.

    >>> tokenize("The bridge's 2nd_span: 橋は")
    ['the', 'bridge', 's', '2nd', 'span', '橋', 'は']
    """
    return _TOKEN.findall(unicodedata.normalize("NFC", text).lower())


def squeeze(text: str) -> str:
    """Return the lower-cased letters and digits of a text, run together: what is left where layouts differ.

    >>> squeeze("The  bridge's\\nspan.")
    'thebridgesspan'
    """
    return _GAP.sub("", unicodedata.normalize("NFC", text).lower())
