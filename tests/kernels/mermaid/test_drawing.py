"""Diagrams drawn in process, and what is said of those that can't be."""

from __future__ import annotations

import asyncio
from xml.etree import ElementTree

import pytest
from verso_mermaid.kernel import LARGEST

from tests.kernels.mermaid.conftest import Runner
from verso.api.messages import CompleteRequest, DiagnoseRequest
from verso.api.mime import MERMAID, PLAIN, SVG
from verso.api.values import encode

DIAGRAMS = {
    "flowchart": 'flowchart LR\n  A["Start"] --> B{ok?}\n  B -->|yes| C',
    "sequence": "sequenceDiagram\n  Alice->>Bob: Hi\n  Bob-->>Alice: Hello",
    "class": "classDiagram\n  Animal <|-- Duck\n  Duck : +swim()",
    "state": "stateDiagram-v2\n  [*] --> Still\n  Still --> [*]",
    "entities": "erDiagram\n  CUSTOMER ||--o{ ORDER : places",
    "gantt": "gantt\n  dateFormat YYYY-MM-DD\n  section One\n  Task :a1, 2024-01-01, 3d",
    "pie": 'pie title Pets\n  "Dogs" : 3\n  "Cats" : 4',
    "git": "gitGraph\n  commit\n  branch next\n  commit",
    "mindmap": "mindmap\n  root((all))\n    one\n    two",
    "timeline": "timeline\n  title History\n  2000 : begun",
    "quadrants": "quadrantChart\n  x-axis Low --> High\n  y-axis Low --> High\n  One: [0.3, 0.6]",
    "chart": "xychart-beta\n  x-axis [a, b]\n  bar [1, 2]",
}


@pytest.mark.parametrize("kind", DIAGRAMS)
async def test_diagrams_of_many_kinds_are_drawn(mermaid: Runner, kind: str) -> None:
    reply, sink = await mermaid.run(DIAGRAMS[kind])
    assert reply.status == "ok"
    (bundle,) = sink.bundles
    root = ElementTree.fromstring(bundle[SVG])
    assert root.tag.endswith("svg")
    assert 0 < int(root.attrib["width"]) < 2000 and 0 < int(root.attrib["height"]) < 2000
    assert "<script" not in bundle[SVG]
    assert bundle[MERMAID] == DIAGRAMS[kind]
    assert bundle[PLAIN]


async def test_the_terminal_gets_the_diagram_in_characters(mermaid: Runner) -> None:
    _, sink = await mermaid.run("flowchart LR\n  Start --> Stop")
    plain = sink.bundles[0][PLAIN]
    assert "Start" in plain and "Stop" in plain and "-->" not in plain and "│" in plain


async def test_two_pictures_in_one_page_do_not_share_ids(mermaid: Runner) -> None:
    roots = []
    for code in ("flowchart LR\n  A --> B", "flowchart LR\n  C --> D"):
        _, sink = await mermaid.run(code)
        roots.append(ElementTree.fromstring(sink.bundles[0][SVG]).attrib["id"])
    assert len(set(roots)) == 2


async def test_settings_may_stand_below_a_magic(mermaid: Runner) -> None:
    # Blank lines stand where the engine took lines away.
    code = "\n  \n---\ntitle: The plan\n---\n%% a remark\nflowchart LR\n  Start --> Stop"
    reply, sink = await mermaid.run(code)
    assert reply.status == "ok" and "The plan" in sink.bundles[0][SVG]
    assert sink.bundles[0][MERMAID] == code.lstrip()
    assert "Start" in sink.bundles[0][PLAIN] and "-->" not in sink.bundles[0][PLAIN]


@pytest.mark.parametrize("code", ["sankey-beta\nA,B,10", "%% a\npie\n", '---\na: 1\n---\nC4Context\n  Person(a, "b")'])
async def test_no_wrong_picture_stands_for_a_kind_without_one(mermaid: Runner, code: str) -> None:
    _, sink = await mermaid.run(code)
    assert sink.bundles[0][PLAIN] == code


