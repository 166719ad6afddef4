# The project's one image. The launcher lies alone in a folder, because task Pods mount just that folder
# into the user's container.
FROM debian:trixie-slim AS launcher
RUN apt-get update -q \
    && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends golang-go \
    && rm -rf /var/lib/apt/lists/*
COPY operator/launcher /src
WORKDIR /src
RUN --mount=type=cache,target=/go-cache \
    GOCACHE=/go-cache CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -buildid=" -o /out/launcher .

FROM debian:trixie-slim
COPY --from=launcher /out/launcher /opt/containertask/launcher/launcher
USER 65532:65532
