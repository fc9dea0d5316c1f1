"""Stream text: what a terminal would leave, within a limit, whatever the pieces it came in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from verso.engine.text import StreamText, overwrite


def terminal(text: str) -> str:
    """A slow, obvious terminal: a line of characters and a place in it."""
    lines: list[str] = []
    line: list[str] = []
    place = 0
    for position, character in enumerate(text):
        if character == "\n" or (character == "\r" and text[position + 1 : position + 2] == "\n"):
            if character == "\n":
                lines.append("".join(line))
                line, place = [], 0
        elif character == "\r":
            place = 0
        else:
            line[place : place + 1] = [character]
            place += 1
    return "\n".join([*lines, "".join(line)])


@given(st.text(alphabet="ab\r\n", max_size=40))
def test_carriage_returns_write_over_the_line(text):
    assert overwrite(text) == terminal(text)


def test_backspaces_take_back():
    assert overwrite("abc\b\bx\n") == "ax\n"


@given(st.lists(st.text(alphabet="abc\n", max_size=20), max_size=20))
def test_within_the_limit_text_is_exact(pieces):
    kept = StreamText(10_000)
    for piece in pieces:
        kept.add(piece)
    assert kept.text() == "".join(pieces)


@given(st.integers(4, 200), st.lists(st.text(alphabet="0123456789", min_size=1, max_size=50), min_size=1, max_size=40))
def test_beyond_it_the_two_ends_stay_and_the_marker_counts_the_rest(limit, pieces):
    kept = StreamText(limit)
    for piece in pieces:
        kept.add(piece)
    whole = "".join(pieces)
    shown = kept.text()
    if len(whole) <= limit:
        assert shown == whole
        return
    head, rest = shown[: limit // 2], shown[limit // 2 :]
    assert whole.startswith(head)
    tail = rest.rpartition("…\n")[2]
    assert whole.endswith(tail)
    assert len(tail) == limit - limit // 2
    assert f"{len(whole) - limit:,} characters left out" in shown


def test_a_progress_bar_does_not_count_against_the_limit():
    kept = StreamText(1000)
    for number in range(200_000):
        kept.add(f"\r{number:>6} of 200000")
    kept.add("\ndone\n")
    assert kept.text() == "199999 of 200000\ndone\n"
