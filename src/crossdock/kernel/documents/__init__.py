"""Documents: finished JSON, in the shape of a response schema, with the version that its ETag tells."""

from crossdock.kernel.documents.document import Document, collection, document
from crossdock.kernel.documents.page import Page, decode_cursor, encode_cursor

__all__ = ["Document", "Page", "collection", "decode_cursor", "document", "encode_cursor"]
