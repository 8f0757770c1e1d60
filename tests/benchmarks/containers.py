"""The collector of a container: what was loaded is left alone, and a decision is not interrupted to look for cycles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from infra.triggers.once import YOUNG_OBJECTS


@contextmanager
def as_in_a_container() -> Iterator[None]:
    """Measure as on Lambda (`infra/triggers/once.py`); afterwards the collector is as it was."""
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
