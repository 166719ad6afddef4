"""Docker images: looking, pulling, building; the Debian base image made here where it cannot be pulled."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from testbed import apt, cache
from testbed.errors import TestbedError
from testbed.progress import say, step
from testbed.shell import output, run
from testbed.versions import Versions, parse

_FIRST_CLIENT_WITHOUT_BUILDKIT = (23, 0)
_PULL_SECONDS = 900
_CA_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
_BASE_PACKAGES = "ca-certificates"


def image_id(reference: str) -> str | None:
    """Return the id of an image that the daemon holds."""
    return output(["docker", "image", "inspect", "--format", "{{.Id}}", reference])


def present_or_pulled(reference: str) -> bool:
    """Tell whether the daemon holds the image, after trying to pull it."""
    if image_id(reference):
        return True
    say(f"pulling {reference} …")
    try:
        run(["docker", "pull", "--quiet", reference], timeout=_PULL_SECONDS)
    except TestbedError as error:
        reason = str(error).splitlines()[-1].strip(" |")
        say(f"{reference} cannot be pulled here: {reason[:160]}")
        return False
    say(f"pulled {reference}")
    return True


def build(
    tag: str, context: Path, *, target: str | None = None, arguments: Mapping[str, str] | None = None
) -> None:
    """Build a Dockerfile; unchanged parts come from Docker's own cache."""
    command, env = _builder()
    given = [f"--build-arg={name}={value}" for name, value in (arguments or {}).items()]
    given += [f"--target={target}"] if target else []
    with step(f"building image {tag}"):
        run([*command, "build", "--network=host", "--tag", tag, *given, context], env=env)


def ensure_base(versions: Versions) -> None:
    """Make sure that the base image of every Dockerfile here is present under its public name."""
    if present_or_pulled(versions.base_image):
        return
    require_base(versions)
    archive = cache.folder(
        f"debian-{versions.suite}",
        cache.key(versions.suite, _BASE_PACKAGES, "3"),
        lambda folder: _debootstrap(versions.suite, folder / "root.tar"),
    )
    environment = [
        item for name in ("SSL_CERT_FILE", "PIP_CERT") for item in ("--change", f"ENV {name}={_CA_BUNDLE}")
    ]
    shell = ["--change", 'CMD ["/bin/bash"]']
    with step(f"importing {versions.base_image}"):
        run(["docker", "import", *environment, *shell, archive / "root.tar", versions.base_image])


def require_base(versions: Versions) -> None:
    """Raise early where the base image is neither there nor to be pulled, and cannot be made here."""
    if os.geteuid() != 0 and not present_or_pulled(versions.base_image):
        raise TestbedError(
            f"{versions.base_image} cannot be pulled, and making it needs root: run this as root"
        )


def _debootstrap_program() -> tuple[Path, dict[str, str]]:
    """Return debootstrap and its environment; where it is missing, unpacked into the cache only."""
    if installed := shutil.which("debootstrap"):
        return Path(installed), {}

    def unpack(folder: Path) -> None:
        package = apt.download("debootstrap", into=folder, reason="the Debian base image cannot be pulled")
        run(["dpkg-deb", "-x", package, folder])

    folder = cache.folder("debootstrap", "debian", unpack)
    return folder / "usr/sbin/debootstrap", {"DEBOOTSTRAP_DIR": str(folder / "usr/share/debootstrap")}


def _debootstrap(suite: str, archive: Path) -> None:
    """Make a minimal Debian with this machine's certificate authorities, as one tar file."""
    program, environment = _debootstrap_program()
    root = archive.parent / "root"
    try:
        flags = ["--variant=minbase", f"--include={_BASE_PACKAGES}"]
        run([program, *flags, suite, root], env=environment)
        if _CA_BUNDLE.exists():
            shutil.copyfile(_CA_BUNDLE, root / _CA_BUNDLE.relative_to("/"))
        for trash in ("var/cache/apt/archives", "var/lib/apt/lists", "usr/share/doc", "usr/share/locale"):
            shutil.rmtree(root / trash)
            (root / trash).mkdir()
        (root / "etc/resolv.conf").unlink(missing_ok=True)
        run(["tar", "--numeric-owner", "-C", root, "-cf", archive, "."])
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _builder() -> tuple[list[str], dict[str, str]]:
    """Return a Docker client that can build with BuildKit, and the environment it needs for that."""
    buildkit = {"DOCKER_BUILDKIT": "1"}
    if output(["docker", "buildx", "version"]):
        return ["docker"], buildkit
    candidates = [Path(folder, "docker") for folder in os.get_exec_path()] + [Path("/usr/bin/docker")]
    for client in dict.fromkeys(path for path in candidates if path.is_file()):
        printed = re.search(r"version (\S+)", output([client, "--version"]) or "")
        version = parse(printed[1]) if printed else None
        if version and version < _FIRST_CLIENT_WITHOUT_BUILDKIT:
            return [str(client)], buildkit
    raise TestbedError("Docker's client has no BuildKit: install the buildx plugin (package docker-buildx)")
