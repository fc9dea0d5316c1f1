"""Words with which diagrams and their statements begin, for completion."""

from __future__ import annotations

from typing import Final

KEYWORDS: Final = tuple(
    """
    architecture-beta block-beta C4Component C4Container C4Context C4Deployment C4Dynamic classDiagram erDiagram
    flowchart gantt gitGraph graph journey kanban mindmap packet-beta pie quadrantChart radar-beta requirementDiagram
    sankey-beta sequenceDiagram stateDiagram-v2 timeline treemap-beta xychart-beta zenuml
    accDescr accTitle activate actor alt and autonumber axisFormat bar box branch break checkout cherry-pick class
    classDef click commit critical dateFormat deactivate direction else end excludes line linkStyle loop merge namespace
    Note note opt option par participant rect root section showData state style subgraph title todayMarker x-axis y-axis
    """.split()  # noqa: SIM905 (a list of words reads better as words)
)
