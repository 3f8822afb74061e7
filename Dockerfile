# Paper Autopilot in a container: everything it keeps is in /data. docs/INSTALL.md says how to run it.
# The build stage has pip's caches and tools; the image has the result alone.

FROM python:3.13-slim-trixie AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/autod
# The libraries first: they change less often than the program, and this layer is the big one.
COPY requirements.txt /build/
RUN /opt/autod/bin/pip install --require-hashes -r /build/requirements.txt
COPY pyproject.toml README.md LICENSE /build/
COPY autod /build/autod
RUN /opt/autod/bin/pip install --no-deps /build


FROM python:3.13-slim-trixie

# Language files make scans several times faster to read; the client is for `autod backup` of a PostgreSQL database.
# Not pinned: Debian's stable release changes them for security fixes alone, and removes the old ones.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        postgresql-client \
        tesseract-ocr-deu tesseract-ocr-eng tesseract-ocr-fra tesseract-ocr-ita \
        tesseract-ocr-nld tesseract-ocr-osd tesseract-ocr-pol tesseract-ocr-por tesseract-ocr-spa \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 1000 autod \
    && useradd --uid 1000 --gid 1000 --no-create-home --home-dir /data --shell /usr/sbin/nologin autod \
    && install -d -o autod -g autod -m 0750 /data

COPY --from=build /opt/autod /opt/autod
ENV PATH=/opt/autod/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1

# Any other user works too (`--user`, as on a NAS) if /data belongs to him.
USER 1000:1000
WORKDIR /data
VOLUME /data

HEALTHCHECK --interval=1m --timeout=20s --start-period=30s --retries=3 CMD ["autod", "health"]
# SIGTERM: documents in work are finished or parked within PAPER_AUTOPILOT_STOP_SECONDS; give `docker stop -t` more.
STOPSIGNAL SIGTERM
CMD ["autod", "run"]
