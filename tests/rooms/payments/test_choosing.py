"""Which money of which tender is meant: pure decisions over balances."""

from hypothesis import given
from hypothesis import strategies as st

from orderwright.payments import capturing, receiving, refunding, voiding
from orderwright.payments.models import TENDER_BUCKETS
from orderwright.payments.queries import TenderSeen


def tender(number=1, method="fake", **balances):
    return TenderSeen(
        number, 7, method, sum(balances.values()), "EUR", "auth", None, {**dict.fromkeys(TENDER_BUCKETS, 0), **balances}
    )


def shares(chosen):
    return [(share.tender.id, share.amount_minor) for share in chosen]


def test_capturing_takes_the_first_tender_first():
    tenders = [tender(1, authorized=300), tender(2, authorized=500)]

    assert shares(capturing.choose(tenders, 400)) == [(1, 300), (2, 100)]
    assert [one.balances["capturing"] for one in tenders] == [300, 100]
    assert shares(capturing.choose(tenders, 400)) == [(2, 400)]


def test_refunding_goes_on_where_the_last_one_stopped():
    tenders = [tender(1, "recorded", captured=300), tender(2, captured=500)]

    assert shares(refunding.choose(tenders, 350, "late")) == [(1, 300), (2, 50)]
    assert (tenders[0].balances["refunded"], tenders[1].balances["refunding"]) == (300, 50)
    assert refunding.captured(tenders) == 450


def test_receiving_takes_only_what_is_awaited():
    tenders = [tender(1, captured=300), tender(2, "bank_transfer", awaited=500)]

    assert shares(receiving.choose(tenders, 500)) == [(2, 500)]
    assert receiving.awaited(tenders) == 0


def test_what_was_only_awaited_goes_first_and_an_authorization_only_as_a_whole():
    tenders = [tender(1, authorized=300), tender(2, "bank_transfer", awaited=500)]

    chosen = voiding.choose_surplus(tenders, 600)

    assert (shares(chosen.awaited), shares(chosen.asked)) == ([(2, 500)], [])


def test_an_authorization_goes_when_all_of_it_is_too_much():
    chosen = voiding.choose_surplus([tender(1, authorized=300), tender(2, authorized=200)], 200)

    assert (shares(chosen.awaited), shares(chosen.asked)) == ([], [(2, 200)])


def test_what_is_being_captured_is_not_let_go():
    chosen = voiding.choose_surplus([tender(1, authorized=300, capturing=100)], 400)

    assert (chosen.awaited, chosen.asked) == ([], [])


balances = st.integers(0, 1000)
some_tenders = st.lists(
    st.builds(
        lambda authorized, capturing, awaited, manual: (
            tender(1, "bank_transfer", awaited=awaited)
            if manual
            else tender(1, authorized=authorized, capturing=capturing)
        ),
        balances,
        st.just(0) | balances,
        balances,
        st.booleans(),
    ),
    max_size=5,
)


@given(some_tenders, st.integers(-100, 4000))
def test_never_more_is_let_go_than_is_too_much(tenders, surplus):
    before = [sum(one.balances.values()) for one in tenders]

    chosen = voiding.choose_surplus(tenders, surplus)

    let_go = sum(share.amount_minor for share in (*chosen.asked, *chosen.awaited))
    assert 0 <= let_go <= max(0, surplus)
    assert [sum(one.balances.values()) for one in tenders] == before
