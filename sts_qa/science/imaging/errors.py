"""What can be wrong with a file, said so that its owner can mend it."""


class UnreadableFile(Exception):
    """A file that cannot be used as an image, a volume or a mask.

    Parameters
    ----------
    code : str
        Short stable slug, for example ``"truncated"``; never shown alone.
    reason : str
        A plain sentence: what is wrong and what to do. Names no path, because the
        caller knows it and may have to hide it.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class DamagedStore(Exception):
    """A stored volume is missing bytes, altered or unreadable; rebuild it from its source."""


class OutdatedStore(DamagedStore):
    """A stored volume of another version of the format."""