@pytest.mark.parametrize(
    ("code", "line", "column"),
    [
        ("sequenceDiagram\n  Alice->>Bob Hi\n", 2, 17),
        ("flowchart LR\n  A --> B\n  C[never closed --> D\n", 3, 23),
        ('pie title Pets\n  "Dogs" : many', 2, 12),
        ("gitGraph\n  commit\n  brnch next", 3, 3),
        ("%% only a comment\n\nnonsense here", 3, 1),
        ("gantt\n  section One\n  Task :a1, 2024-13-01, 3d", 3, 13),
        ("\n\n\ngitGraph\n  commit\n  brnch next", 6, 3),
    ],
)
async def test_errors_say_where(mermaid: Runner, code: str, line: int, column: int) -> None:
    reply, sink = await mermaid.run(code)
    assert reply.status == "error"
    (error,) = sink.errors
    assert (error.line, error.column) == (line, column)
    assert error.evalue and code.split("\n")[line - 1] in error.traceback
    diagnosed = await mermaid.kernel.diagnose(DiagnoseRequest(code=code))
    assert (diagnosed.diagnostics[0].line, diagnosed.diagnostics[0].column) == (line, column)


async def test_variables_stand_in_labels(mermaid: Runner) -> None:
    await mermaid.kernel.set_variable("total", encode(42))
    await mermaid.kernel.set_variable("who", encode('Žofie "Z" #1\nsecond'))
    code = 'flowchart LR\n  A["@total pieces"] --> B["@who"] --> C["@@home @unknown"]\n  %% @total stays'
    _, sink = await mermaid.run(code)
    text = sink.bundles[0][MERMAID]
    assert '["42 pieces"]' in text and '["Žofie #quot;Z#quot; #35;1 second"]' in text
    assert '["@home @unknown"]' in text and "%% @total stays" in text
    assert "42 pieces" in sink.bundles[0][SVG] or "42" in sink.bundles[0][SVG]


async def test_errors_point_into_what_was_written_and_not_what_was_put_in(mermaid: Runner) -> None:
    await mermaid.kernel.set_variable("name", encode("a long name that takes much room"))
    reply, sink = await mermaid.run("sequenceDiagram\n  participant X as @name\n  X->>Y Hi")
    assert reply.status == "error"
    assert (sink.errors[0].line, sink.errors[0].column) == (3, 11)


async def test_an_interrupt_ends_the_cell_at_once(mermaid: Runner) -> None:
    running = asyncio.create_task(mermaid.run(DIAGRAMS["flowchart"]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await mermaid.kernel.interrupt()
    reply, _ = await running
    assert reply.status == "cancelled"
    assert (await mermaid.run(DIAGRAMS["pie"]))[0].status == "ok"


async def test_without_the_extra_the_text_is_handed_on(bare: Runner) -> None:
    reply, sink = await bare.run("flowchart LR\n  A --> B")
    assert reply.status == "ok"
    assert sink.bundles == [{MERMAID: "flowchart LR\n  A --> B", PLAIN: "flowchart LR\n  A --> B"}]
    assert (await bare.kernel.diagnose(DiagnoseRequest(code="nonsense"))).diagnostics == ()


async def test_names_are_completed_after_the_sign(mermaid: Runner) -> None:
    await mermaid.kernel.set_variable("total", encode(42))
    reply = await mermaid.kernel.complete(CompleteRequest(code="flowchart LR\n A[@to", position=19))
    assert [one.text for one in reply.completions] == ["total"] and (reply.start, reply.end) == (17, 19)


async def test_a_large_diagram_is_left_to_the_page(mermaid: Runner) -> None:
    code = "flowchart LR\n" + "\n".join(f"  n{number} --> n{number + 1}" for number in range(LARGEST))
    reply, sink = await mermaid.run(code)
    assert reply.status == "ok"
    assert sink.bundles == [{MERMAID: code, PLAIN: code}]


async def test_an_interrupted_drawing_is_not_waited_for(mermaid: Runner) -> None:
    code = "flowchart LR\n" + "\n".join(f"  n{number} --> n{number + 1}" for number in range(LARGEST - 2))
    drawing = asyncio.ensure_future(mermaid.run(code))
    await asyncio.sleep(0.05)
    await mermaid.kernel.interrupt()
    async with asyncio.timeout(1.0):
        reply, _ = await drawing
    assert reply.status == "cancelled"
