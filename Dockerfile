# Padan under Airflow. Every Python package is checked against the lock's hashes.
FROM python:3.11-slim AS build
COPY requirements.lock /src/
RUN awk '/^[a-z]/ { mine = /^uv==/ } mine' /src/requirements.lock > /src/uv.txt \
 && pip install --no-cache-dir --require-hashes -r /src/uv.txt
COPY pyproject.toml README.md LICENSE /src/
COPY pipelines /src/pipelines
COPY expectations /src/expectations
RUN python -m venv /opt/padan \
 && uv pip install --no-cache --python /opt/padan/bin/python \
    --constraint /src/requirements.lock --build-constraint /src/requirements.lock '/src[airflow]'

FROM python:3.11-slim
RUN useradd --uid 50000 --create-home --shell /usr/sbin/nologin padan \
 && install -d -o padan -g padan -m 0700 /opt/airflow /opt/airflow/auth /opt/airflow/logs /srv/padan
COPY --from=build /opt/padan /opt/padan
COPY dags /opt/padan/dags
ENV PATH=/opt/padan/bin:$PATH \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/padan/dags \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    PADAN_CONFIG=/srv/padan/padan.toml
USER padan
WORKDIR /srv/padan
CMD ["padan", "--help"]
