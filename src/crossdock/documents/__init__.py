"""Documents: finished JSON in the shape of a response schema, made by PostgreSQL for a store of either ORM.

Of a unit of work this room knows no more than the protocol in `reader.py`.
"""

from crossdock.documents.access_paths import AccessPath
from crossdock.documents.document import Document, collection, document
from crossdock.documents.errors import CannotCompile
from crossdock.documents.fields import Fields, money, part, row, rows
from crossdock.documents.listing import Listing
from crossdock.documents.page import Page, decode_cursor, encode_cursor
from crossdock.documents.published import published
from crossdock.documents.single import Single

__all__ = [
    "AccessPath",
    "CannotCompile",
    "Document",
    "Fields",
    "Listing",
    "Page",
    "Single",
    "collection",
    "decode_cursor",
    "document",
    "encode_cursor",
    "money",
    "part",
    "published",
    "row",
    "rows",
]
