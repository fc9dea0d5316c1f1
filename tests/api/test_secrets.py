"""Secrets are found in every spelling in which they come back."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verso.api.secrets import MASK, SHORTEST, Secrets

HARD = "p@ss w/ö\"rd'&\\x😀\n"


def secrets(*texts: str) -> Secrets:
    found = Secrets()
    for text in texts:
        found.add(text)
    return found


@pytest.mark.parametrize(
    "spelt",
    [
        HARD,
        HARD.upper(),
        quote(HARD),
        quote(HARD, safe="").lower(),
        quote(quote(HARD, safe="")),
        quote_plus(HARD),
        json.dumps(HARD)[1:-1],
        json.dumps(HARD, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(HARD))[3:-3],
        html.escape(HARD),
        html.escape(HARD).replace("ö", "&ouml;").replace("😀", "&#128512;"),
        repr(HARD)[1:-1],
        ascii(HARD)[1:-1],
        ascii(HARD.encode())[2:-1].replace("\\xc3\\xb6", "ö").replace("\\xf0\\x9f\\x98\\x80", "😀"),
    ],
)
def test_a_secret_is_masked_however_it_is_written(spelt: str) -> None:
    assert secrets(HARD).mask(f"<{spelt}>") == f"<{MASK}>"


@settings(deadline=None)
@given(before=st.binary(max_size=8), after=st.binary(max_size=8), secret=st.text(min_size=6, max_size=20))
def test_a_secret_is_masked_within_base64(before: bytes, after: bytes, secret: str) -> None:
    content = before + secret.encode("utf-8", "surrogatepass") + after
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        masked = secrets(secret).mask(encode(content).decode())
        assert MASK in masked
        left = "".join(masked.split(MASK)).rstrip("=")
        assert len(left) * 6 <= (len(before) + len(after)) * 8 + 12


def test_what_is_no_secret_stays() -> None:
    known = secrets("abc", "hunter2", "word")
    assert "abc" not in known and "word" in known, f"{SHORTEST - 1} letters hide nothing"
    assert known.mask("abc hunter 2 wor") == "abc hunter 2 wor"
    picture = f'<img src="data:image/png;base64,{base64.b64encode(b"a hunter2 in bytes").decode()}word">'
    assert known.mask(picture) == picture, "bytes of a picture are no words"
    assert not Secrets() and known.mask("a word") == f"a {MASK}"
    known.clear()
    assert not known and known.mask("a word") == "a word"


def test_long_rows_of_what_escapes_begin_with_take_no_long_time() -> None:
    known = secrets("$ecret word\n")
    for text in ("\\" * 60_000, "%25" * 20_000, "%" + "25" * 20_000, "&#x" + "0" * 60_000, "+" * 60_000):
        assert known.mask(text) == text


def test_the_longest_secret_wins() -> None:
    assert secrets("word", "word-of-mouth").mask("word-of-mouth, word") == f"{MASK}, {MASK}"


def test_what_a_cut_left_of_a_secret_is_masked() -> None:
    known = secrets("correct horse")
    assert known.mask_cut("x = 'correct ho…'") == f"x = '{MASK}…'"
    assert known.mask_cut("cor… correct horse…") == f"cor… {MASK}…"


def test_values_are_masked_to_the_leaves() -> None:
    value = {"a word": [1, None, True, {"b": "the word"}], "c": ("word",)}
    assert secrets("word").mask_value(value) == {f"a {MASK}": [1, None, True, {"b": f"the {MASK}"}], "c": [MASK]}


def test_the_beginning_of_a_secret_is_seen() -> None:
    known = secrets("hunter2", "terror")
    assert (known.begun("the hunter"), known.begun("h"), known.begun("hunter2"), known.begun("")) == (6, 1, 0, 0)
    assert known.begun("the hunt", 5) == 0
