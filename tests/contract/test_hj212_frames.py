"""The frames both sides agree on: published ones, and the answers the standard prints."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from plume.hj212 import reply
from plume.hj212.frame import Frame, decode
from plume.hj212.stream import FrameReader
from plume.hj212.verdict import Expected, judge_frame

FILE = Path(__file__).parents[2] / "shared/contract/hj212/frames.json"
VECTORS: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))["frames"]
REQUEST = decode(
    b"##0087QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;"
    b"CP=&&&&2200\r\n"
)


def password(frame: str) -> str:
    return frame.partition("PW=")[2].partition(";")[0]


def keys(vector: dict[str, Any]) -> tuple[bytes, ...]:
    return (bytes.fromhex(vector["keyHex"]),) if "keyHex" in vector else ()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["source"][:40])
def test_a_published_frame_gets_its_verdict(vector: dict[str, Any]) -> None:
    known = Expected(password(vector["frame"]), keys(vector))
    year = int(vector["frame"].partition("Time=")[2][:4] or 2024)
    judged = judge_frame(
        vector["frame"].encode(), expected=lambda _: known, now=datetime(year, 12, 1, tzinfo=UTC)
    )
    assert judged.verdict == vector["verdict"], judged.reason
    assert list(judged.warnings) == vector["warnings"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["source"][:40])
def test_a_published_frame_is_cut_out_of_a_stream_whole(vector: dict[str, Any]) -> None:
    raw = vector["frame"].encode()
    assert FrameReader().feed(raw + raw) == [raw, raw]


def test_the_enciphered_example_says_what_the_plain_one_says() -> None:
    (vector,) = (one for one in VECTORS if "keyHex" in one)
    assert decode(vector["frame"].encode(), keys=keys(vector)) == decode(
        vector["plainFrame"].encode()
    )


def test_answers_carry_the_requests_number_and_version() -> None:
    head = b"QN=20240601085857223;ST=91;"
    tail = b";PW=123456;MN=010000A8900016F000169DC0;Flag=8;CP=&&"
    assert head + b"CN=9014" + tail in reply.data_answer(REQUEST)
    assert head + b"CN=9013" + tail in reply.notice_answer(REQUEST)


@pytest.mark.parametrize(
    ("answer", "printed"),
    [
        (reply.data_answer, "##0087QN=20240601085857223;ST=91;CN=9014;{};CP=&&&&24C0\r\n"),
        (
            reply.request_answer,
            "##0094QN=20240601085857223;ST=91;CN=9011;{};CP=&&QnRtn=1&&2D00\r\n",
        ),
        (
            reply.execution_result,
            "##0095QN=20240601085857223;ST=91;CN=9012;{};CP=&&ExeRtn=1&&74C0\r\n",
        ),
    ],
)
def test_answers_to_2017_are_these_bytes(answer: Callable[[Frame], bytes], printed: str) -> None:
    request = decode(
        b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;"
        b"Flag=5;CP=&&RtdInterval=30&&1C80\r\n"
    )
    asked = replace(request, qn="20240601085857223", password="123456")
    head = "PW=123456;MN=010000A8900016F000169DC0;Flag=4"
    assert answer(asked) == printed.format(head).encode()
