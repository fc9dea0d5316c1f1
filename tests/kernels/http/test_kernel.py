from __future__ import annotations

import asyncio
import base64
import datetime as dt
import hashlib
import re
import shutil
import ssl
import subprocess
import uuid
from pathlib import Path

import pytest
from aiohttp import web
from verso_http.kernel import HttpKernel
from verso_http.values import Values

from tests.kernels.http.conftest import PIXEL, Cells, echo, serve
from verso.api.errors import VariableError, VersoError
from verso.api.messages import CompleteRequest, DiagnoseRequest, InputRequest, InspectRequest
from verso.api.mime import HTML, PLAIN
from verso.api.values import decode, encode
from verso.rendering.sanitize import is_passive, sanitize
from verso.testing.context import TestKernelContext


async def test_a_response_is_a_bundle_and_a_variable(cells: Cells) -> None:
    reply, sink = await cells.run("GET {S}/echo?a=1 HTTP/1.1\nAccept: application/json\n")
    (bundle,) = sink.bundles
    assert re.match(r"HTTP/1.1 200 OK \(\d+ ms, \d+ B\)\nContent-Type: application/json", bundle[PLAIN])
    assert '  "method": "GET",\n  "path": "/echo?a=1"' in bundle[PLAIN]
    kept = sanitize(bundle[HTML])
    assert is_passive(bundle[HTML]), "a page shows it in its own colours"
    assert "background-color:#1a7f37" in kept and ">200 OK</b>" in kept and "headers</summary>" in kept
    assert [info.name for info in reply.changes.added] == ["httpResponse", "httpStatus"]
    response = decode(await cells.kernel.get_variable("httpResponse"))
    assert response["status"] == 200 and response["body"]["headers"]["accept"] == "application/json"
    assert decode(await cells.kernel.get_variable("httpStatus")) == 200
    again, _ = await cells.run("GET {S}/echo")
    assert "httpResponse" in [info.name for info in again.changes.changed]


async def test_an_answer_that_is_no_success_is_an_answer(cells: Cells) -> None:
    sink = await cells.ok("{S}/echo?status=404")
    assert "404 Not Found" in sink.shown
    assert decode(await cells.kernel.get_variable("httpStatus")) == 404


async def test_requests_names_comments_and_queries(cells: Cells) -> None:
    sink = await cells.ok(
        "@base = {S}\n@q = a b\n# a comment\n// another\n# @name first\nPOST {{base}}/echo\n    ?x={{q}}\n    &y=2\n"
        "# a comment among headers\nContent-Type: text/plain\nX-One: 1\n\nline 1\n\n# no comment in a body\n\n"
        "### the second\n\nput {{base}}/echo\n\n{{first.response.body.$.path}} {{first.response.headers.content-type}} "
        "{{first.response.status}} {{first.request.headers.x-one}}\n###\n"
    )
    assert len(sink.bundles) == 2
    first = decode(await cells.kernel.get_variable("first"))["body"]
    assert (first["method"], first["path"]) == ("POST", "/echo?x=a%20b&y=2")
    assert first["body"] == "line 1\n\n# no comment in a body" and first["headers"]["x-one"] == "1"
    second = decode(await cells.kernel.get_variable("httpResponse"))["body"]
    assert second["method"] == "PUT"
    assert second["body"] == "/echo?x=a%20b&y=2 application/json; charset=utf-8 200 1"


async def test_values_of_other_cells(cells: Cells) -> None:
    table = {"t": "table", "v": {"columns": [{"name": "a", "type": "int"}], "count": 1, "rows": [[encode(1)]]}}
    for name, value in (
        ("text", encode('a"b')), ("n", encode(5)), ("rows", encode([{"a": None, "d": dt.date(2024, 2, 29)}])),
        ("t", table), ("server", encode(cells.server)),
    ):  # fmt: skip
        await cells.kernel.set_variable(name, value)
    body = await cells.body(
        "POST {{server}}/echo\n\n{{text}} {{n}} {{rows}} {{t}} {{ rows[0].d }} {{rows.[0].d}}".replace(
            " {{ rows[0].d }}", ""
        )
    )
    assert body["body"] == 'a"b 5 [{"a": null, "d": "2024-02-29"}] [{"a": 1}] 2024-02-29'


