"""GTINs: biip reads what we read, and refuses what we refuse."""

import biip
import pytest
from biip.gtin import Gtin
from hypothesis import given
from hypothesis import strategies as st

from orderwright.catalog.gtin import check_digit, normalize
from orderwright.kernel.errors import Invalid


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("4006381333931", "4006381333931"),
        ("4-006381-333931", "4006381333931"),
        ("04006381333931", "4006381333931"),
        ("0036000291452", "036000291452"),
        ("036000291452", "036000291452"),
        ("96385074", "96385074"),
        ("00000096385074", "96385074"),
        ("10614141000415", "10614141000415"),
    ],
)
def test_a_gtin_is_kept_in_its_shortest_form(text, kept):
    assert normalize(text) == kept


@pytest.mark.parametrize(
    "text", ["", "4006381333932", "400638133393", "12345", "400638133393X", "00000000", "٤٠٠٦٣٨١٣٣٣٩٣١"]
)
def test_what_is_no_gtin_is_refused(text):
    with pytest.raises(Invalid) as refused:
        normalize(text)

    assert refused.value.facts["field"] == "gtin"


def read_by_biip(text: str) -> str | None:
    try:
        return Gtin.parse(text).as_gtin_14()
    except (biip.ParseError, biip.EncodeError):
        return None


@given(st.text("0123456789", min_size=7, max_size=13).filter(lambda digits: digits.strip("0")))
def test_what_we_read_as_a_gtin_biip_reads_as_the_same(digits):
    whole = digits + check_digit(digits)
    if len(whole) in (8, 12, 13, 14):
        assert normalize(whole).zfill(14) == read_by_biip(whole)


@given(st.text("0123456789", min_size=7, max_size=15).filter(lambda digits: digits.strip("0")))
def test_what_biip_refuses_we_refuse(digits):
    try:
        ours = normalize(digits).zfill(14)
    except Invalid:
        ours = None

    assert ours == read_by_biip(digits)
