"""A web handler: `GET /report?region=eu` runs a notebook and streams what happens, one JSON line an event.

Each request has a session of its own, so requests never see each other's variables. Run it with
`python samples/embedding/web_handler.py`, then `curl 'localhost:8080/report?region=eu'`.
"""

from pathlib import Path

from aiohttp import web

from verso import Plugins, open_session
from verso.api.errors import ParameterError
from verso.api.events import CellFinished, CellOutput, Event
from verso.api.outputs import Stream

NOTEBOOK = Path(__file__).with_name("report.verso")
PLUGINS: web.AppKey[Plugins] = web.AppKey("plugins", Plugins)


def shown(event: Event) -> dict[str, object] | None:
    """What the client gets to see of an event."""
    match event:
        case CellOutput(output=Stream() as stream):
            return {"cell": event.index, "text": stream.text}
        case CellFinished():
            return {"cell": event.index, "status": event.status, "seconds": round(event.elapsed, 3)}
    return None


async def report(request: web.Request) -> web.StreamResponse:
    """Runs the notebook with the query as its parameters."""
    try:
        async with open_session(NOTEBOOK, plugins=request.app[PLUGINS], parameters=dict(request.query)) as session:
            response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
            await response.prepare(request)
            lines: list[dict[str, object]] = []
            session.subscribe(lambda event: lines.append(line) if (line := shown(event)) else None)
            for cell in session.notebook.cells:
                await session.run(cells=[cell.id], timeout=30)
                while lines:
                    await response.write(f"{web.json_response(lines.pop(0)).text}\n".encode())
            total = await session.variables["total"]
            await response.write(f"{web.json_response({'total': total}).text}\n".encode())
            return response
    except ParameterError as error:
        raise web.HTTPBadRequest(text=str(error)) from None


def make_app() -> web.Application:
    """The application; plugins are loaded once for all requests."""
    app = web.Application()
    app[PLUGINS] = Plugins.load()
    app.router.add_get("/report", report)
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=8080)
