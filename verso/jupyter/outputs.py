"""The engine's outputs as messages of a Jupyter kernel."""

from __future__ import annotations

from typing import Any, assert_never

from verso.api.messages import ClearOutput, OutputMessage, Progress, UpdateDisplayData
from verso.api.outputs import DisplayData, DisplayId, Error, ExecuteResult, Stream

JupyterMessage = tuple[str, dict[str, Any]]


def message_of(output: OutputMessage, execution_count: int) -> JupyterMessage | None:
    """The type and content of the iopub message for an output; None for what Jupyter has no word for (progress)."""
    match output:
        case Stream():
            return "stream", {"name": output.shown_as, "text": output.text}
        case DisplayData():
            return "display_data", _display(output.data, output.metadata, output.display_id)
        case ExecuteResult():
            content = _display(output.data, output.metadata, output.display_id)
            return "execute_result", {**content, "execution_count": execution_count}
        case UpdateDisplayData():
            return "update_display_data", _display(output.data, output.metadata, output.display_id)
        case Error():
            return "error", error_content(output)
        case ClearOutput():
            return "clear_output", {"wait": output.wait}
        case Progress():
            return None
        case _:
            assert_never(output)


def error_content(error: Error) -> dict[str, Any]:
    """`ename`, `evalue` and `traceback`, as messages and replies have them."""
    traceback = list(error.traceback) or [f"{error.ename}: {error.evalue}"]
    return {"ename": error.ename, "evalue": error.evalue, "traceback": traceback}


def _display(data: Any, metadata: Any, display_id: DisplayId | None) -> dict[str, Any]:
    transient = {} if display_id is None else {"display_id": display_id}
    return {"data": dict(data), "metadata": dict(metadata), "transient": transient}
