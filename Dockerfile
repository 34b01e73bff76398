# The image of Fastwatch: docs/install.md says how to use it, and `make image` builds and tries it.
# A tag moves on to newer fixes. To build on exactly the same base again: --build-arg PYTHON_DIGEST=@sha256:...
ARG PYTHON_TAG=3.13-slim
ARG PYTHON_DIGEST=

FROM python:${PYTHON_TAG}${PYTHON_DIGEST} AS build
# A registry of your own. What only this stage declares does not become part of the image.
ARG PIP_INDEX_URL
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends binutils
WORKDIR /app
COPY requirements/install.py requirements/uv.txt requirements/run.txt requirements/
RUN ["python", "requirements/install.py", "run", "--venv", ".venv"]
RUN [".venv/bin/python", "-m", "pip", "uninstall", "--quiet", "--yes", "pip"]
# Debug information is a third of the libraries. Those for charts bring others, which stay as they come.
RUN find .venv -name "*.so" -not -path "*/numpy*" -not -path "*/PIL/*" -not -path "*.libs/*" \
    -exec strip --strip-debug {} +
COPY LICENSE LICENSE
COPY bot bot
COPY cogs cogs
# Whatever the umask was when they were checked out.
RUN ["chmod", "-R", "a+rX", "."]
# The file system is read-only later, so Python could not save what it compiles: it compiles here what the bot imports.
ENV PYTHONPYCACHEPREFIX=/app/.pycache PYTHONPATH=/app
RUN [".venv/bin/python", "-c", "import bot, cogs, pkgutil, sqlalchemy.dialects.postgresql.asyncpg, asyncpg, aiosqlite, sentry_sdk; \
[__import__(module.name) for package in (bot, cogs) for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.') \
if not module.name.startswith(('bot.demo', 'bot.storage.migrations'))]"]
RUN [".venv/bin/python", "-m", "compileall", "-q", "bot", "cogs"]
RUN ["mkdir", "/data"]

FROM python:${PYTHON_TAG}${PYTHON_DIGEST}
ARG VERSION=0.2.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Fastwatch" \
      org.opencontainers.image.description="A Discord bot that watches the Midjourney tokens of an ImaginePro account" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV PATH="/app/.venv/bin:${PATH}" PYTHONPATH=/app PYTHONPYCACHEPREFIX=/app/.pycache
# For the health check, and reached from within the container only.
ENV METRICS_LISTEN=127.0.0.1:9464
COPY --from=build /app/.venv /app/.venv
COPY --from=build --chown=10001:10001 /data /data
COPY --from=build /app/.pycache /app/.pycache
COPY --from=build /app/LICENSE /app/LICENSE
COPY --from=build /app/bot /app/bot
COPY --from=build /app/cogs /app/cogs
# The default database is a file in the working directory.
WORKDIR /data
VOLUME ["/data"]
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["python", "-m", "bot", "health"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
