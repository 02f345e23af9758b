"""Import the library of an extra, or say how to install it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cleaner.errors import OptionError


@contextmanager
def needs(extra: str) -> Iterator[None]:
    """Turn a failing import in the block into an `OptionError` that names the extra.

    >>> with needs("polars"):
    ...     import no_such_library
    Traceback (most recent call last):
    cleaner.errors.OptionError: no_such_library cannot be imported (...): pip install "cleaner-news[polars]"
    """
    try:
        yield
    except ImportError as error:
        raise OptionError(
            f'{error.name or extra} cannot be imported ({error}): pip install "cleaner-news[{extra}]"'
        ) from None
