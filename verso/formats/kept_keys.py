"""Keys of a JSON object that Verso does not know, kept with their place for writing them back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

ASIDE: Final = "verso:kept"
"""The key under which unknown keys are written that would be mistaken for known ones where they were."""


class KeptKeys(dict[str, Any]):
    """Unknown keys and their values. `places`: for each key, the index of the known key that it follows (-1: none).

    Equal to a plain `dict` of the same items; without places, the keys are written after the known ones.
    """

    def __init__(self) -> None:
        super().__init__()
        self.places: dict[str, int] = {}


def without(kept: Mapping[str, Any], name: str) -> KeptKeys:
    """The kept keys but one, with their places."""
    left = KeptKeys()
    left.update((key, value) for key, value in kept.items() if key != name)
    left.places = dict(kept.places) if isinstance(kept, KeptKeys) else {}
    return left


class KnownKeys:
    """The keys of one kind of JSON object, in the order in which they are written."""

    def __init__(self, *keys: str) -> None:
        self._indexes = {key: index for index, key in enumerate(keys)}
        self._any_case = {key.lower(): key for key in keys}

    def split(self, found: Mapping[str, Any]) -> tuple[dict[str, Any], KeptKeys]:
        """The known keys of an object, read in any case, and the others."""
        fields: dict[str, Any] = {}
        kept = KeptKeys()
        index = -1
        for key, value in found.items():
            known = key if key in self._indexes else self._any_case.get(key.lower())
            if known is None or (known != key and (known in found or known in fields)):
                kept[key] = value
                kept.places[key] = index
            else:
                fields[known] = value
                index = self._indexes[known]
        aside = kept.get(ASIDE)
        if isinstance(aside, dict):
            del kept[ASIDE]
            kept.update(aside)
        return fields, kept

    def join(self, fields: Mapping[str, Any], kept: Mapping[str, Any]) -> Mapping[str, Any]:
        """The object to write: `fields` (in the order of the known keys) and the `kept` ones where they were."""
        if not kept:
            return fields
        aside = {key: value for key, value in kept.items() if key == ASIDE or key.lower() in self._any_case}
        waiting = [key for key in kept if key not in aside]
        places: Mapping[str, int] = kept.places if isinstance(kept, KeptKeys) else {}
        last = len(self._indexes)
        waiting.sort(key=lambda key: places.get(key, last))
        joined: dict[str, Any] = {}
        for known in fields:
            while waiting and places.get(waiting[0], last) < self._indexes[known]:
                key = waiting.pop(0)
                joined[key] = kept[key]
            joined[known] = fields[known]
        joined.update((key, kept[key]) for key in waiting)
        if aside:
            joined[ASIDE] = aside
        return joined
