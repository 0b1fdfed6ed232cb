# Mặt trận số as an image: the same lock, the same launcher and the same build as ./mattranso run on a bare machine.
# tests/test_packaging.py carries out these steps in a clean folder, so keep them to COPY and RUN.
FROM python:3.13-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
WORKDIR /srv/mattranso

# Packages first: this layer changes only with the lock.
COPY mattranso requirements.lock ./
COPY mattranso_app/__init__.py mattranso_app/cli.py mattranso_app/
RUN ./mattranso --help

COPY . .
RUN ./mattranso build

# Never root: the application writes only below its data directory.
RUN useradd --system --home /srv/mattranso mattranso && mkdir -p /var/lib/mattranso && chown mattranso /var/lib/mattranso
USER mattranso
ENV MTS_ENV=production MTS_DATA_DIR=/var/lib/mattranso
VOLUME /var/lib/mattranso
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["./.venv/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["./mattranso", "run", "--host", "0.0.0.0"]
