# aifaq in a container: Discord and Slack, any store, health on port 8080.
#
#   docker build -t aifaq .
#   docker run --read-only --tmpfs /tmp -v aifaq:/data -e DISCORD_TOKEN aifaq
#
# Nothing is written but to /data (SQLite and the key) and /tmp. `scripts/dockerfile-steps` runs
# these steps without a Docker engine; `scripts/dockerfile-lint` checks this file.

ARG PYTHON=3.11

FROM python:${PYTHON}-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /opt/aifaq
# The dependencies first: they change less often than the code.
COPY pyproject.toml README.md LICENSE ./
RUN mkdir -p bot adapters knowledge \
 && touch bot/__init__.py adapters/__init__.py knowledge/__init__.py \
 && /opt/aifaq/bin/pip install '.[all]' \
 && /opt/aifaq/bin/pip uninstall --yes aifaq
COPY bot/ bot/
COPY adapters/ adapters/
COPY knowledge/ knowledge/
RUN /opt/aifaq/bin/pip install --no-deps . \
 && /opt/aifaq/bin/python -m compileall -q /opt/aifaq/lib \
 && /opt/aifaq/bin/pip uninstall --yes pip setuptools

FROM python:${PYTHON}-slim-bookworm
RUN groupadd --gid 10001 aifaq \
 && useradd --uid 10001 --gid aifaq --no-create-home --home-dir /data aifaq \
 && install -d -o aifaq -g aifaq /data
COPY --from=build /opt/aifaq /opt/aifaq
ENV PATH=/opt/aifaq/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    HOME=/data MPLCONFIGDIR=/tmp/matplotlib \
    AIFAQ_DATA_DIR=/data AIFAQ_CACHE_DIR=/data/cache AIFAQ_HTTP=0.0.0.0:8080 AIFAQ_LOG_FORMAT=json
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["aifaq"]
CMD ["run", "all"]
