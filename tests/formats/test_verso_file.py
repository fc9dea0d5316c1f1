"""The `.verso` file: its exact shape, what is mended, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.formats.notebooks import READ, WRITE
from verso.api.errors import FormatError
from verso.api.notebook import Cell, CellId, Notebook
from verso.api.outputs import DisplayData, DisplayId, Error, ExecuteResult, Stream
from verso.api.parameters import Parameter
from verso.formats import ipynb, verso_file


def read(value: Any) -> Notebook:
    return verso_file.read(value if isinstance(value, str) else json.dumps(value), READ)


def write(notebook: Notebook) -> str:
    return verso_file.write(notebook, WRITE)


def outputs_of(*values: Any) -> tuple[Any, ...]:
    return read({"cells": [{"id": "a", "outputs": list(values)}]}).cells[0].outputs


WHOLE = """\
{
  "verso": "1.0",
  "metadata": {
    "title": "Tïtle",
    "created": "2025-01-01T00:00:00+01:00",
    "modified": "2025-01-02T00:00:00+01:00",
    "defaultKernel": "python",
    "activeLayout": "dashboard",
    "preferredTheme": "verso-dark",
    "extensions": {
      "required": [
        "verso.sql"
      ],
      "optional": [
        "verso.http"
      ]
    },
    "parameters": {
      "rate": {
        "type": "float",
        "description": "Learning rate",
        "default": 0.1,
        "required": true,
        "order": 0
      }
    }
  },
  "cells": [
    {
      "id": "a",
      "type": "code",
      "language": "python",
      "source": "1 / 0 < 2 & \\"é\\"\\n",
      "outputs": [
        {
          "type": "stream",
          "name": "stderr",
          "mimeType": "text/plain",
          "content": "hi\\n"
        },
        {
          "type": "display_data",
          "mimeType": "image/png",
          "content": "iVBORw0KGgo=",
          "data": {
            "text/plain": "<Figure>"
          },
          "metadata": {
            "image/png": {
              "width": 3
            }
          },
          "displayId": "d1"
        },
        {
          "type": "execute_result",
          "mimeType": "application/json",
          "content": "{\\"a\\":[1,null]}",
          "executionCount": 3
        },
        {
          "type": "error",
          "mimeType": "text/plain",
          "content": "division by zero",
          "isError": true,
          "errorName": "ZeroDivisionError",
          "errorStackTrace": "Traceback\\n  1 / 0",
          "line": 1,
          "column": 5,
          "fatal": false,
          "detail": {
            "category": "math"
          }
        }
      ],
      "metadata": {
        "tags": [
          "t"
        ],
        "verso:execution": {
          "executionCount": 3,
          "status": "error",
          "elapsed": 0.5
        }
      },
      "attachments": {
        "a.png": {
          "image/png": "iVBORw0KGgo="
        }
      }
    },
    {
      "id": "b",
      "type": "markdown",
      "source": ""
    }
  ],
  "layouts": {
    "dashboard": {
      "cells": {}
    }
  },
  "extensionSettings": {
    "verso.sql": {
      "limit": 5
    }
  }
}
"""

NOTEBOOK = Notebook(
    title="Tïtle",
    created="2025-01-01T00:00:00+01:00",
    modified="2025-01-02T00:00:00+01:00",
    default_kernel="python",
    active_layout="dashboard",
    preferred_theme="verso-dark",
    required_extensions=("verso.sql",),
    optional_extensions=("verso.http",),
    parameters=(
        Parameter(name="rate", type="float", description="Learning rate", default=0.1, required=True, order=0),
    ),
    cells=(
        Cell(
            id=CellId("a"),
            language="python",
            source='1 / 0 < 2 & "é"\n',
            outputs=(
                Stream(name="stderr", text="hi\n"),
                DisplayData(
                    data={"text/plain": "<Figure>", "image/png": "iVBORw0KGgo="},
                    metadata={"image/png": {"width": 3}},
                    display_id=DisplayId("d1"),
                ),
                ExecuteResult(data={"application/json": {"a": [1, None]}}, execution_count=3),
                Error(
                    ename="ZeroDivisionError",
                    evalue="division by zero",
                    traceback=("Traceback", "  1 / 0"),
                    line=1,
                    column=5,
                    fatal=False,
                    detail={"category": "math"},
                ),
            ),
            execution_count=3,
            metadata={"tags": ["t"], "verso:execution": {"status": "error", "elapsed": 0.5}},
            attachments={"a.png": {"image/png": "iVBORw0KGgo="}},
        ),
        Cell(id=CellId("b"), type="markdown"),
    ),
    layouts={"dashboard": {"cells": {}}},
    extension_settings={"verso.sql": {"limit": 5}},
)


def test_the_exact_text() -> None:
    assert write(NOTEBOOK) == WHOLE
    assert read(WHOLE) == NOTEBOOK


def test_an_empty_notebook() -> None:
    text = '{\n  "verso": "1.0",\n  "metadata": {},\n  "cells": []\n}\n'
    assert write(Notebook()) == text
    assert read(text) == Notebook()


def test_unknown_keys_are_written_back_where_they_were() -> None:
    text = """\
{
  "first": 1,
  "verso": "1.0",
  "second": 2,
  "metadata": {
    "a": 1,
    "title": "t",
    "b": 2,
    "extensions": {
      "c": 3,
      "required": [
        "x"
      ],
      "d": 4
    },
    "parameters": {
      "p": {
        "e": 5,
        "type": "int",
        "f": 6
      }
    }
  },
  "third": [],
  "cells": [
    {
      "g": 7,
      "id": "a",
      "h": 8,
      "type": "code",
      "source": "",
      "i": {
        "deep": []
      },
      "outputs": [
        {
          "j": 9,
          "type": "stream",
          "name": "stdout",
          "k": 10,
          "mimeType": "text/plain",
          "content": "",
          "l": 11
        }
      ],
      "metadata": {
        "m": null
      },
      "n": 12
    }
  ],
  "fourth": null
}
"""
    assert write(read(text)) == text


def test_keys_of_any_case_and_escapes_are_read() -> None:
    notebook = read(
        '{"VERSO": "1.0", "Metadata": {"DefaultKernel": "p\\u0079thon"}, "CELLS": [{"ID": "a", "Source": "\\u003c"}]}'
    )
    assert (notebook.default_kernel, notebook.cells[0].id, notebook.cells[0].source) == ("python", "a", "<")


def test_the_exact_key_wins_over_one_of_another_case_and_both_are_kept() -> None:
    notebook = read('{"verso": "1.0", "cells": [{"ID": "other", "id": "a"}]}')
    assert notebook.cells[0].id == "a"
    assert notebook.cells[0].extra == {"ID": "other"}
    assert read(write(notebook)) == notebook


def test_names_that_the_user_gave_keep_their_case() -> None:
    notebook = read({"verso": "1.0", "metadata": {"parameters": {"Title": {"type": "int"}}}, "layouts": {"Cells": {}}})
    assert [parameter.name for parameter in notebook.parameters] == ["Title"]
    assert notebook.layouts == {"Cells": {}}


def test_a_missing_version_means_1_0_and_a_later_minor_is_read() -> None:
    assert read({"cells": []}) == Notebook()
    later = read({"verso": "1.7", "cells": []})
    assert later.cells == ()
    assert json.loads(verso_file.write(later, WRITE)) == {"verso": "1.7", "metadata": {}, "cells": []}
    assert read({"verso": 1, "cells": []}) == Notebook()


def test_a_later_version_goes_through_other_formats_and_a_strange_one_is_not_taken_over() -> None:
    later = read({"verso": "1.7", "new": 1, "cells": []})
    through = ipynb.read(ipynb.write(later, WRITE), READ)
    assert json.loads(verso_file.write(through, WRITE)) == {"verso": "1.7", "new": 1, "metadata": {}, "cells": []}
    strange = later.replace(extra={"verso:version": "2.0"})
    assert json.loads(verso_file.write(strange, WRITE))["verso"] == "1.0"


def test_an_empty_type_is_code() -> None:
    assert [cell.type for cell in read({"cells": [{"id": "a", "type": ""}]}).cells] == ["code"]


def test_source_as_a_list_and_windows_newlines() -> None:
    cells = read({"cells": [{"id": "a", "source": ["x\n", "y"]}, {"id": "b", "source": "x\r\ny\r"}]}).cells
    assert [cell.source for cell in cells] == ["x\ny", "x\ny\r"]


def test_missing_and_duplicate_ids_are_mended_with_a_warning() -> None:
    value = {"cells": [{"id": "a"}, {"source": "x"}, {"id": "a"}, {"id": ""}, {"id": None}]}
    notebook = read(value)
    ids = [cell.id for cell in notebook.cells]
    assert ids[0] == "a"
    assert len(set(ids)) == 5
    assert all(ids)
    assert notebook.warnings == (
        "cell 2 has no id: it got a new one",
        "cell 3 has the id 'a' of another cell: it got a new one",
        "cell 4 has no id: it got a new one",
        "cell 5 has no id: it got a new one",
    )
    assert read(value) == notebook
    assert "warnings" not in write(notebook)


def test_outputs_of_the_existing_program() -> None:
    shown, failed, fine = outputs_of(
        {"mimeType": "text/html", "content": "<b>"},
        {"mimeType": "text/plain", "content": "Boom", "isError": True, "errorName": "E", "errorStackTrace": "at x"},
        {"mimeType": "text/plain", "content": "ok", "isError": False, "errorName": None, "errorStackTrace": None},
    )
    assert shown == DisplayData(data={"text/html": "<b>"})
    assert failed == Error(ename="E", evalue="Boom", traceback=("at x",))
    assert fine == DisplayData(data={"text/plain": "ok"})


def test_data_may_hold_the_whole_bundle() -> None:
    (shown,) = outputs_of(
        {
            "type": "display_data",
            "mimeType": "text/html",
            "content": "<b>",
            "data": {"text/html": "<b>", "text/plain": "b"},
        }
    )
    assert shown.data == {"text/html": "<b>", "text/plain": "b"}


def test_every_output_shows_its_richest_view_to_the_existing_program() -> None:
    for output in json.loads(WHOLE)["cells"][0]["outputs"]:
        assert isinstance(output["mimeType"], str)
        assert isinstance(output["content"], str)


def test_an_output_type_that_is_not_known_is_kept() -> None:
    value = {"type": "widget", "mimeType": "text/plain", "content": "w", "model": 1}
    (output,) = outputs_of(value)
    assert output.data == {"text/plain": "w"}
    written = json.loads(write(Notebook(cells=(Cell(outputs=(output,)),))))
    assert written["cells"][0]["outputs"] == [value]


def test_half_a_surrogate_pair_survives() -> None:
    notebook = Notebook(cells=(Cell(source="a\ud800b"),))
    assert "\\ud800" in write(notebook)
    assert read(write(notebook)) == notebook


def test_a_large_output_is_handed_over_in_pieces() -> None:
    text = "0123456789é\n" * 200_000
    notebook = Notebook(cells=(Cell(outputs=(Stream(text=text),)),))
    pieces: list[str] = []
    verso_file.write_to(notebook, WRITE, pieces.append)
    assert max(map(len, pieces)) < len(text) / 4
    assert read("".join(pieces)) == notebook


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("", "a notebook:1:1", "the file is empty"),
        ("  \n", "a notebook:2:1", "the file is empty"),
        ("hello", "a notebook:1:1", "expecting value, found 'hello'"),
        ('{\n "cells": [\n  {"id": }\n]}', "a notebook:3:10", "expecting value, found '}'"),
        ('{"cells": [', "a notebook:1:12", "found the end of the text"),
        ("[" * 100_000, "a notebook", "nested too deeply"),
        ("1" * 5000, "a notebook", "thousands of digits"),
        ("[]", "$", "expected an object, found a list"),
        ("null", "$", "expected an object, found null"),
        ("{}", "$.cells", "expected a list of cells, found null"),
        ('{"cells": {}}', "$.cells", "expected a list, found an object"),
        ('{"cells": [1]}', "$.cells[0]", "expected an object, found a number"),
        ('{"cells": [{"id": 3}]}', "$.cells[0].id", "expected text, found a number"),
        ('{"cells": [{"source": ["a", 1]}]}', "$.cells[0].source[1]", "expected text, found a number"),
        ('{"cells": [{"source": {}}]}', "$.cells[0].source", "expected text or a list of texts, found an object"),
        ('{"cells": [{"outputs": [{"content": "x"}]}]}', "$.cells[0].outputs[0].mimeType", "expected a MIME type"),
        ('{"cells": [{"outputs": "x"}]}', "$.cells[0].outputs", "expected a list, found text"),
        ('{"cells": [{"metadata": []}]}', "$.cells[0].metadata", "expected an object, found a list"),
        ('{"cells": [], "metadata": 1}', "$.metadata", "expected an object, found a number"),
        ('{"cells": [], "metadata": {"title": []}}', "$.metadata.title", "expected text, found a list"),
        (
            '{"cells": [], "metadata": {"extensions": {"required": [true]}}}',
            "$.metadata.extensions.required[0]",
            "expected text, found true or false",
        ),
        (
            '{"cells": [], "metadata": {"parameters": {"p": {"required": "yes"}}}}',
            "$.metadata.parameters.p.required",
            "expected true or false, found text",
        ),
        ('{"cells": [], "extensionSettings": {"x": 1}}', "$.extensionSettings.x", "expected an object"),
        ('{"verso": "2.0"}', "$.verso", "format version 2.0, and this program reads up to 1.x"),
        ('{"verso": "one", "cells": []}', "$.verso", "expected a format version like \"1.0\", found 'one'"),
        ('{"verso": [], "cells": []}', "$.verso", "found a list"),
        ('{"nbformat": 4, "cells": []}', "a notebook", "a Jupyter notebook, not a .verso file"),
    ],
)
def test_wrong_files_say_where_and_what_was_expected(text: str, where: str, said: str) -> None:
    with pytest.raises(FormatError) as caught:
        read(text)
    assert said in caught.value.what
    assert caught.value.where.startswith("a notebook")
    assert caught.value.where.endswith(where)


def test_a_higher_version_says_what_reads_it() -> None:
    with pytest.raises(FormatError, match=r"reads format 2\.x"):
        read('{"verso": "2.1", "cells": []}')


def test_merge_conflicts_are_named() -> None:
    with pytest.raises(FormatError, match="unresolved merge conflicts"):
        read('{\n<<<<<<< HEAD\n"cells": []\n=======\n>>>>>>> x\n}')
