"""The secret link."""

from app.domain.tracking import token_hash, tracking_token


def test_the_same_salt_gives_the_same_link_and_another_key_another():
    token = tracking_token(b"k" * 32, b"s" * 16)
    assert token == tracking_token(b"k" * 32, b"s" * 16)
    assert token != tracking_token(b"l" * 32, b"s" * 16)
    assert token != tracking_token(b"k" * 32, b"t" * 16)
    assert len(token) == 32
    assert token_hash(token) is not None


def test_what_is_no_token_is_not_even_looked_for():
    for typed in ("", "a" * 31, "a" * 33, "../" + "a" * 29, "ä" * 32):
        assert token_hash(typed) is None
