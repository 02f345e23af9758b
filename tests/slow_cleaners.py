"""A cleaner for the API that does harm where a text asks for it: it hangs in C, sleeps, or ends its process."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from cleaner.model import Cleaned
from cleaner.serve.cleaners import Cleaners


class SlowCleaners(Cleaners):
    """Harm whoever cleans a text that ends in `hang`, `sleep` or `die`."""

    def __init__(self, *settings: Any):
        super().__init__(*settings)
        usual, glance = self._usual, self._usual.glance

        def harm(document: Any, *more: Any) -> Cleaned:
            if document.text.endswith("hang"):
                sum(range(1 << 60))  # looks at no signal meanwhile
            if document.text.endswith("sleep"):
                while True:
                    time.sleep(0.01)
            if document.text.endswith("die"):
                os.kill(os.getpid(), signal.SIGKILL)
            return clean(document, *more)

        clean = usual.clean_document
        usual.clean_document = harm  # type: ignore[method-assign]
        usual.glance = lambda documents: [None] * len(glance(documents))  # type: ignore[method-assign]
