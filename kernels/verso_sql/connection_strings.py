"""Connection strings: `$env:X` and `$var:X` filled in, passwords hidden, and ADO.NET's form understood as well."""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote, unquote, unquote_plus

from verso.api.errors import MagicError
from verso.api.record import Record

_PLACEHOLDER = re.compile(r"\$(env|var):([A-Za-z_]\w*)|\$\{(env|var):([A-Za-z_]\w*)\}")
_URL = re.compile(r"([A-Za-z][\w+.-]*)://(.*)", re.DOTALL)
_PASSWORD = re.compile(r"(?<=://)([^:/@\s]*):(.*)@(?=[^@]*$)", re.DOTALL)
_SECRET_QUERY = re.compile(
    r"([?&;](?:[\w-]*(?:pass\w*|pwd|token|secret|key|credentials?)|odbc_connect)=)([^&;]*)", re.IGNORECASE
)
_PAIR = re.compile(r"""\s*([^=;]+?)\s*=\s*(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|([^;]*?))\s*(?:;|$)""")

_PROVIDERS: Mapping[str, str] = {
    "duckdb": "duckdb",
    "duckdb.net.data": "duckdb",
    "sqlite": "sqlite",
    "microsoft.data.sqlite": "sqlite",
    "system.data.sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "npgsql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "mysql.data.mysqlclient": "mysql+pymysql",
    "mysqlconnector": "mysql+pymysql",
    "mssql": "mssql+pyodbc",
    "sqlserver": "mssql+pyodbc",
    "sqlclient": "mssql+pyodbc",
    "microsoft.data.sqlclient": "mssql+pyodbc",
    "system.data.sqlclient": "mssql+pyodbc",
    "oracle": "oracle+oracledb",
}
"""What `--provider` may say → SQLAlchemy's dialect and driver. The same drivers stand in for a URL without one."""

DRIVERS: Mapping[str, str] = {
    "psycopg": 'pip install "verso-notebook[postgres]"',
    "pymysql": 'pip install "verso-notebook[mysql]"',
    "sqlalchemy": 'pip install "verso-notebook[sql]"',
    "pyodbc": "pip install pyodbc, and the database's ODBC driver",
    "oracledb": "pip install oracledb",
}
"""Module of a driver → how to get it."""


class Target(Record):
    """Where to connect. `url` holds the password and is never shown; `shown` is the same without."""

    url: str
    shown: str

    @property
    def dialect(self) -> str:
        """The first word of the URL: `sqlite`, `postgresql`, `duckdb` …"""
        return self.url.partition(":")[0].partition("+")[0]


async def resolve(text: str, variable: Callable[[str], Awaitable[str]]) -> str:
    """`text` with `$env:X` and `$var:X` (or `${var:X}`) filled in, escaped for the user part of a URL, or quoted for a
    list of pairs.

    `MagicError` for an unknown environment variable; what `variable` raises for an unknown shared one.
    """
    is_url = _URL.match(text) is not None
    parts: list[str] = []
    end = 0
    for found in _PLACEHOLDER.finditer(text):
        kind, name = found[1] or found[3], found[2] or found[4]
        value = _environment(name) if kind == "env" else await variable(name)
        whole = found.span() == (0, len(text))
        if not whole:
            value = quote(value, safe="") if is_url else _quoted(value)
        parts += text[end : found.start()], value
        end = found.end()
    return "".join((*parts, text[end:]))


def _quoted(value: str) -> str:
    """A value of a pair, in quotes where it could be taken for more than one."""
    return '"' + value.replace('"', '""') + '"' if re.search(r"""[;"']|^\s|\s$""", value) else value


def _environment(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise MagicError(f"there is no environment variable {name!r}", next_step="set it before Verso starts") from None


def read_target(text: str, provider: str = "") -> Target:
    """The database that a connection string names. `MagicError` when it can't be told."""
    text = text.strip()
    driver = _PROVIDERS.get(provider.lower(), provider) if provider else ""
    found = _URL.match(text)
    if found:
        scheme = driver or _PROVIDERS.get(found[1].lower(), found[1])
        return _target(f"{scheme}://{found[2]}")
    if text == ":memory:" or (driver in ("duckdb", "sqlite") and "=" not in text):
        return _target(f"{driver or 'duckdb'}:///{text}")
    if "=" in text:
        return _from_pairs(text, driver)
    raise MagicError(
        "the connection string is neither a URL nor a list of key=value pairs",
        next_step="for example sqlite:///shop.db or postgresql://user:$env:PASSWORD@host/database",
    )


def masked(url: str) -> str:
    """A connection URL with `***` in the place of passwords and tokens."""
    return _SECRET_QUERY.sub(r"\1***", _PASSWORD.sub(r"\1:***@", url))


def _secrets(url: str) -> set[str]:
    """What `masked` hides of a URL, as it stands there and as it is meant."""
    found = _PASSWORD.search(url)
    written = {match[2] for match in _SECRET_QUERY.finditer(url)} | ({found[2]} if found else set())
    return (written | {unquote_plus(text) for text in written} | {unquote(text) for text in written}) - {""}


def holds_password(text: str) -> bool:
    """Whether a connection string has a password written out, which the notebook would save with the cell."""
    found = _PASSWORD.search(text)
    if _URL.match(text):
        written = [match[2] for match in _SECRET_QUERY.finditer(text)] + ([found[2]] if found else [])
    else:
        pairs = _pairs(text)
        written = [pairs.get(key, "") for key in ("password", "pwd")]
    return any(secret and not _PLACEHOLDER.search(secret) for secret in written)


def hide(text: str, target: Target) -> str:
    """`text` (a driver's message) without the secrets of a target."""
    text = text.replace(target.url, target.shown)
    for secret in sorted(_secrets(target.url), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _target(url: str) -> Target:
    return Target(url=url, shown=masked(url))


def _pairs(text: str) -> dict[str, str]:
    """The values by key, in lower case and without blanks; a value in quotes may hold `;`, and the quote doubled."""
    found = {}
    for match in _PAIR.finditer(text):
        key, double, single, plain = match.groups()
        value = plain if plain is not None else (single or "").replace("''", "'") if double is None else double
        found[key.lower().replace(" ", "")] = value.replace('""', '"') if double is not None else value
    return found


def _from_pairs(text: str, driver: str) -> Target:
    """ADO.NET's form: `Host=…;Database=…;Username=…;Password=…` or `Data Source=file`."""
    pairs = _pairs(text)
    source = pairs.get("datasource", "")
    if not driver:
        raise MagicError(
            "a connection string of key=value pairs does not say which database it is for",
            next_step="add --provider (duckdb, sqlite, postgresql, mysql, mssql)",
        )
    if driver in ("sqlite", "duckdb"):
        return _target(f"{driver}:///{source or pairs.get('filename', '')}")
    host = pairs.get("host") or pairs.get("server") or source
    host, _, port = (host or "localhost").replace(",", ":").partition(":")
    port = pairs.get("port", port)
    user = pairs.get("username") or pairs.get("userid") or pairs.get("uid") or pairs.get("user") or ""
    password = pairs.get("password") or pairs.get("pwd") or ""
    name = f"{quote(user, safe='')}{':' + quote(password, safe='') if password else ''}@" if user else ""
    database = pairs.get("database") or pairs.get("initialcatalog") or ""
    return _target(f"{driver}://{name}{host}{':' + port if port else ''}/{database}")
