"""The script exporter."""

from __future__ import annotations

from verso.api.notebook import Cell, CellId, Notebook
from verso.api.rendering import ExportOptions
from verso.export.script import export


def test_the_default_language_runs_and_the_rest_is_comment(options: ExportOptions) -> None:
    notebook = Notebook(
        default_kernel="py",
        cells=(
            Cell(id=CellId("a"), type="markdown", source="# Title\n\ntext"),
            Cell(id=CellId("b"), source="x = 1\n"),
            Cell(id=CellId("c"), source="select 1", language="sql"),
            Cell(id=CellId("d"), source="", type="code"),
            Cell(id=CellId("e"), source="print(x)", language="python"),
            Cell(id=CellId("f"), source="#!time\nprint(2)"),
        ),
    )
    script = export(notebook, options)
    assert (
        script
        == "# # Title\n#\n# text\n\nx = 1\n\n# [sql]\n# select 1\n\nprint(x)\n\n# [python]\n# #!time\n# print(2)\n"
    )
    compile(script, "script", "exec")


def test_magics_are_comments_so_that_the_script_runs(options: ExportOptions) -> None:
    cells = ("%matplotlib inline\nimport math", "%%bash\nls", "if True:\n    !ls\n    x = 1")
    script = export(Notebook(cells=tuple(Cell(source=source) for source in cells)), options)
    assert script == ("# %matplotlib inline\nimport math\n\n# %%bash\n# ls\n\nif True:\n#     !ls\n    x = 1\n")
    compile(script, "script", "exec")


def test_the_language_is_that_of_the_target(options: ExportOptions) -> None:
    notebook = Notebook(cells=(Cell(source="x = 1"), Cell(source="select 1", type="sql", language="sql")))
    options = options.replace(suffixes={"python": ".py", "sql": ".sql"})
    assert export(notebook, options.replace(suffix=".sql")) == "-- [python]\n-- x = 1\n\nselect 1\n"
    assert export(notebook, options.replace(suffix=".rb")) == "# [python]\n# x = 1\n\n# [sql]\n# select 1\n"


def test_comments_are_those_of_the_language(options: ExportOptions) -> None:
    notebook = Notebook(default_kernel="sql", cells=(Cell(id=CellId("a"), type="markdown", source="text"),))
    assert export(notebook, options) == "-- text\n"
    assert export(Notebook(), options) == ""
