"""The two families of failure: the input is at fault, or the world is."""


class Refused(Exception):
    """The input is at fault: never retry it.

    Args:
        message: what is wrong, as data, in English ("length says 101, found 99").
        zh: the same sentence in Chinese; the English one when it is missing.
        pointer: the field at fault: a JSON pointer (`/query/from`) or a field name (`PW`).
    """

    def __init__(self, message: str, *, zh: str = "", pointer: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.zh = zh or message
        self.pointer = pointer


class NotThere(Refused):
    """No such object, or none within the caller's scope: the two look the same from outside."""


class Conflict(Refused):
    """The object has moved on since the caller looked at it."""


class Forbidden(Refused):
    """The caller may see this object but not do this to it."""


class LoginTooOld(Forbidden):
    """The caller may do this, but must prove anew who they are first (step-up, RFC 9470)."""


class Unavailable(Exception):
    """The world is at fault: the same input will pass later. Retry it."""
