"""Serves one of the peers: `python -m benchmarks.peers bare 8001`. One worker, uvloop, httptools, no access log."""

import sys

import uvicorn

if __name__ == "__main__":
    uvicorn.run(
        f"benchmarks.peers.{sys.argv[1]}:app",
        port=int(sys.argv[2]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=1,
    )
