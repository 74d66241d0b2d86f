"""The secret of the time-series store, whoever made it."""

import pytest

from plume.aws.series_token import token_of
from plume.errors import Refused


@pytest.mark.parametrize(
    "secret",
    [
        "abc",
        '{"token": "abc"}',
        '{"adminToken": "abc", "endpoint": "x"}',
        '{"token": "abc", "refreshToken": "y"}',
    ],
)
def test_the_token_is_found_whatever_its_field_is_called(secret: str) -> None:
    assert token_of(secret) == "abc"


@pytest.mark.parametrize("secret", ["{}", '{"aToken": "x", "bToken": "y"}'])
def test_a_secret_that_does_not_say_which_token_is_refused(secret: str) -> None:
    with pytest.raises(Refused):
        token_of(secret)
