# Casebook, as it runs: no tests, no stand-ins. Its book and its working directory are the volume.
FROM python:3.11-slim

LABEL org.opencontainers.image.title="Casebook" \
      org.opencontainers.image.description="Self-hosted case management and escalation for support teams that live in Slack" \
      org.opencontainers.image.licenses="GPL-3.0-only"

# The number is fixed, so that whoever mounts a folder or a secret knows to whom it must belong.
RUN useradd --system --uid 10001 --home-dir /var/lib/casebook --create-home casebook

ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore

WORKDIR /usr/src/casebook
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY casebook casebook
COPY bot bot
RUN pip install --constraint constraints.txt .

# The working directory is writable: without PYTHONSAFEPATH a file there could be imported instead of ours.
ENV PYTHONSAFEPATH=1 \
    HOST=0.0.0.0 \
    PORT=8000
USER 10001:10001
WORKDIR /var/lib/casebook
VOLUME /var/lib/casebook
EXPOSE 8000

# Not with urllib.request: it would ask the proxy that http_proxy names.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=4); c.request('GET', '/live'); sys.exit(c.getresponse().status != 200)"]

CMD ["python", "-m", "bot"]