async def test_dynamic_values(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("VERSO_TEST_NAME", "from the environment")
    (tmp_path / ".env").write_text(
        "OTHER=1\nKEY=first\nKEY='quoted value' # a remark\nexport PLAIN = a#b  # a remark\nEMPTY=\nVERSO_TEST_NAME=x\n"
    )
    values = Values(tmp_path, {})
    values.define("which", "VERSO_TEST_NAME")
    uuid.UUID(values.fill("{{$guid}}"))
    now = dt.datetime.now(dt.UTC).timestamp()
    assert abs(int(values.fill("{{$timestamp}}")) - now) < 5
    assert abs(int(values.fill("{{$timestamp -1 d}}")) - now + 86400) < 5
    assert all(3 <= int(values.fill("{{$randomInt 3 6}}")) < 6 for _ in range(20))
    assert 0 <= int(values.fill("{{$randomInt}}")) < 1000
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", values.fill("{{$datetime iso8601}}"))
    assert values.fill("{{$datetime rfc1123 1 y}}").endswith(" GMT")
    assert values.fill('{{$datetime "YYYY-MM-DD" 1 M}}')[:4].isdigit()
    assert values.fill("{{$localDatetime 'DD/MM'}}")[2] == "/"
    assert values.fill("{{$processEnv VERSO_TEST_NAME}}, {{$processEnv %which}}") == ", ".join(
        ["from the environment"] * 2
    )
    assert values.fill("{{$dotenv KEY}}") == "quoted value"
    assert values.fill("{{$dotenv PLAIN}}|{{$dotenv EMPTY}}|{{$dotenv %which}}") == "a#b||x"
    assert "from the environment" in values.secrets and "quoted value" in values.secrets


@pytest.mark.parametrize(
    ("code", "name", "words", "line", "column"),
    [
        ("GET {S}/echo\n\n###\nGET {S}/{{nope}}", "UnresolvedError", "{{nope}} has no value", 4, 0),
        ("GET {S}/echo\nA: {{$randomInt x y}}", "UnresolvedError", "$randomInt min max", 2, 4),
        ("GET {S}/echo\nA: {{$nope}}", "UnresolvedError", "$guid", 2, 4),
        ("GET {S}/echo\nA: {{$processEnv VERSO_NOT_SET}}", "UnresolvedError", "VERSO_NOT_SET", 2, 4),
        ("GET {S}/echo\nA: {{x.response.body.$.y}}", "UnresolvedError", "# @name x", 2, 4),
        ("@a = {{b}}\n@b = {{a}}\nGET {S}/{{a}}", "UnresolvedError", "defined by itself", 1, 0),
        ("FETCH {S}/echo", "HttpFormatError", "no HTTP method", 1, 1),
        ("GET {S}/echo\nno header", "HttpFormatError", "no header", 2, 1),
        ("# @name 1x\nGET {S}/echo", "HttpFormatError", "no name", 1, 1),
        ("# @timeout soon\nGET {S}/echo", "HttpFormatError", "takes seconds", 2, 1),
        ("POST {S}/echo\n\n< nope.txt", "HttpFormatError", "No such file", 3, 1),
        ("GET /echo", "VariableError", "#!http-set-base", 0, 0),
        ("GET http://127.0.0.1:1/x", "ConnectError", "no connection to http://127.0.0.1:1/x", 0, 0),
        ("GET ftp://127.0.0.1/x", "UnsupportedProtocol", "can't be asked", 0, 0),
        ("@a = x{{b}}\nGET {S}/echo\nX: {{half}}", "UnicodeEncodeError", "can't be asked", 0, 0),
        ("GET http://127.0.0.1:port/x", "InvalidURL", "can't be asked", 0, 0),
        ("GET http://127.0.0.1:99999/x", "OverflowError", "0-65535", 0, 0),
        ("POST {S}/echo\nContent-Length: 2\n\nlong", "LocalProtocolError", "declared Content-Length", 0, 0),
        ("GET {S}/typed/no-gzip", "DecodingError", "incorrect header", 0, 0),
        ("GET https://127.0.0.1:{P}/x", "ConnectError", "try http://", 0, 0),
        ("GET {S}/circle", "TooManyRedirects", "# @no-redirect", 0, 0),
        ("GET {S}/drop", "RemoteProtocolError", "failed", 0, 0),
        ("# @timeout 0.2\nGET {S}/slow", "TimeoutError", "0.2 seconds", 0, 0),
    ],
)
async def test_failures_say_what_and_where(
    cells: Cells, code: str, name: str, words: str, line: int, column: int
) -> None:
    await cells.kernel.set_variable("half", encode("half \ud83d"))
    reply, sink = await cells.run(code)
    (error,) = sink.errors
    assert reply.status == "error" and error.ename == name and words in error.evalue, error
    assert error.line == line and (error.column == column or name == "UnresolvedError")
    await cells.ok("GET {S}/echo")


async def test_bodies_from_files_forms_and_multipart(cells: Cells) -> None:
    (cells.folder / "plain.bin").write_bytes(b"{{x}}\x00\xff")
    (cells.folder / "filled.txt").write_text("name={{x}}")
    body = await cells.body("@x = Žofie\nPOST {S}/echo\nContent-Type: application/octet-stream\n\n< ./plain.bin")
    assert body["sha256"] == hashlib.sha256(b"{{x}}\x00\xff").hexdigest()
    assert (await cells.body("POST {S}/echo\n\n<@ filled.txt"))["body"] == "name=Žofie"
    assert (await cells.body("POST {S}/echo\n\n<@utf-8 filled.txt"))["body"] == "name=Žofie"
    form = "POST {S}/echo\nContent-Type: application/x-www-form-urlencoded\n\na=1\n&b={{x}}\n  &c=3"
    assert (await cells.body(form))["body"] == "a=1&b=Žofie&c=3"
    parts = (
        "POST {S}/echo\nContent-Type: multipart/form-data; boundary=B\n\n--B\nContent-Disposition: form-data; "
        'name="f"; filename="p"\n\n< plain.bin\n--B--'
    )
    body = await cells.body(parts)
    expected = b'--B\r\nContent-Disposition: form-data; name="f"; filename="p"\r\n\r\n{{x}}\x00\xff\r\n--B--\r\n'
    assert body["sha256"] == hashlib.sha256(expected).hexdigest()


async def test_a_prompt_asks_for_a_value(cells: Cells) -> None:
    code = "# @prompt user Who are you?\n# @prompt api_token\nPOST {S}/echo\n\n{{user}} {{api_token}}"
    _, sink = await cells.run(code, "Ana {{x}}", "t0k")
    assert [(question.prompt, question.kind) for question in sink.questions] == [
        ("Who are you? ", "line"),
        ("api_token: ", "secret"),
    ]
    assert '"body": "Ana {{x}} t0k"' in sink.shown
    assert (await cells.kernel.diagnose(DiagnoseRequest(code=code.replace("{S}", "http://h")))).diagnostics == ()
    for answers, says in (((), "nobody is there"), ((None,), "input ended")):
        reply, sink = await cells.run("# @prompt user\nGET {S}/{{user}}", *answers)
        assert reply.status == "error" and says in sink.errors[0].evalue
    reply, sink = await cells.run("# @prompt 1x\nGET {S}")
    assert sink.errors[0].line == 1 and "no name for a variable" in sink.errors[0].evalue


async def test_braces_that_name_nothing_are_text(cells: Cells) -> None:
    written = '{"a": "{{{x}}}", "b": {"c": {"d": {{x}}}}, "e": "{{}} {{#if x}} {{ .x }} \\{{x}} {{"x": 1}}"}'
    expected = '{"a": "{1}", "b": {"c": {"d": 1}}, "e": "{{}} {{#if x}} {{ .x }} {{x}} {{"x": 1}}"}'
    assert (await cells.body(f"@x = 1\nPOST {{S}}/echo\n\n{written}"))["body"] == expected


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
async def test_certificates(tmp_path: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "certificate.pem"]
    await asyncio.to_thread(subprocess.run, command, cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    application = web.Application()
    application.router.add_get("/echo", echo)
    async with serve(application, context) as address:

        async def told(verify: object) -> str:
            settings = {} if verify is None else {"verify": verify}
            launch = TestKernelContext(directory=tmp_path, exchange=tmp_path, settings=settings)
            async with HttpKernel(launch) as kernel:
                return (await Cells(kernel, f"https://{address}", tmp_path).run("GET {S}/echo"))[1].shown

        assert "CERTIFICATE_VERIFY_FAILED" in await told(None) and "`verify`" in await told(None)
        assert "200 OK" in await told(False)
        assert "200 OK" in await told("certificate.pem")
        with pytest.raises(VersoError, match=r"nope\.pem can't be read"):
            await told("nope.pem")


async def test_redirects_and_cookies(cells: Cells) -> None:
    sink = await cells.ok("GET {S}/redirect")
    assert "1 redirect" in sink.shown and "/echo?from=redirect" in sink.shown
    assert "302 Found" in (await cells.ok("# @no-redirect\nGET {S}/redirect")).shown
    await cells.ok("GET {S}/login")
    assert (await cells.body("GET {S}/echo"))["cookies"] == {"session": "c00kie-secret"}
    assert (await cells.body("# @no-cookie-jar\nGET {S}/echo"))["cookies"] == {}
    await cells.kernel.restart()
    assert (await cells.body("GET {S}/echo"))["cookies"] == {}


async def test_secrets_are_masked_in_what_is_shown(cells: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERSO_TEST_TOKEN", "env-s3cret")
    sink = await cells.ok(
        "# @name login\nGET {S}/login\n\n###\nGET {S}/echo?api_key=q-s3cret\n"
        "Authorization: Bearer {{$processEnv VERSO_TEST_TOKEN}}"
    )
    shown = str(sink.bundles)
    for secret in ("t0ken-123", "c00kie-secret", "env-s3cret"):
        assert secret not in shown
    assert "Žofie" in shown and "session=***" in shown
    assert "q-s3cret" not in (await cells.kernel.list_variables())[1].preview
    login = decode(await cells.kernel.get_variable("login"))
    assert login["body"]["access_token"] == "t0ken-123", "other cells get the value itself"
    body = await cells.body("GET {S}/echo\nAuthorization: Bearer {{login.response.body.$.access_token}}")
    assert body["headers"]["authorization"] == "Bearer t0ken-123"  # type: ignore[index]


async def test_basic_authorization_is_encoded(cells: Cells) -> None:
    for written in ("Basic me:pass word", "Basic me pass word"):
        body = await cells.body(f"GET {{S}}/echo\nAuthorization: {written}")
        encoded = base64.b64encode(b"me:pass word").decode()
        assert body["headers"]["authorization"] == f"Basic {encoded}"  # type: ignore[index]
    body = await cells.body("GET {S}/echo\nAuthorization: Basic bWU6cGFzcw==")
    assert body["headers"]["authorization"] == "Basic bWU6cGFzcw=="  # type: ignore[index]


async def test_paths_into_responses(cells: Cells) -> None:
    await cells.ok("# @name login\nGET {S}/login")
    paths = (".ids[0].id", "['name']", "")
    code = "POST {S}/echo\n\n" + " ".join(f"{{{{login.response.body.$.user{path}}}}}" for path in paths)
    assert (await cells.body(code))["body"] == '7 Žofie {"name": "Žofie", "ids": [{"id": 7}]}'
    reply, sink = await cells.run("GET {S}/{{login.response.body.$.user.ids[3].id}}")
    assert reply.status == "error" and "nothing at '.user.ids[3]'" in sink.errors[0].evalue


async def test_kinds_of_bodies(cells: Cells) -> None:
    async def shown(kind: str) -> dict[str, object]:
        return dict((await cells.ok(f"GET {{S}}/typed/{kind}")).bundles[0])

    assert '<a>\n  <b c="1">x</b>\n</a>' in str((await shown("xml"))[PLAIN])
    assert "<!ENTITY" in str((await shown("bomb"))[PLAIN])
    assert "<script>alert" not in str((await shown("html"))[HTML])
    image = await shown("png")
    assert base64.b64decode(str(image["image/png"])) == PIXEL and "<img" in str(image[HTML])
    assert "application/octet-stream, 2 B" in str((await shown("bytes"))[PLAIN])
    assert decode(await cells.kernel.get_variable("httpResponse"))["body"] == b"\x00\xff"
    assert str((await shown("bad-json"))[PLAIN]).endswith("\n\n{")
    assert str((await shown("latin"))[PLAIN]).endswith("\n\nžluť")
    assert "<a>ž</a>" in str((await shown("declared-xml"))[PLAIN])
    assert str((await shown("declared-html"))[PLAIN]).endswith('<meta charset="iso-8859-2">ž')
    assert str((await shown("marked"))[PLAIN]).endswith("\n\nž")
    assert str((await shown("gzip"))[PLAIN]).endswith("\n\nžluť")
    assert str((await shown("terminal"))[PLAIN]).endswith("\n\n\\x1b[31mred\\x07"), "a terminal obeys no stranger"
    assert "204 No Content" in str((await shown("empty"))[PLAIN])
    many = await shown("many")
    assert "… 200,000 more characters" in str(many[PLAIN])
    assert len(decode(await cells.kernel.get_variable("httpResponse"))["body"]) == 300_000


async def test_an_interrupt_ends_the_request(cells: Cells) -> None:
    running = asyncio.ensure_future(cells.run("GET {S}/slow\n###\nGET {S}/echo"))
    await asyncio.sleep(0.3)
    await cells.kernel.interrupt()
    async with asyncio.timeout(5):
        reply, sink = await running
    assert reply.status == "cancelled" and sink.outputs == []
    await cells.ok("GET {S}/echo")


async def test_an_interrupt_ends_a_question(cells: Cells) -> None:
    asked = asyncio.Event()

    async def ponder(request: InputRequest) -> str:
        asked.set()
        await asyncio.sleep(60)
        return "late"

    running = asyncio.ensure_future(cells.run("# @prompt user\nGET {S}/{{user}}", ponder))
    async with asyncio.timeout(5):
        await asked.wait()
        await cells.kernel.interrupt()
        reply, sink = await running
    assert reply.status == "cancelled" and sink.outputs == []
    await cells.ok("GET {S}/echo")


async def test_base_and_headers(cells: Cells) -> None:
    cells.kernel.base = f"{cells.server}/v1/"
    cells.kernel.headers["X-All"] = "{{who}}"
    body = await cells.body("@who = me\nGET /items?x=1")
    assert body["path"] == "/v1/items?x=1" and body["headers"]["x-all"] == "me"  # type: ignore[index]
    assert (await cells.body("GET items"))["path"] == "/v1/items"
    body = await cells.body("GET {S}/echo\nx-all: mine")
    assert body["headers"]["x-all"] == "mine"  # type: ignore[index]


async def test_a_cell_of_variables_only(cells: Cells) -> None:
    assert (await cells.ok("@a = 1\n\n# comment\n")).outputs == []
    assert (await cells.ok("")).outputs == []
    assert (await cells.body("POST {S}/echo\n\n{{a}}"))["body"] == "1"
    with pytest.raises(VariableError):
        await cells.kernel.get_variable("nope")


async def test_what_the_editor_asks(cells: Cells) -> None:
    kernel = cells.kernel
    await kernel.set_variable("city", encode("Oslo"))

    async def proposed(code: str) -> list[str]:
        reply = await kernel.complete(CompleteRequest(code=code, position=len(code)))
        return [proposal.text for proposal in reply.completions]

    assert await proposed("GE") == ["GET"]
    assert await proposed("@mine = 1\nGET http://x/{{m") == ["mine"]
    assert await proposed("GET http://x/{{ ci") == ["city"]
    assert "$guid" in await proposed("GET http://x/{{$")
    assert await proposed("# @no-r") == ["@no-redirect"]
    assert await proposed("GET http://x\nAuth") == ["Authorization: "]
    assert await proposed("POST http://x\nContent-Type: application/j") == ["application/json"]
    told = await kernel.inspect(InspectRequest(code="GET {{city}}", position=7))
    assert told.data[PLAIN] == "city = Oslo"
    assert not (await kernel.inspect(InspectRequest(code="GET x", position=2))).found
    found = (await kernel.diagnose(DiagnoseRequest(code="GET {{city}}\n\n###\nNOPE x"))).diagnostics
    assert [(d.severity, d.line) for d in found] == [("error", 4)]
    found = (await kernel.diagnose(DiagnoseRequest(code="GET {{city}}\nA: {{later}} {{$nope}}"))).diagnostics
    assert [(d.severity, d.line, d.column) for d in found] == [("information", 2, 4), ("error", 2, 14)]
