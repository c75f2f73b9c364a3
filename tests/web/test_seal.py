"""What is signed cannot be changed, does not outlive its time and serves one purpose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.forms.seal import Expired, NotOurs, Sealer

OURS, OTHERS = Sealer("a secret"), Sealer("another secret")
VALUES = ["12", "wecom", "王磊", "note_edit:3"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_what_was_sealed_comes_back(values: list[str]) -> None:
    assert OURS.open("link", OURS.seal("link", values, 100), 99.9) == values


def test_it_is_a_word_that_fits_into_a_url() -> None:
    assert OURS.seal("link", VALUES, 100).replace("-", "").replace("_", "").replace(".", "", 1).isalnum()


def test_its_time_ends() -> None:
    with pytest.raises(Expired):
        OURS.open("link", OURS.seal("link", VALUES, 100), 100)


def test_no_letter_of_it_can_be_another() -> None:
    sealed = OURS.seal("link", VALUES, 100)
    for position, letter in enumerate(sealed):
        changed = "B" if letter == "A" else "A"
        with pytest.raises(NotOurs):
            OURS.open("link", sealed[:position] + changed + sealed[position + 1 :], 0)


@pytest.mark.parametrize("forged", ["", ".", "x", "x.y", "é.é", "\udcff.x", OTHERS.seal("link", VALUES, 100)])
def test_what_others_made_is_refused(forged: str) -> None:
    with pytest.raises(NotOurs):
        OURS.open("link", forged, 0)


def test_it_serves_no_other_purpose() -> None:
    with pytest.raises(NotOurs):
        OURS.open("session", OURS.seal("link", VALUES, 100), 0)
