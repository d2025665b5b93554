# habeas in a container: built from the locked requirements, run without root.
FROM python:3.11.13-slim-bookworm AS build
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /opt/habeas && /opt/habeas/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY services services
COPY knowledge knowledge
RUN /opt/habeas/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/habeas --create-home habeas
COPY --from=build /opt/habeas /opt/habeas
ENV PATH=/opt/habeas/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HABEAS_HOME=/var/lib/habeas \
    HABEAS_LOG=json
USER habeas
VOLUME /var/lib/habeas
EXPOSE 2525 8025
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s CMD ["habeas", "doctor", "--live"]
ENTRYPOINT ["habeas"]
CMD ["up", "--smtp", "0.0.0.0:2525", "--http", "0.0.0.0:8025"]
