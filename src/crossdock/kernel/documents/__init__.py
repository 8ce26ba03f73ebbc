"""Documents: finished JSON in the shape of a response schema, made by PostgreSQL for a store of either ORM."""

from crossdock.kernel.documents.document import Document, collection, document
from crossdock.kernel.documents.errors import CannotCompile
from crossdock.kernel.documents.fields import Fields, money, part, row, rows
from crossdock.kernel.documents.listing import Listing
from crossdock.kernel.documents.page import Page, decode_cursor, encode_cursor
from crossdock.kernel.documents.published import published
from crossdock.kernel.documents.single import Single
from crossdock.kernel.documents.ways import TENANT, TENANT_CARRIES, Way

__all__ = [
    "TENANT",
    "TENANT_CARRIES",
    "CannotCompile",
    "Document",
    "Fields",
    "Listing",
    "Page",
    "Single",
    "Way",
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
