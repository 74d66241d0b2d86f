"""What the page shows of a code of ours has words in both languages."""

import re
from pathlib import Path

import pytest

from plume.hj212 import dialect
from plume.model.frame import Verdict
from plume.usecases.read_frames import UNREADABLE

MESSAGES = Path(__file__).parents[3] / "frontend" / "src" / "ui" / "messages"


def words_of(language: str, group: str) -> set[str]:
    text = (MESSAGES / f"{language}.ts").read_text(encoding="utf-8")
    found = re.search(rf"^  {group}: \{{\n(.*?)^  \}},", text, re.DOTALL | re.MULTILINE)
    assert found, f"{language} has no {group}"
    return set(re.findall(r'(\w+): "', found[1]))


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_verdict_and_every_dialect_of_a_frame_has_its_words(language: str) -> None:
    assert words_of(language, "verdict") == {*Verdict, UNREADABLE}
    assert words_of(language, "dialect") == set(dialect.NAMES)
