"""What people are told when something asked of tokens cannot be done."""


class TokenRefused(Exception):
    """The act is refused; the text says why and what to do instead, `field` what was wrong."""

    def __init__(self, text: str, *, field: str = "") -> None:
        super().__init__(text)
        self.field = field
