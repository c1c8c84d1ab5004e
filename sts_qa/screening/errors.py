"""What people are told when a decision cannot be taken."""


class ScreeningRefused(Exception):
    """The decision is refused; the text says why and what to do instead."""
