# The service as it runs in production, and `crossdock migrate up` before it: docs/operations/running.md#in-a-container.

FROM python:3.13-slim AS build
WORKDIR /crossdock
# Each package is held against its hash here. Those of the developers are among them and stay behind in this stage.
COPY requirements.lock ./
RUN pip wheel --no-cache-dir --disable-pip-version-check --require-hashes --requirement requirements.lock \
    --wheel-dir /wheels
COPY pyproject.toml README.md LICENSE ./
COPY src src
# From those wheels alone, so at the locked versions: the library with the extras that the service needs, and what the
# application needs besides (a dependency group, which pip knows since 25.1). Its environment has no pip.
RUN python -m venv --without-pip /venv \
    && pip --python /venv/bin/python install --no-cache-dir --disable-pip-version-check --no-index --find-links /wheels \
        --group freight --editable '.[embedded,tracing,web]' \
    && python -m compileall -q --invalidation-mode unchecked-hash src

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CROSSDOCK_ENVIRONMENT=production \
    CROSSDOCK_DATA_DIR=/var/lib/crossdock
RUN groupadd --gid 10001 crossdock \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/crossdock --shell /usr/sbin/nologin crossdock \
    && install --directory --owner 10001 --group 10001 --mode 0700 /var/lib/crossdock
WORKDIR /crossdock
COPY --from=build /venv /venv
COPY --from=build /crossdock/src src
COPY pyproject.toml alembic.ini LICENSE ./
COPY migrations_legacy migrations_legacy
COPY migrations_new migrations_new
# The code is root's: whoever breaks into the service cannot change it.
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
# Never through a proxy, whatever http_proxy says.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["crossdock"]
CMD ["serve", "--host", "0.0.0.0"]
