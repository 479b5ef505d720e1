"""What one text may cost: steps of the parser, processor time, and the size of what comes out."""

import time

MOST_STEPS = 500_000  # tries of a rule; 50,000 characters of ordinary writing take about 30,000
MOST_SECONDS = 0.4  # processor time of this thread
MOST_TOKENS = 60_000
MOST_HTML = 1_000_000  # characters
LOOK_EVERY = 32  # steps between two looks at the clock


class OverBudget(Exception):
    """The text costs too much, or is nested too deep, to be rendered."""


class Budget:
    """Counts the work on one text. `spend` and `check_size` raise OverBudget."""

    def __init__(self) -> None:
        self.steps = 0
        self.until = time.thread_time() + MOST_SECONDS

    def spend(self) -> None:
        """One step of the parser."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise OverBudget("steps")
        if self.steps % LOOK_EVERY == 0 and time.thread_time() > self.until:
            raise OverBudget("time")

    def check_time(self) -> None:
        """Between two parts of the work."""
        if time.thread_time() > self.until:
            raise OverBudget("time")

    def check_tokens(self, count: int) -> None:
        """`count` tokens are there now."""
        if count > MOST_TOKENS:
            raise OverBudget("tokens")
        self.check_time()

    def check_html(self, characters: int) -> None:
        """So much HTML would come out: a definition of a long address can be used thousands of times."""
        if characters > MOST_HTML:
            raise OverBudget("html")
