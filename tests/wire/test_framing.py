"""Lines of JSON: cutting, reading and writing."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verso.wire.framing import LineSplitter, line_of, parse

texts = st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1)


@given(st.lists(texts), st.data())
def test_lines_are_the_same_however_the_bytes_arrive(lines: list[str], data: st.DataObject) -> None:
    flow = "".join(line + "\n" for line in lines).encode() + b"rest"
    splitter, seen = LineSplitter(), []
    while flow:
        size = data.draw(st.integers(1, len(flow)))
        seen += splitter.feed(flow[:size])
        flow = flow[size:]
    assert seen == lines
    assert splitter.rest() == "rest"


def test_empty_lines_are_left_out() -> None:
    assert LineSplitter().feed(b"\n\na\n\n\nb\n") == ["a", "b"]


def test_a_large_line_in_small_pieces_is_held_twice_at_most() -> None:
    size, piece = 20_000_000, b"x" * 65_536
    splitter = LineSplitter()
    tracemalloc.start()
    try:
        splitter.feed(b'{"type":"t","text":"')
        for _ in range(size // len(piece)):
            splitter.feed(piece)
        lines = splitter.feed(b'"}\n')
        message = parse(lines.pop())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(message, dict) and len(message["text"]) == size // len(piece) * len(piece)
    assert peak < 2.3 * size


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), json_values))
def test_a_message_comes_back_as_it_was(fields: dict[str, object]) -> None:
    message = {**fields, "type": "t"}
    line = line_of(message)
    assert line.endswith(b"\n") and line.count(b"\n") == 1 and line.isascii()
    assert parse(line.decode()) == message


@pytest.mark.parametrize(
    "line", ["", "x", "[1]", '"type"', "{}", '{"type": 3}', '{"type": "a"} trailing', '{"type": "a"', "[" * 100_000]
)
def test_what_is_no_message_comes_back_as_text(line: str) -> None:
    assert parse(line) == line


def test_numbers_that_json_does_not_know_become_null() -> None:
    message = parse('{"type": "t", "v": [NaN, Infinity, -Infinity, 1]}')
    assert message == {"type": "t", "v": [None, None, None, 1]}
    with pytest.raises(ValueError):
        line_of({"type": "t", "v": float("nan")})


def test_half_pairs_become_replacement_characters_and_whole_ones_stay() -> None:
    message = parse(r'{"type": "t", "\ud83d\ude00": ["a\ud800b", "\uDE00", "\ud83d\ude00", {"\udc00": 1}]}')
    assert message == {"type": "t", "😀": ["a�b", "�", "😀", {"�": 1}]}
    json.dumps(message, ensure_ascii=False).encode("utf-8")


def test_bytes_that_are_no_text_do_not_lose_the_message() -> None:
    (line,) = LineSplitter().feed(b'{"type": "stream", "text": "caf\xe9"}\n')
    assert parse(line) == {"type": "stream", "text": "caf�"}
