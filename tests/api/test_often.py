"""Records of a class that is used often: the compiled `__init__` does what the general one did."""

from __future__ import annotations

from typing import Any

import pytest

from verso.api.record import Record, field


def make_classes() -> tuple[type[Any], type[Any]]:
    class Base(Record):
        name: str
        size: int = 3
        tags: list[str] = field(default_factory=list)

    class Derived(Base):
        color: str = "red"

    return Base, Derived


def test_values_are_the_same_before_and_after():
    base, derived = make_classes()
    values = [base(name="a", size=number) for number in range(200)]
    assert [value.size for value in values] == list(range(200))
    assert base(name="a") == base(name="a", size=3, tags=[])
    assert base(name="a").tags is not base(name="a").tags
    assert values[0].replace(name="b") == base(name="b", size=0)
    assert derived(name="d").as_dict() == {"name": "d", "size": 3, "tags": [], "color": "red"}


@pytest.mark.parametrize("made", [0, 200])
def test_wrong_fields_are_refused(made: int):
    base, derived = make_classes()
    for _ in range(made):
        base(name="a")
        derived(name="a")
    for wrong in ({}, {"name": "a", "colour": "red"}):
        with pytest.raises(TypeError, match=r"name|colour"):
            base(**wrong)
        with pytest.raises(TypeError, match=r"name|colour"):
            derived(**wrong)
    with pytest.raises(AttributeError, match="frozen"):
        base(name="a").name = "b"
