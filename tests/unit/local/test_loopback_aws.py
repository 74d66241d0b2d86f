"""What the local AWS is started with: it reads the text of a condition once."""

from types import ModuleType

from infra.local.loopback_aws import reading_once


def a_reader() -> tuple[ModuleType, list[str]]:
    """A module that notes what it is given to read."""
    module, read = ModuleType("dynamodb"), []

    def tokenize(text: str) -> list[str]:
        read.append(text)
        return text.split()

    def error(text: str, slot: str) -> str | None:
        read.append(f"{slot} {text}")
        return None if "=" in text else f"Invalid {slot}"

    vars(module).update(_tokenize=tokenize, _condition_syntax_error=error)
    return module, read


def test_a_condition_is_taken_apart_once_however_many_items_it_is_held_against() -> None:
    module, read = a_reader()
    reading_once(module)
    for _ in range(3):
        assert vars(module)["_tokenize"]("a = :b") == ["a", "=", ":b"]
        assert vars(module)["_condition_syntax_error"]("a : b", "Key") == "Invalid Key"
        assert vars(module)["_condition_syntax_error"]("a = b", "Key") is None
    assert read == ["a = :b", "Key a : b", "Key a = b"]


def test_who_takes_a_token_away_takes_it_from_himself_alone() -> None:
    module, _ = a_reader()
    reading_once(module)
    vars(module)["_tokenize"]("a = :b").clear()
    assert vars(module)["_tokenize"]("a = :b") == ["a", "=", ":b"]
