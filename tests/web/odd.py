"""What clients send that is odd: paths, queries, headers and bodies, good and bad, for the tests of dispatching."""

from crossdock.ids import new_id

PATHS = [
    "{}/",
    "/{}",
    "{}//",
    "{}/x",
    "{}%0A",
    "{}%20",
    "{}%2F",
    "{};a=b",
    "{}.json",
    "{}?",
    "{}#x",
    "{}/..",
    "{}/%2e%2e",
    "//{}",
]

QUERIES = [
    *(
        "limit=0",
        "limit=201",
        "limit=abc",
        "limit=",
        "limit=1&limit=2",
        "limit=2&limit=x",
        "limit=%31",
        "limit=1.0",
        "limit=+1",
    ),
    *(
        "limit[]=1",
        "LIMIT=1",
        "limit=1;cursor=x",
        "limit",
        "&&=&",
        "unknown=1",
        "limit=%ff",
        "limit=1%00",
        "limit=%D9%A1",
    ),
    *("cursor=", "cursor=x", "cursor=AAAAAAAAAAAAAAAAAAAAAA", "cursor=AAAAAAAAAAAAAAAAAAAAAA%0A", "cursor=" + "A" * 99),
    *("status=open", "status=", "status=OPEN", "status=open&status=draft", "include=shipper", "include=x", "include="),
    *("booking_id=x", "booking_id=", f"booking_id={new_id()}", "limit=0&cursor=x&status=x&include=x&booking_id=x"),
]

HEADERS: dict[str, list[tuple[str, ...]]] = {
    "If-Match": [("",), ("*",), ('"1"',), ('W/"1"',), ("1", "2"), ("x" * 65,), ("\xff",), ("-1",)],
    "If_Match": [("*",)],
    "Idempotency-Key": [("",), ("a b",), ("x" * 201,), ("a", "b"), ("\xff",), ("key",)],
    "X-Request-Id": [("mine",), ("not mine!",)],
    "Content-Length": [("0",), ("x",)],
}

BODIES = [
    *(
        b"",
        b" ",
        b"{",
        b"{}",
        b"[]",
        b"null",
        b"true",
        b'"x"',
        b"1",
        b"1e999",
        b"NaN",
        b"-Infinity",
        b"{} {}",
        b"\xff",
        b"{}\xff",
    ),
    *(
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        "{}".encode("utf-32-be"),
        b'{"a":1,"a":2}',
        b'{"\\ud800":1}',
        b'{"a":"\\u0000"}',
    ),
    *(b"[" * 100_000, b'{"a":' * 5_000, b"1" * 5_000, b"[{}]", b'{"body":{}}', b"a=1&b=2", b" " * 2_000_000),
]

TYPES = [
    *(
        None,
        "",
        "text/plain",
        "application/json",
        "APPLICATION/JSON",
        "application/json; charset=latin-1",
        "application/problem+json",
    ),
    *(
        "application/vnd.x+JSON",
        "application/json, text/plain",
        "application/",
        "json",
        ";",
        "application/jsonx",
        "application/json;",
    ),
    *(
        " application/json ",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
    ),
    *("application/json\xff", "text/json", "application/+json", "application/x;json"),
]
