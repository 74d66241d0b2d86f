"""The stand-in answers over HTTP as InfluxDB 3 does."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from tests.integration.test_series_port import TOKEN, start, stop

BAD = "home,room=a temp=21.0 1000\nhome,room=a temp=hi 2000\nhome,room=b temp=22.5 3000"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process, url = start(tmp_path_factory.mktemp("http"))
    yield url
    stop(process)


@pytest.fixture
def database() -> str:
    return f"d{uuid4().hex}"


def call(
    url: str, path: str, body: bytes | None = None, token: str = TOKEN, **headers: str
) -> tuple[int, bytes]:
    request = Request(f"{url}{path}", data=body, headers={"Authorization": f"Bearer {token}"})  # noqa: S310, our own address
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    try:
        with urlopen(request, timeout=10) as answer:  # noqa: S310, our own address
            return answer.status, answer.read()
    except HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read()


def write(url: str, database: str, lines: str, **query: str) -> tuple[int, bytes]:
    asked = {"db": database, "precision": "second", **query}
    return call(url, f"/api/v3/write_lp?{urlencode(asked)}", lines.encode())


def rows(url: str, database: str, statement: str) -> list[dict[str, object]]:
    asked = urlencode({"db": database, "q": statement, "format": "json"})
    status, answer = call(url, f"/api/v3/query_sql?{asked}")
    assert status == 200, answer
    found: list[dict[str, object]] = json.loads(answer)
    return found


def test_health_needs_no_token_and_the_rest_does(url: str) -> None:
    assert call(url, "/health", token="")[0] == 200
    assert call(url, "/api/v3/query_sql?db=x&q=SELECT+1", token="no")[0] == 401


def test_a_bad_line_is_named_and_the_good_ones_stay(url: str, database: str) -> None:
    status, answer = write(url, database, BAD)
    told = json.loads(answer)
    assert status == 400
    assert told["error"] == "partial write of line protocol occurred"
    assert [(each["line_number"], each["original_line"]) for each in told["data"]] == [
        (2, "home,room=a temp=hi 2000")
    ]
    assert rows(url, database, "SELECT room, temp, time FROM home ORDER BY time") == [
        {"room": "a", "temp": 21.0, "time": "1970-01-01T00:16:40"},
        {"room": "b", "temp": 22.5, "time": "1970-01-01T00:50:00"},
    ]


def test_nothing_stays_when_partial_writes_are_not_accepted(url: str, database: str) -> None:
    status, answer = write(url, database, BAD, accept_partial="false")
    assert (status, json.loads(answer)["data"]["line_number"]) == (400, 2)
    tables = rows(
        url, database, "SELECT * FROM information_schema.tables WHERE table_schema='iox'"
    )
    assert tables == []


def test_a_column_keeps_the_type_of_its_first_write(url: str, database: str) -> None:
    assert write(url, database, "home temp=1.5 1000")[0] == 204
    status, answer = write(url, database, "home temp=2i 2000")
    assert status == 400
    assert "temp" in json.loads(answer)["data"][0]["error_message"]
    assert write(url, database, "home temp=1.5 3000\nhome temp=true 4000")[0] == 400


def test_the_same_point_again_is_one_row(url: str, database: str) -> None:
    write(url, database, "home,room=a temp=1.0,hum=5i 1000")
    write(url, database, "home,room=a temp=2.0 1000")
    assert rows(url, database, "SELECT temp, hum FROM home") == [{"temp": 2.0, "hum": 5}]


def test_names_and_strings_may_hold_what_is_escaped(url: str, database: str) -> None:
    line = r'ho\ me,ro\,om=a\=b te\ mp="say \"hi\", \\ now",ok=t,n=3u 1000'
    assert write(url, database, line)[0] == 204
    assert rows(url, database, 'SELECT "ro,om", "te mp", ok, n FROM "ho me"') == [
        {"ro,om": "a=b", "te mp": 'say "hi", \\ now', "ok": True, "n": 3}
    ]


def test_a_gzip_body_is_read(url: str, database: str) -> None:
    body = gzip.compress(b"home temp=1.0 1000\n") + gzip.compress(b"home temp=2.0 2000\n")
    path = f"/api/v3/write_lp?db={database}&precision=second"
    assert call(url, path, body, Content_Encoding="gzip")[0] == 204
    assert rows(url, database, "SELECT count(*) AS n FROM home") == [{"n": 2}]


PACKED = gzip.compress(b"home temp=1.0 1000\nhome temp=2.0 2000\n")


@pytest.mark.parametrize(
    ("body", "packed"),
    [(b"home t=1 1", "gzip"), (PACKED[:-9], "gzip"), (PACKED[:20], "gzip"), (PACKED, "deflate")],
)
def test_a_body_that_is_not_packed_as_it_says_is_refused_and_nothing_of_it_stays(
    url: str, database: str, body: bytes, packed: str
) -> None:
    path = f"/api/v3/write_lp?db={database}&precision=second"
    status, answer = call(url, path, body, Content_Encoding=packed)
    assert status == 400
    assert json.loads(answer)["error"].startswith("could not read the body")
    assert call(url, f"/api/v3/query_sql?db={database}&q=SELECT+1")[0] == 404


@pytest.mark.parametrize("line", ["home t=１ 1", "home t=1 １", "home n=１i 1", "home,t=a t=1 1"])
def test_a_line_that_only_looks_right_is_refused(url: str, database: str, line: str) -> None:
    assert write(url, database, line, accept_partial="false")[0] == 400


@pytest.mark.parametrize("packed", [False, True])
def test_a_body_over_ten_mebibytes_is_refused(url: str, database: str, packed: bool) -> None:  # noqa: FBT001, a parameter
    body = b"#" * ((10 << 20) + 1)
    headers = {"Content_Encoding": "gzip"} if packed else {}
    sent = gzip.compress(body, 1) if packed else body
    assert call(url, f"/api/v3/write_lp?db={database}", sent, **headers)[0] == 413


def test_the_older_write_path_works_too(url: str, database: str) -> None:
    path = f"/api/v2/write?bucket={database}&precision=ms"
    assert call(url, path, b"home temp=1.0 1000")[0] == 204
    assert rows(url, database, "SELECT time FROM home") == [{"time": "1970-01-01T00:00:01"}]


@pytest.mark.parametrize(
    "statement", ["DROP TABLE home", "CREATE TABLE x AS SELECT 1", "SELECT nonsense FROM", ""]
)
def test_only_what_reads_is_run(url: str, database: str, statement: str) -> None:
    write(url, database, "home temp=1.0 1000")
    asked = urlencode({"db": database, "q": statement})
    assert call(url, f"/api/v3/query_sql?{asked}")[0] == 400


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_every_form_is_written(url: str, database: str, form: str) -> None:
    write(url, database, "home temp=1.5 1000")
    asked = {"db": database, "q": "SELECT temp FROM home", "format": form}
    status, answer = call(url, "/api/v3/query_sql", json.dumps(asked).encode())
    expected = {"jsonl": b'{"temp": 1.5}\n', "csv": b'"temp"\n1.5\n', "parquet": b"PAR1"}[form]
    assert (status, answer[: len(expected)]) == (200, expected)


def test_an_unknown_database_is_not_there(url: str) -> None:
    assert call(url, "/api/v3/query_sql?db=nowhere&q=SELECT+1")[0] == 404
    assert call(url, "/api/v3/write_lp?db=../up", b"home t=1 1")[0] == 400


def test_the_folder_is_not_left(url: str, database: str, tmp_path: Path) -> None:
    assert write(url, database, "../../up,a=b x=1 1000")[0] == 204
    assert rows(url, database, 'SELECT x FROM "../../up"') == [{"x": 1.0}]
    assert not list(tmp_path.parent.rglob("up"))
