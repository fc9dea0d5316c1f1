"""What is secret goes to the server and nowhere else."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import quote

import pytest
import verso_http.plugin
import verso_python.plugin
from verso_http.masking import mask_url, secrets_in_request, secrets_in_response

from tests.kernels.http.conftest import Cells
from verso.api.messages import InputRequest, InspectRequest
from verso.api.mime import PLAIN
from verso.api.notebook import Cell, CellStatus, Notebook
from verso.api.values import decode, encode
from verso.engine import plugin as engine_plugin
from verso.engine.plugins import Plugins
from verso.engine.session import open_session

SECRET = "pa$$ wörd/1?"
"""One that no URL holds as it is."""

SPELT = (SECRET, quote(SECRET, safe=""), "wörd/1", quote("wörd"), base64.b64encode(b"pa$$ ").decode()[:6])


async def answer(request: InputRequest) -> str | None:
    return SECRET


def _plugins() -> Plugins:
    plugins = Plugins()
    for name, plugin in (("engine", engine_plugin), ("python", verso_python.plugin), ("http", verso_http.plugin)):
        plugins.add(name, plugin)
    return plugins


async def test_a_password_is_in_nothing_that_is_shown_or_saved(server: str, tmp_path: Path) -> None:
    cells = (
        ("#!set --name x --value @password", CellStatus.OK),
        ("GET http://127.0.0.1:1/a/{{x}}?q={{x}}", CellStatus.ERROR),
        ("GET http://me:{{x}}@127.0.0.1:1/", CellStatus.ERROR),
        ("GET http://127.0.0.1:port/{{x}}", CellStatus.ERROR),
        ("GET /{{x}}", CellStatus.ERROR),
        ("GET {S}/echo\nX: {{nope}}{{x}}", CellStatus.ERROR),
        ("@y = {{x}}{{x}}\n# @timeout 0.2\nGET {S}/slow?{{y}}", CellStatus.ERROR),
        ("GET {S}/v1/{{x}}?a={{x}}\nAuthorization: Basic me:{{x}}", CellStatus.OK),
        ("# @name sent\nPOST {S}/echo?a={{x}}\nAuthorization: Basic me {{x}}\nX-Y: {{x}}\n\n{{x}}", CellStatus.OK),
        ("GET {S}/moved?to={{x}}", CellStatus.OK),
        ("#!http-set-base http://127.0.0.1:1/{{x}}\nGET /", CellStatus.ERROR),
        ("#!python\nprint(sent, sent['body']['headers']['authorization'])\nsent", CellStatus.OK),
        ("#!python\ny = x * 30\nraise ValueError(x)", CellStatus.ERROR),
    )
    notebook = Notebook(
        default_kernel="http",
        cells=tuple(Cell(id=str(n), source=source.replace("{S}", server)) for n, (source, _) in enumerate(cells)),  # type: ignore[arg-type]
    )
    events: list[object] = []
    async with open_session(notebook, plugins=_plugins(), answer=answer, directory=tmp_path) as session:
        session.subscribe(events.append)
        result = await session.run()
        statuses = [done.status for done in result.cells]
        assert statuses == [status for _, status in cells], [done.cell.outputs for done in result.cells]
        assert decode(await session.variables["sent"].typed())["body"]["body"] == SECRET, "the server got it"
        infos = str([handle.shared for handle in session.variables.values()])
        written = str(events) + str(session.notebook) + infos
    for spelt in SPELT:
        assert spelt not in written, written[written.index(spelt) - 200 :][:300]
    for place in (1, 2, 3, 4, 7, 8, 9, 10, 11, 12):
        assert "***" in str(result.cells[place].cell.outputs), result.cells[place].cell


async def test_an_editor_is_not_told_a_secret(cells: Cells) -> None:
    await cells.kernel.set_variable("x", encode(SECRET))
    cells.kernel._context.secrets.add(SECRET)
    told = await cells.kernel.inspect(InspectRequest(code="GET http://h/{{x}}", position=14))
    assert told.data[PLAIN] == "x = ***"


async def test_a_cut_preview_holds_no_half_of_a_secret(cells: Cells) -> None:
    cells.kernel._context.secrets.add("s3cret-" * 10)
    await cells.kernel.set_variable("x", encode("s3cret-" * 10))
    await cells.ok("GET {S}/echo?" + "a" * 70 + "={{x}}")
    assert "s3c" not in str(await cells.kernel.list_variables())


async def test_responses_that_hold_secrets_are_marked(cells: Cells) -> None:
    await cells.ok("# @name open\nGET {S}/echo?a=1\n###\n# @name login\nGET {S}/login")
    marked = {info.name: info.secret for info in await cells.kernel.list_variables()}
    assert marked == {"open": False, "login": True, "httpResponse": True, "httpStatus": False}


@pytest.mark.parametrize(
    ("url", "headers", "found"),
    [
        ("http://me:p%40ss1@h/", [], ["p@ss1"]),
        ("http://h/?api_key=k-12345678&page=2&token=true", [], ["k-12345678"]),
        ("http://h", [("Authorization", "Bearer abc-123")], ["abc-123"]),
        ("http://h", [("authorization", "Basic bWU6cGFzcy13b3Jk")], ["bWU6cGFzcy13b3Jk", "pass-word"]),
        ("http://h", [("Cookie", "theme=dark; id=12345678-9")], ["12345678-9"]),
        ("http://h", [("Accept", "text/html")], []),
        ("http://[::1]:80/?token=abcdefgh1", [], ["abcdefgh1"]),
        ("http://[nonsense", [], []),
    ],
)
def test_secrets_of_a_request(url: str, headers: list[tuple[str, str]], found: list[str]) -> None:
    assert [secret for secret in secrets_in_request(url, headers) if secret] == found


def test_secrets_of_a_response() -> None:
    body = {"items": [{"accessToken": "eyJhbGciOi.1", "password": "string", "token": None}], "name": "Ana"}
    headers = [("Set-Cookie", "sid=0123456789; Path=/"), ("Set-Cookie", "theme=dark"), ("X", "y")]
    assert set(secrets_in_response(headers, body)) == {"0123456789", "eyJhbGciOi.1"}


def test_urls_within_a_text_are_masked() -> None:
    assert (
        mask_url("no connection to http://me:pw@h/?token=abc&b=1#c (http://h?password=x): refused")
        == "no connection to http://me:***@h/?token=***&b=1#c (http://h?password=*** refused"
    )
