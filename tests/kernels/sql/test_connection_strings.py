from __future__ import annotations

import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verso_sql.connection_strings import hide, holds_password, masked, read_target, resolve

from verso.api.errors import KernelStartError, MagicError


async def no_variable(name: str) -> str:
    raise MagicError(f"there is no variable {name!r}")


@pytest.mark.parametrize(
    ("text", "provider", "url"),
    [
        ("sqlite:///shop.db", "", "sqlite:///shop.db"),
        ("postgres://me@host/db", "", "postgresql+psycopg://me@host/db"),
        ("postgresql://me:a%40b@host:5433/db", "", "postgresql+psycopg://me:a%40b@host:5433/db"),
        ("postgresql+psycopg2://host/db", "", "postgresql+psycopg2://host/db"),
        ("mysql://host/db", "", "mysql+pymysql://host/db"),
        ("shop.duckdb", "duckdb", "duckdb:///shop.duckdb"),
        (":memory:", "", "duckdb:///:memory:"),
        ("Data Source=shop.db;Mode=ReadOnly", "Microsoft.Data.Sqlite", "sqlite:///shop.db"),
        (
            "Host=db.example; Port=5433; Database=crm; Username=me; Password=p@ss/word",
            "Npgsql",
            "postgresql+psycopg://me:p%40ss%2Fword@db.example:5433/crm",
        ),
        (
            "Server=db,1433;Initial Catalog=crm;User Id=sa;Password='x'",
            "Microsoft.Data.SqlClient",
            "mssql+pyodbc://sa:x@db:1433/crm",
        ),
        ('Host=h;Username=u;Password="a;b""c";Database=d', "npgsql", "postgresql+psycopg://u:a%3Bb%22c@h/d"),
        ("Host=h;Password='it''s;';Username=u", "npgsql", "postgresql+psycopg://u:it%27s%3B@h/"),
    ],
)
def test_targets(text: str, provider: str, url: str) -> None:
    assert read_target(text, provider).url == url


@pytest.mark.parametrize(("text", "words"), [("nonsense", "neither a URL"), ("Host=x;Database=y", "--provider")])
def test_what_can_not_be_told(text: str, words: str) -> None:
    with pytest.raises(MagicError, match=words):
        read_target(text)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:s3cret@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me:s3:cr@t@host/db", "postgresql://me:***@host/db"),
        ("postgresql://host/db", "postgresql://host/db"),
        ("snowflake://me@acc/db?token=abc&warehouse=w", "snowflake://me@acc/db?token=***&warehouse=w"),
        ("mssql://h/d?odbc_connect=1;PWD=abc;x=1", "mssql://h/d?odbc_connect=***;PWD=***;x=1"),
        ("mssql://?odbc_connect=DRIVER%3Dx%3BPWD%3Dabc", "mssql://?odbc_connect=***"),
        (
            "postgresql://h/d?sslpassword=a%20b&passfile=c&user=me",
            "postgresql://h/d?sslpassword=***&passfile=***&user=me",
        ),
    ],
)
def test_secrets_are_masked(url: str, shown: str) -> None:
    assert masked(url) == shown


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=6))
async def test_no_password_is_ever_shown(password: str) -> None:
    async def variable(name: str) -> str:
        return password

    target = read_target(await resolve("postgresql://me:$var:pw@host/db", variable))
    assert target.shown == "postgresql+psycopg://me:***@host/db"
    assert password not in hide(f"no login with {password} or {target.url}!", target)


async def test_placeholders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_PASSWORD", "a b@/c")
    monkeypatch.setenv("WHOLE", "sqlite:///x.db")

    async def variable(name: str) -> str:
        return {"host": "db.example"}[name]

    text = await resolve("postgresql://me:$env:CRM_PASSWORD@${var:host}/crm", variable)
    assert text == "postgresql://me:a%20b%40%2Fc@db.example/crm"
    assert await resolve("$env:WHOLE", variable) == "sqlite:///x.db"
    assert await resolve("Host=x;Password=$env:CRM_PASSWORD", variable) == "Host=x;Password=a b@/c"
    monkeypatch.setenv("CRM_PASSWORD", "a;Host=evil")
    text = await resolve("Username=me;Password=$env:CRM_PASSWORD;Host=h", variable)
    assert read_target(text, "npgsql").url == "postgresql+psycopg://me:a%3BHost%3Devil@h/"
    with pytest.raises(MagicError, match="no environment variable 'NOPE_X'"):
        await resolve("$env:NOPE_X", variable)
    with pytest.raises(MagicError, match="no variable 'gone'"):
        await resolve("$var:gone", no_variable)


@pytest.mark.parametrize("text", ["sslpassword=hid3%2Bn", "authtoken=hid3%2Bn"])
def test_secrets_of_a_query_are_hidden_in_what_a_driver_says(text: str) -> None:
    target = read_target(f"postgresql://me@host/db?{text}")
    assert hide("no: hid3%2Bn, hid3+n", target) == "no: ***, ***"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("postgresql://me:pw@h/d", True),
        ("postgresql://me:$env:PW@h/d", False),
        ("postgresql://me@h/d?sslpassword=x", True),
        ("postgresql://me@h/d?sslpassword=$env:X", False),
        ("Host=h;Password=x", True),
        ("Host=h;Password=$env:X", False),
        ("Host=h;Pwd = '$var:x'", False),
    ],
)
def test_a_password_that_is_written_out_is_told(text: str, written: bool) -> None:
    assert holds_password(text) is written


def test_a_url_that_the_driver_does_not_like_is_an_error_that_hides_the_password() -> None:
    pytest.importorskip("sqlalchemy")
    connections = importlib.import_module("verso_sql.sqlalchemy_connection")
    with pytest.raises(KernelStartError) as caught:
        connections.open_connection("x", read_target("postgresql://me:s3cret@host:port/db"))
    assert "s3cret" not in str(caught.value) and "me:***@host" in str(caught.value)
