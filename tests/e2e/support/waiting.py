"""Waiting for something to become true: never a fixed pause, always a deadline."""

import time

POLL_SECONDS = 0.02


class DidNotHappen(AssertionError):
    """The deadline passed; says what was awaited and what was seen last."""


def wait_until(condition, seconds, what):
    """Calls `condition` until it returns something true, and returns that.

    Fails after `seconds` with `what` was awaited and the last value that was seen.
    """
    deadline = time.monotonic() + seconds
    while True:
        seen = condition()
        if seen:
            return seen
        if time.monotonic() >= deadline:
            raise DidNotHappen(f"{what} did not happen within {seconds} s; last seen: {seen!r}")
        time.sleep(POLL_SECONDS)


def wait_for_equal(read, expected, seconds, what):
    """Calls `read` until it returns `expected`; the failure shows both."""
    deadline = time.monotonic() + seconds
    while True:
        seen = read()
        if seen == expected:
            return seen
        if time.monotonic() >= deadline:
            raise DidNotHappen(f"{what}: expected {expected!r} within {seconds} s; last seen: {seen!r}")
        time.sleep(POLL_SECONDS)
