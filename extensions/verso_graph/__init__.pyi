from verso_graph.dot import record_label as record_label
from verso_graph.drawing import Program as Program
from verso_graph.drawing import draw as draw
from verso_graph.elements import Edge as Edge
from verso_graph.elements import Vertex as Vertex
from verso_graph.errors import CycleError as CycleError
from verso_graph.errors import DrawingProgramMissingError as DrawingProgramMissingError
from verso_graph.errors import GraphError as GraphError
from verso_graph.errors import RenderError as RenderError
from verso_graph.graph import Graph as Graph

__all__: list[str]
