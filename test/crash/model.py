"""What the store must hold after any crash, and must have held at any instant of the past.

One writer per key, so a key's versions come in the order they were sent. The server stamps a write somewhere between
sending and answer: at an instant inside that window either side is right, outside of it only one is. A write whose
answer never came may or may not have happened; the first read after the restart tells, and settles it.
"""
import dataclasses

ABSENT = None
FOREVER = float("inf")
# The model's clock and the server's are one machine's; this covers the rounding of the wire.
SLACK_SECONDS = 0.002


@dataclasses.dataclass
class Write:
    start: float  # sent at, seconds since the epoch
    end: float  # answered at; FOREVER while unknown
    value: dict | None  # the item afterwards; ABSENT after a delete


class KeyHistory:
    def __init__(self):
        self.writes: list[Write] = []

    @property
    def current(self):
        return self.writes[-1].value if self.writes else ABSENT

    def begin(self, value, now: float) -> Write:
        write = Write(now, FOREVER, value)
        self.writes.append(write)
        return write

    def drop(self, write: Write):
        self.writes.remove(write)

    def acceptable(self, instant: float) -> list:
        """The values a read as of `instant` may see."""
        found = [ABSENT]
        for write in self.writes:
            if write.end + SLACK_SECONDS <= instant:
                found = [write.value]
            elif write.start - SLACK_SECONDS <= instant:
                found.append(write.value)
            else:
                break
        return found


class Model:
    def __init__(self):
        self.keys: dict[str, KeyHistory] = {}

    def key(self, name: str) -> KeyHistory:
        return self.keys.setdefault(name, KeyHistory())

    def settle(self, found: dict[str, dict], killed_at: float):
        """Compares the present after a restart with the model, and learns what became of unanswered writes."""
        assert set(found) <= set(self.keys), f"items nobody wrote: {set(found) - set(self.keys)}"
        for name, history in self.keys.items():
            item = found.get(name, ABSENT)
            last = history.writes[-1] if history.writes else None
            if last is None or last.end != FOREVER:
                assert item == history.current, f"{name} is {item}, but {history.current} was acknowledged"
                continue
            before = history.writes[-2].value if len(history.writes) > 1 else ABSENT
            assert item in (before, last.value), f"{name} is {item}; {before} was acknowledged, {last.value} was under way"
            if item == last.value:
                last.end = killed_at
            else:
                history.drop(last)

    def check_past(self, instant: float, found: dict[str, dict], what: str):
        assert set(found) <= set(self.keys), f"{what}: items nobody wrote: {set(found) - set(self.keys)}"
        for name, history in self.keys.items():
            right = history.acceptable(instant)
            assert found.get(name, ABSENT) in right, f"{what}: {name} is {found.get(name)}, acceptable is {right}"
