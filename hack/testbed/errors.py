"""The one exception of the test bed: something that the person at the keyboard can mend."""


class TestbedError(Exception):
    """What is missing or went wrong, and the cure, in words; shown without a traceback."""

    __test__ = False
