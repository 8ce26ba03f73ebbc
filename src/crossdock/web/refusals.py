"""The errors of the HTTP shell itself: requests that are refused before a route gets them, and faults of ours."""

from crossdock.errors import CrossdockError, Invalid, NotFound


class BadRequest(CrossdockError):
    """The body cannot be read: see errors.

    Send what its Content-Type says: one JSON value in UTF-8, or the fields of a form.
    """


class NoSuchRoute(NotFound):
    """There is nothing at this address.

    Look the path up in the OpenAPI document; a slash at the end counts.
    """


class MethodNotAllowed(CrossdockError):
    """This address does not take this method: see Allow.

    Take one of the methods that the `Allow` header names.
    """


class BodyTooSlow(CrossdockError):
    """The body had no end in time; nothing was done.

    Send it again, faster or less at once.
    """


class BodyTooLarge(CrossdockError):
    """The body is over the limit.

    Send less at once: the limit is in `detail`.
    """


class UnsupportedMediaType(CrossdockError):
    """The body is of another type than this operation takes.

    Send it as the type that `detail` names, in UTF-8, and say so in Content-Type.
    """


class InvalidInput(Invalid):
    """The input does not fit: see errors.

    `errors` has each field or parameter at fault by its path, with what is wrong about it.
    """


class InternalError(CrossdockError):
    """Something went wrong on our side; the request id finds it in our log.

    Tell us the `request_id`. Read before you send a change again: it may have been written.
    """
