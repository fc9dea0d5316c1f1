from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verso_sql.statement import Statement, UnfinishedError, line_and_column
from verso_sql.statements import split


def texts(code: str, dialect: str = "duckdb") -> list[str]:
    return [statement.text for statement in split(code, dialect)]


def names(code: str, dialect: str = "duckdb") -> list[str]:
    return [reference.name for statement in split(code, dialect) for reference in statement.references]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("select 42", ["select 42"]),
        ("  select 42 ;\n", ["select 42"]),
        ("", []),
        (" ;; \n;", []),
        ("-- only a comment", []),
        ("/* ; */ ;", []),
        ("select 1; select 2", ["select 1", "select 2"]),
        ("select ';'; select \";\" -- ;\n; select $$;$$, $q$;$$;$q$", None),
        ("select 1 /* a ; /* b ; */ ; */; select 2", ["select 1 /* a ; /* b ; */ ; */", "select 2"]),
        ("explain select ';'; call f(';'); select 1", ["explain select ';'", "call f(';')", "select 1"]),
        ("begin; select 1; end; select 2", ["begin", "select 1", "end", "select 2"]),
    ],
)
def test_duckdb_statements(code: str, expected: list[str] | None) -> None:
    if expected is None:
        expected = ["select ';'", 'select ";"', "select $$;$$, $q$;$$;$q$"]
    found = texts(code)
    # A comment after the last token of a statement belongs to it or not: it changes nothing.
    assert [text.removesuffix(" /* a ; /* b ; */ ; */") for text in found] == [
        text.removesuffix(" /* a ; /* b ; */ ; */") for text in expected
    ]


@pytest.mark.parametrize(
    ("dialect", "code", "count"),
    [
        ("sqlite", "create trigger t after insert on x begin insert into y values (';'); update z set a = case when 1 "
         "then 2 end; end; select 1", 2),
        ("sqlite", "create temp trigger if not exists t after insert on x begin select 1; end", 1),
        ("sqlite", "select [a;b], `c;d`, \"e;f\", 'it''s;'; select 1", 2),
        ("sqlite", "select 'a\\'; select 1", 2),
        ("mysql", "select 'a\\';b', \"c;\", `d;` # e;\n; select 1 -- f;\n", 2),
        ("mysql", "create trigger t before insert on x for each row begin if new.a > 1 then set new.b = 2; end if; "
         "while 1 do set @c = 3; end while; case 1 when 1 then select 2; end case; end; select 1", 2),
        ("mysql", "delimiter //\ncreate procedure p() begin select 1; select 2; end//\ndelimiter ;\ncall p(); select 3",
         3),
        ("mysql", "create trigger t before insert on x for each row set new.a = 1; select 1", 2),
        ("postgres", "create function f() returns int language plpgsql as $$ begin return 1; end $$; select 1", 2),
        ("postgres", "create function f() returns int begin atomic select 1; select 2; end; select 3", 2),
        ("postgres", "do $x$ begin perform 1; end $x$; select E'a\\';', U&'\\0061;', 'b\\'; select 2", 3),
        ("postgres", "create table event (a int); begin; insert into event values (1); end; select 1", 5),
        ("oracle", "select q'[it's ; so]' from dual; select 1 from dual", 2),
        ("tsql", "declare @a int = 1; select @a;\ngo\nselect [x;y]]z]\nGO 2\n", 2),
        ("tsql", "select 1\ngo\nselect 2", 2),
        ("snowflake", "select $$;$$, 'x\\';' // c ;\n; select 1", 2),
        ("bigquery", "select '''a;b''', \"x\\\";\" # ;\n; select 1", 2),
        ("", "select ';'; select 1", 2),
    ],
)  # fmt: skip
def test_statements_of_other_dialects(dialect: str, code: str, count: int) -> None:
    assert len(split(code, dialect)) == count, texts(code, dialect)


