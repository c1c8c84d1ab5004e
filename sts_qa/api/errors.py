"""What people are told when something asked of tokens cannot be done."""


class TokenRefused(Exception):
    """The act is refused; the text says why and what to do instead."""
