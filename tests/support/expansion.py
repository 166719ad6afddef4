"""What the kubelet makes of an argument, and the values that are made to confuse it, a shell or us.

Byte by byte, as third_party/forked/golang/expansion of Kubernetes does it. Of a letter behind a ``$`` older
versions take one byte, 1.36 takes the whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from hypothesis import strategies as st

ENVIRONMENT = {"HOME": "/root", "": "?", "SECRET": "s3cr3t", "CT_NAME": "n"}


def expanded(element: str, environment: Mapping[str, str] = ENVIRONMENT) -> str:
    """Return the argument that a process gets, from a kubelet of any version."""
    old, new = (_expanded(element.encode(), environment, whole_letters=is_new) for is_new in (False, True))
    assert old == new, "this depends on the kubelet's version"
    return new.decode()


def _expanded(data: bytes, environment: Mapping[str, str], *, whole_letters: bool) -> bytes:
    out, position = bytearray(), 0
    while position < len(data):
        if data[position : position + 1] != b"$" or position + 1 == len(data):
            out += data[position : position + 1]
            position += 1
            continue
        read, found, width = _try_reference(data[position + 1 :], whole_letters=whole_letters)
        out += environment.get(read.decode(), f"$({read.decode()})").encode() if found else read
        position += 1 + width
    return bytes(out)


def _try_reference(data: bytes, *, whole_letters: bool) -> tuple[bytes, bool, int]:
    """Return what stands behind a ``$``, whether it is a variable's name, and how wide it is."""
    if data[:1] == b"$":
        return b"$", False, 1
    if data[:1] == b"(":
        end = data.find(b")")
        return (data[1:end], True, end + 1) if end >= 0 else (b"$(", False, 1)
    if whole_letters:
        letter = data[:4].decode(errors="ignore")[0].encode()
        return b"$" + letter, False, len(letter)
    return b"$" + chr(data[0]).encode(), False, 1  # Go's string(byte): a letter beyond ASCII breaks


def own_references(literal: str) -> str:
    """Expand the references that are whole within the user's own text."""

    def replace(found: re.Match[str]) -> str:
        return "$" if found[0] == "$$" else ENVIRONMENT.get(found[1], found[0])

    return re.sub(r"\$\$|\$\(([^)]*)\)", replace, literal)


HOSTILE_VALUES = {
    "quotes": "'\"'\"'\"`\\'",
    "newlines": "\n a\r\n\n",
    "a variable of the kubelet's": "$(HOME)",
    "one that it lets be": "$$(HOME) $$ $ $",
    "a variable of the shell's": "$HOME ${HOME} `id` $(id) ; id & | > /tmp/x # !! ~ * ?",
    "a token": "{{.inputs.y}} {{.name}} {{.unknown}} {{inputs.v}} }}",
    "backslashes": "\\n\\\\ \\$(HOME)\\",
    "an option": "--help -n -e",
    "nothing": "",
    "blanks": " \t ",
    "beyond ASCII": "é$é𝄞\u202e\ufeff\u2028",
    "control characters": "\x01\x1b[31m\x7f",
}

_pieces = st.sampled_from(
    [
        "$",
        "(",
        ")",
        "$(",
        "$(HOME)",
        "HOME",
        "$$",
        "é",
        "𝄞",
        " ",
        "'",
        '"',
        "\\",
        "`id`",
        "\n",
        "\r",
        "a",
        "-",
    ]
)
_braces = st.sampled_from(["{{", "}}", "{{.inputs.v0}}", "{{.inputs.y}}", "{{.name}}", "| sh"])

hostile_texts = st.lists(_pieces | _braces, max_size=5).map("".join)
"""What a value may hold: all that means something to the kubelet, to a shell or to us."""

literals = st.lists(_pieces, max_size=5).map("".join)
"""What may stand around tokens, without braces."""
