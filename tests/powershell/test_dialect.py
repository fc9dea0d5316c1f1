"""Messages that no recorded conversation holds, as the engine gets them."""

from __future__ import annotations

from typing import Any

import pytest
from verso_powershell.dialect import Dialect


@pytest.fixture
def dialect() -> Dialect:
    return Dialect(program="/bin/pwsh", arrow=False)


def asked(dialect: Dialect, **fields: Any) -> dict[str, Any]:
    """What a question of the worker is to the engine."""
    return dialect.incoming({"type": "input_request", "id": "r1", "input_id": "input-1", **fields})


def choices(*labels: tuple[str, str]) -> list[dict[str, str]]:
    return [{"label": label, "key": key, "help": f"about {label}"} for label, key in labels]


@pytest.mark.parametrize(
    ("sent", "default", "prompt"), [(1, 1, 'Choice (default is "N"): '), (-1, None, "Choice: "), (7, None, "Choice: ")]
)
def test_a_choice_is_listed_once(dialect: Dialect, sent: int, default: int | None, prompt: str) -> None:
    """The worker's prompt lists the choices, as the console does; here whoever asks lists them."""
    listed = choices(("Yes", "Y"), ("No", "N"))
    question = asked(dialect, kind="choice", prompt="[Y] Yes  [N] No: ", choices=listed, default=sent, message="Sure?")
    assert (question["default"], question["prompt"], question["message"]) == (default, prompt, "Sure?")
    assert question["choices"] == listed


def test_a_choice_without_a_key_is_answered_by_its_label(dialect: Dialect) -> None:
    question = asked(dialect, kind="choice", prompt="Left  Right: ", choices=choices(("Left", ""), ("Right", "")))
    assert [choice["key"] for choice in question["choices"]] == ["Left", "Right"]


def test_a_list_is_introduced_once(dialect: Dialect) -> None:
    said = {"kind": "field", "caption": "cmdlet f", "message": "Supply values", "field": "name", "help": None}
    first = asked(dialect, **said, prompt="name[0]: ")
    later = asked(dialect, **said, prompt="name[10]: ")
    assert (first["caption"], first["message"], first["prompt"]) == ("cmdlet f", "Supply values", "name[0]: ")
    assert (later["caption"], later["message"], later["prompt"]) == ("", "", "name[10]: ")
    assert first["help"] == "" and first["field"] == later["field"] == "name"


def test_an_interrupt_that_came_too_late_is_about_the_request_it_named(dialect: Dialect) -> None:
    said = dialect.incoming({"type": "not_running", "id": "r3", "request": "r2"})
    assert said == {"type": "not_running", "id": "r2"}


@pytest.mark.parametrize(
    ("words", "what"),
    [("There is no variable $x.", "unknown"), ("The property 'y' cannot be found on this object.", None)],
)
def test_only_a_variable_that_is_not_there_is_unknown(dialect: Dialect, words: str, what: str | None) -> None:
    dialect.outgoing({"type": "get_variable", "id": "r1", "name": "x", "arrow": False, "exchange": ""})
    reply = dialect.incoming({"type": "reply", "id": "r1", "status": "error", "message": words})
    assert reply.get("what") == what and reply["message"] == words and reply["status"] == "error"


def test_a_cell_that_the_worker_could_not_run_has_its_words(dialect: Dialect) -> None:
    dialect.outgoing({"type": "execute", "id": "r1", "code": "1", "name": "cell-1", "allow_input": False})
    reply = dialect.incoming({"type": "reply", "id": "r1", "status": "error", "message": "no room"})
    assert reply == {"type": "reply", "id": "r1", "status": "error", "message": "no room"}


def test_a_queued_cell_that_was_interrupted_is_cancelled(dialect: Dialect) -> None:
    dialect.outgoing({"type": "execute", "id": "r1", "code": "1", "name": "cell-1", "allow_input": False})
    reply = dialect.incoming({"type": "reply", "id": "r1", "status": "cancelled"})
    assert reply["status"] == "cancelled" and reply["changes"] == {"added": [], "changed": [], "removed": []}


@pytest.mark.parametrize("kind", ["stream", "stopping", "protocol_error", "of_a_later_worker"])
def test_what_both_sides_call_the_same_passes(dialect: Dialect, kind: str) -> None:
    message = {"type": kind, "id": "r1", "text": "t", "message": "m"}
    assert dialect.incoming(dict(message)) == message