@pytest.mark.parametrize(
    ("dialect", "code", "expected"),
    [
        ("duckdb", "select @a, '@b', \"@c\", $$@d$$, @@e, f@g -- @h\n/* @i */ + @ü1", ["a", "ü1"]),
        ("duckdb", "select x<@a, x<=@b, x>@c, x=@d, x!=@e, -@f, (@g), [@h], {'k':@i}, @j::int", list("abcdefghij")),
        ("duckdb", "explain select @a", ["a"]),
        ("duckdb", "select @ a, @(-1), @-2", []),
        ("postgres", "select @a, E'\\'@b', x @> y, x <@ y, x @@ y, @@ z, @-5, x @? y", ["a"]),
        ("postgres", "create function f() returns int begin atomic select @a; end", []),
        ("sqlite", "select @a, [b@c], `@d`, x'40'; select 'it''s @e'", ["a"]),
        ("sqlite", "create trigger t after insert on x begin select @a; end; select @b", ["b"]),
        ("mysql", "select '\\'@a', @@version, @b # @c\n; create user root@localhost; grant x to 'r'@'%'", ["b"]),
        ("mysql", "set @a = 1; select @a, @b; select 1 into @c; select @c; select @d := 2, @d", ["b"]),
        ("tsql", "declare @a int = 1, @b int; select @a, @b, @c, @@rowcount", ["c"]),
        ("tsql", "exec p @a = @b, @c = 'x@d'", ["b"]),
        ("snowflake", "select $$@a$$, 'x\\'@b', @c", ["c"]),
    ],
)
def test_references(dialect: str, code: str, expected: list[str]) -> None:
    assert names(code, dialect) == expected


def test_a_list_in_parentheses_after_in() -> None:
    (statement,) = split("select 1 where 1 in (@a) and 2 in (@b, 3) and (@c) is null and 4 not in (@d)", "duckdb")
    assert [(r.name, r.in_list) for r in statement.references] == [
        ("a", True), ("b", False), ("c", False), ("d", True)
    ]  # fmt: skip


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "sqlite", "mysql", "tsql"])
@pytest.mark.parametrize(
    ("code", "offset", "what"),
    [
        ("select 1; select 'abc -- \"x\n;", 17, "string"),
        ('select @x, "abc', 11, "quoted name"),
        ("select 'a''', /* abc ' \" ", 14, "comment"),
    ],
)
def test_what_is_not_closed_is_told_with_its_place(dialect: str, code: str, offset: int, what: str) -> None:
    with pytest.raises(UnfinishedError) as caught:
        split(code, dialect)
    assert (caught.value.offset, caught.value.what) == (offset, what) or dialect == "mysql"
    assert caught.value.offset == offset


PARTS = (
    "select 1", "select 'a;@b''c'", 'select "x;@y"', "select $$a;@b$$", "select @n", "select 1 -- c;@d\n",
    "select /* ;@e */ 2", "select '😀;', @ž", "select 4 in (@l)",
)  # fmt: skip


@given(st.lists(st.sampled_from(PARTS)))
def test_joined_statements_come_apart_where_they_were_joined(parts: list[str]) -> None:
    code = ";\n".join(parts)
    found = split(code, "duckdb")
    assert len(found) == len(parts)
    for statement, part in zip(found, parts, strict=True):
        assert part.startswith(statement.text)
        assert code[statement.start :].startswith(statement.text)
        for reference in statement.references:
            assert statement.text[reference.start : reference.end] == f"@{reference.name}"
        assert len(statement.references) == sum(mark in part for mark in ("@n", "@ž", "@l"))


@given(st.text(alphabet="select 1'\";@-\n/*$xü[]`#()\\", max_size=60), st.sampled_from(["duckdb", "mysql", "tsql"]))
def test_any_text_is_split_or_refused(code: str, dialect: str) -> None:
    try:
        found = split(code, dialect)
    except UnfinishedError as error:
        assert 0 <= error.offset <= len(code)
        return
    end = 0
    for statement in found:
        assert statement.start >= end
        end = statement.start + len(statement.text)
        assert code[statement.start : end] == statement.text


def test_a_plain_statement_needs_no_tokenizer() -> None:
    assert split("select a from t;", "duckdb") == (
        Statement(text="select a from t", start=0, verb="SELECT", words=frozenset({"select", "a", "from", "t"})),
    )


def test_line_and_column() -> None:
    assert line_and_column("ab\ncd", 0) == (1, 1)
    assert line_and_column("ab\ncd", 4) == (2, 2)
    assert line_and_column("ab\ncd", 99) == (2, 3)
