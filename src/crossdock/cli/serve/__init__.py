"""`crossdock serve`: its options. What serves is in the other files of this folder, which need the extra `web`."""

from typing import Annotated

import typer

from crossdock.cli.output import AsJson
from crossdock.extras import need_extra
from crossdock.registry import Registry

Port = Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")]
Workers = Annotated[int | None, typer.Option(min=1, max=64, help="Processes; CROSSDOCK_WORKERS or 1 by default.")]
Reload = Annotated[bool, typer.Option("--reload", help="For development: start anew when a file of the code changes.")]
Pooler = Annotated[bool, typer.Option("--pooler", help="Put this machine's PgBouncer before the embedded PostgreSQL.")]
Forwarders = Annotated[
    str | None,
    typer.Option(
        "--forwarded-allow-ips",
        envvar="FORWARDED_ALLOW_IPS",
        metavar="NETWORKS",
        help="Proxies whose X-Forwarded-For is believed, as 10.0.0.0/8,192.0.2.7; CROSSDOCK_HTTP__TRUSTED_PROXIES or"
        " nobody by default.",
    ),
]


def register(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Port = 8000,
    workers: Workers = None,
    *,
    demo: Annotated[bool, typer.Option("--demo", help="Migrate, and make the demo data.")] = False,
    pooler: Pooler = False,
    reload: Reload = False,
    forwarded_allow_ips: Forwarders = None,
    as_json: AsJson = False,
) -> None:
    """Run the service; with no database configured on an embedded PostgreSQL under .crossdock/, which ends with it."""
    registry = Registry.found()
    need_extra("web", "crossdock serve")
    from crossdock.cli.serve.service import Wanted, run  # here: other commands go without FastAPI and uvicorn

    wanted = Wanted(host, port, workers, forwarded_allow_ips, demo=demo, pooler=pooler, reload=reload, as_json=as_json)
    run(registry, wanted)
