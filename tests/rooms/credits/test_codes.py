"""Codes of gift cards: read as people type them, and wrong where one character is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderwright.credits import codes

characters = st.sampled_from(codes.ALPHABET)
bodies = st.text(characters, min_size=codes.LENGTH - 1, max_size=codes.LENGTH - 1)


def test_a_code_is_read_as_people_type_it():
    code = codes.new_code()

    assert codes.read(f" {codes.written(code).lower()} ") == code
    assert codes.read(" ".join(code)) == code
    assert len(codes.written(code)) == 19


@given(body=bodies, place=st.integers(0, codes.LENGTH - 1), other=characters)
def test_one_wrong_character_is_found(body, place, other):
    code = body + codes.check_character(body)
    wrong = code[:place] + other + code[place + 1 :]

    assert codes.read(code) == code
    assert (codes.read(wrong) is None) == (wrong != code)


@pytest.mark.parametrize("typed", ["", "A" * 15, "A" * 17, "A" * 9999, "AAAABBBBCCCC\x00DDD", "ÄAAABBBBCCCCDDDD"])
def test_what_is_no_code_is_not_read(typed):
    assert codes.read(typed) is None


def test_neither_digest_nor_account_tells_the_code():
    one, other = codes.new_code(), codes.new_code()

    assert one != other
    assert codes.digest(one) != codes.digest(other)
    assert one.encode() not in codes.digest(one)
