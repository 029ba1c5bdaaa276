"""The oracle itself: it must refuse what it should."""
import pytest

from crash.model import ABSENT, FOREVER, Model


def written(*steps):
    model = Model()
    for start, end, value in steps:
        model.key("k").begin(value, start).end = end
    return model


def test_a_lost_write_is_found():
    model = written((1, 2, {"v": 1}), (3, 4, {"v": 2}))
    with pytest.raises(AssertionError, match="acknowledged"):
        model.settle({"k": {"v": 1}}, 5)
    model.settle({"k": {"v": 2}}, 5)


def test_an_unanswered_write_may_go_either_way():
    for found, after in (({"k": {"v": 1}}, {"v": 1}), ({"k": {"v": 2}}, {"v": 2})):
        model = written((1, 2, {"v": 1}), (3, FOREVER, {"v": 2}))
        model.settle(found, 5)
        assert model.key("k").current == after
    with pytest.raises(AssertionError):
        written((1, 2, {"v": 1}), (3, FOREVER, {"v": 2})).settle({}, 5)


def test_the_past():
    model = written((1, 2, {"v": 1}), (3, 4, ABSENT))
    assert model.key("k").acceptable(0.5) == [ABSENT]
    assert model.key("k").acceptable(1.5) == [ABSENT, {"v": 1}]
    assert model.key("k").acceptable(2.5) == [{"v": 1}]
    assert model.key("k").acceptable(9) == [ABSENT]
    with pytest.raises(AssertionError, match="acceptable"):
        model.check_past(9, {"k": {"v": 1}}, "scan")
    with pytest.raises(AssertionError, match="nobody wrote"):
        model.check_past(9, {"other": {"v": 1}}, "scan")
