"""The slices of a set: to what parts of it an item belongs, such as its type or its turn in a conversation."""

from __future__ import annotations

from collections.abc import Mapping

from rag.evaluation.items import Item

_LONGEST = 60  # characters: what is longer is a text, not a label


def turn(item: Item) -> int:
    """Which question of its conversation it is, from 1."""
    return len(item.history) + 1


def slices(item: Item) -> dict[str, str]:
    """Its label by the slice's name: ``type``, ``answerable``, ``turn`` and every short field of its row."""
    labels = {name: _label(value) for name, value in item.fields.items()}
    if item.type:
        labels["type"] = item.type
    if item.answerable is not None:
        labels["answerable"] = _label(item.answerable)
    labels["turn"] = str(turn(item))
    return {name: label for name, label in labels.items() if label}


def members(items: Mapping[str, Item], name: str, label: str) -> list[str]:
    """The ids of the items in a slice."""
    return [id_ for id_, item in items.items() if slices(item).get(name) == label]


def _label(value: object) -> str:
    """Empty for what labels nothing."""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value) if isinstance(value, str | int | float) else ""
    return text if len(text) <= _LONGEST else ""
