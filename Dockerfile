# The project's one image: operator, copilot and launcher. The launcher lies alone in a folder, because task
# Pods mount just that folder into the user's container. The root is read-only at run time, so all bytecode
# is compiled here, and never looks at a source file's time again (unchecked-hash).
FROM debian:trixie-slim AS launcher
RUN apt-get update -q \
    && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends gcc golang-go libc6-dev \
    && rm -rf /var/lib/apt/lists/*
COPY operator/launcher /src
WORKDIR /src
RUN --mount=type=cache,target=/go-cache \
    GOCACHE=/go-cache CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -buildid=" -o /out/launcher .

# Loaded into downloader and uploader where they reach a store: it holds them to that store's hosts.
COPY operator/netguard/netguard.c /src/netguard.c
RUN cc -shared -fPIC -O2 -Wall -Wextra -Werror -s -o /out/netguard.so netguard.c

FROM debian:trixie-slim AS python
RUN apt-get update -q \
    && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends python3-pip \
    && rm -rf /var/lib/apt/lists/*
# Other people's code: a layer of its own, made anew only when the lock changes. kubernetes.aio is a second
# copy of that package's client, 64 MB that nothing here imports.
COPY requirements.image.lock /src/
RUN --mount=type=cache,target=/pip-cache \
    PIP_CACHE_DIR=/pip-cache pip install --quiet --require-hashes --only-binary :all: --no-compile \
        --target /opt/containertask/lib --requirement /src/requirements.image.lock \
    && rm -rf /opt/containertask/lib/bin /opt/containertask/lib/kubernetes/aio \
    && python3 -m compileall -q --invalidation-mode unchecked-hash /opt/containertask/lib
# The build back-end and what it needs, as locked; they stay in this stage.
COPY requirements.lock /src/
RUN --mount=type=cache,target=/pip-cache \
    awk '/^[a-z]/ { wanted = /^(hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers)==/ } wanted' \
        /src/requirements.lock > /src/build.lock \
    && PIP_CACHE_DIR=/pip-cache \
        pip install --quiet --require-hashes --target /opt/build --requirement /src/build.lock
# The copilot ends by os._exit: it has written all it has to say, and taking the interpreter apart costs 7 ms.
# Our own code, as a wheel. -I and -S: no site folder, no environment variable and no current folder decides
# what is imported, and nothing is looked for that is not there.
COPY pyproject.toml README.md LICENSE /src/
COPY operator/containertask /src/operator/containertask
RUN PYTHONPATH=/opt/build pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /wheels /src \
    && pip install --quiet --no-deps --no-index --no-compile --target /out/lib /wheels/*.whl \
    && rm -rf /out/lib/bin \
    && python3 -m compileall -q --invalidation-mode unchecked-hash -s /out -p /opt/containertask /out/lib \
    && script() { printf '%s\n' '#!/usr/bin/python3 -IS' 'import os' 'import sys' \
         'sys.path.append("/opt/containertask/lib")' "from containertask.$1 import main" "$2(main())"; } \
    && script copilot os._exit > /out/copilot \
    && script app sys.exit > /out/operator \
    && chmod 0755 /out/copilot /out/operator

FROM debian:trixie-slim
LABEL org.opencontainers.image.title="containertask" \
      org.opencontainers.image.description="Operator, copilot and launcher of containertask" \
      org.opencontainers.image.licenses="Apache-2.0"
# Neither pip nor Debian's python3 itself: the interpreter and the standard library are enough.
RUN apt-get update -q \
    && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
         ca-certificates libpython3-stdlib python3-minimal \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log \
    && python3 -m compileall -q -f --invalidation-mode unchecked-hash /usr/lib/python3.13
COPY --from=python /opt/containertask/lib /opt/containertask/lib
# So little of Debian's Python is here that this build says whether it is enough.
RUN ["/usr/bin/python3", "-IS", "-c", "import sys; sys.path.append('/opt/containertask/lib'); \
  import aiohttp, flyteidl.core.literals_pb2, kopf, kubernetes.config, obstore.store, prometheus_client, \
         pydantic, uvloop, yaml"]
COPY --from=launcher /out/launcher /opt/containertask/launcher/launcher
COPY --from=launcher /out/netguard.so /opt/containertask/netguard.so
COPY --from=python /out /opt/containertask
# kopf asks for the name of whoever runs it, and gives up where the uid has none: here no uid has.
ENV USER=containertask
USER 65532:65532
ENTRYPOINT ["/opt/containertask/operator"]
