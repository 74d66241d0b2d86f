"""Commands in the words of HJ 212 (HJ 212-2017, annex C; HJ 212-2025, annex C)."""

from datetime import UTC, datetime

import pytest

from plume.hj212.requests import BadArguments, naming, requests_of
from plume.model.command import CommandKind as Kind

NOW = datetime(2016, 8, 1, 0, 58, 57, tzinfo=UTC)
SPAN = {"begin": "2016-08-01T08:30:00+08:00", "end": "2016-08-01T01:30:00+00:00"}
KEY = "30" * 16


@pytest.mark.parametrize(
    ("kind", "arguments", "expected"),
    [
        (Kind.READ_TIME, {}, [("1011", "")]),
        (Kind.READ_TIME, {"factor": "w01018"}, [("1011", "PolId=w01018")]),
        (Kind.SET_TIME, {}, [("1012", "SystemTime=20160801085857")]),
        (
            Kind.SET_TIME,
            {"factor": "w01018", "at": "2016-08-01T08:00:00+08:00"},
            [("1012", "PolId=w01018;SystemTime=20160801080000")],
        ),
        (Kind.READ_INTERVAL, {}, [("1061", ""), ("1063", "")]),
        (Kind.READ_INTERVAL, {"which": "minute"}, [("1063", "")]),
        (Kind.SET_INTERVAL, {"realTime": 30}, [("1062", "RtdInterval=30")]),
        (
            Kind.SET_INTERVAL,
            {"realTime": 3600, "minute": 10},
            [("1062", "RtdInterval=3600"), ("1064", "MinInterval=10")],
        ),
        (Kind.SET_PASSWORD, {"password": "654321"}, [("1072", "NewPW=654321")]),
        (
            Kind.FETCH_HISTORY,
            {"cn": "2051", **SPAN},
            [("2051", "BeginTime=20160801083000;EndTime=20160801093000")],
        ),
        (Kind.REAL_TIME, {"on": True}, [("2011", "")]),
        (Kind.REAL_TIME, {"on": False}, [("2012", "")]),
        (Kind.CALIBRATE, {"factor": "w01018"}, [("3011", "PolId=w01018")]),
        (
            Kind.CALIBRATE,
            {"factor": "a21026", "type": "span"},
            [("3011", "PolId=a21026;CalibrationType=1")],
        ),
        (Kind.SAMPLE_NOW, {"factor": "w01018"}, [("3012", "PolId=w01018")]),
        (
            Kind.READ_SITE_INFO,
            {"factor": "w01018", "info": "i11001", **SPAN},
            [
                (
                    "3020",
                    "PolId=w01018;InfoId=i11001;BeginTime=20160801083000;EndTime=20160801093000",
                )
            ],
        ),
        (
            Kind.SET_PARAMETER,
            {"factor": "w01018", "info": "i13004", "value": "168.0"},
            [("3021", "PolId=w01018;InfoId=i13004;i13004-Info=168.0")],
        ),
        (
            Kind.SET_CIPHER_KEY,
            {"key": KEY},
            [("1014", f"SKCreateTime=20160801085857;NewSK={KEY}")],
        ),
    ],
)
def test_a_command_is_worded(
    kind: Kind, arguments: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    assert [(one.cn, one.cp) for one in requests_of(kind, arguments, NOW)] == expected


@pytest.mark.parametrize(
    ("kind", "arguments", "field"),
    [
        (Kind.READ_TIME, {"factor": "w01018;PW=1"}, "factor"),
        (Kind.SET_TIME, {"at": "2016-08-01T08:00:00"}, "at"),
        (Kind.SET_TIME, {"at": 5}, "at"),
        (Kind.READ_INTERVAL, {"which": ["minute"]}, "which"),
        (Kind.SET_INTERVAL, {}, "realTime"),
        (Kind.SET_INTERVAL, {"realTime": 29}, "realTime"),
        (Kind.SET_INTERVAL, {"realTime": "30"}, "realTime"),
        (Kind.SET_INTERVAL, {"minute": 7}, "minute"),
        (Kind.SET_PASSWORD, {"password": "12345"}, "password"),
        (Kind.FETCH_HISTORY, {"cn": "2041", **SPAN}, "cn"),
        (Kind.FETCH_HISTORY, {"cn": "2051", "begin": SPAN["begin"]}, "end"),
        (
            Kind.FETCH_HISTORY,
            {"cn": "2051", "begin": SPAN["end"], "end": SPAN["begin"]},
            "end",
        ),
        (Kind.REAL_TIME, {"on": 1}, "on"),
        (Kind.CALIBRATE, {}, "factor"),
        (Kind.CALIBRATE, {"factor": "a21026", "type": "both"}, "type"),
        (Kind.READ_SITE_INFO, {"info": "13004"}, "info"),
        (Kind.SET_PARAMETER, {"info": "i13004", "value": "1&&"}, "value"),
        (Kind.SET_CIPHER_KEY, {"key": "30" * 15}, "key"),
        (Kind.SNAPSHOT, {}, "kind"),
    ],
)
def test_arguments_that_cannot_be_are_refused_by_name(
    kind: Kind, arguments: dict[str, object], field: str
) -> None:
    with pytest.raises(BadArguments) as refused:
        requests_of(kind, arguments, NOW)
    assert refused.value.pointer == field


def test_a_name_is_24_digits() -> None:
    assert naming("010000A8900016F000169DC0").cn == "1002"
    with pytest.raises(BadArguments):
        naming("010000a8900016f000169dc0")
