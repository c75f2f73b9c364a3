# Gendan in a container. Build arguments: SPEECH=1 adds speech recognition with its model (about 600 MB).
FROM python:3.12-slim
ARG SPEECH=1
WORKDIR /app
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 GENDAN_DATA_DIR=/data GENDAN_WEB__HOST=0.0.0.0
COPY requirements.txt requirements-speech.txt ./
RUN if [ "$SPEECH" = 1 ]; then file=requirements-speech.txt; else file=requirements.txt; fi \
    && pip install --no-cache-dir --require-hashes -r "$file"
RUN useradd --system --home /data --create-home gendan
COPY . .
USER gendan
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD python -c "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"
ENTRYPOINT ["python", "main.py"]
CMD ["run"]
