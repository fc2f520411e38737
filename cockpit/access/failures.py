"""What the gate and the tokens refuse. One family; each class is named for what happened."""


class AccessRefused(Exception):
    """Root of what access control raises; the message is a sentence for people."""


class Forbidden(AccessRefused):
    """The account may look, but not do this."""


class NotThere(AccessRefused):
    """There is no such thing, or the account may not see it: the two look alike on purpose."""

    def __init__(self, sentence: str, code: str = "not-found") -> None:
        super().__init__(sentence)
        self.code = code


class TokenRefused(AccessRefused):
    """The token is unknown, over, or revoked."""
