"""A folder of C2SP tiles as somebody may rewrite it who has everything but the key: in Python, so that
what it holds does not depend on the program under test."""

import base64
import hashlib
import struct
import subprocess
import tempfile
from pathlib import Path

WIDTH = 256


def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes):
    """MTH of RFC 6962 over hashes of leaves."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return node_hash(root_of(hashes[:split]), root_of(hashes[split:]))


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def with_checksum(record):
    """The record with its checksum made right (docs/log-format.md)."""
    return record[:4] + struct.pack(">I", crc32c(record[:4] + record[8:])) + record[8:]


def path_of(kind, index, width):
    path = f"{index % 1000:03}"
    while index >= 1000:
        index //= 1000
        path = f"x{index % 1000:03}/{path}"
    return f"tile/{kind}/{path}" + (f".p/{width}" if width < WIDTH else "")


class TileFolder:
    """Reads and writes one."""

    def __init__(self, folder):
        self.folder = Path(folder)

    @property
    def checkpoint(self):
        return (self.folder / "checkpoint").read_text()

    @property
    def key(self):
        return (self.folder / "checkpoint.vkey").read_text().strip()

    @property
    def size(self):
        return int(self.checkpoint.split("\n")[1])

    def entries(self):
        found = []
        for index in range(0, self.size, WIDTH):
            width = min(WIDTH, self.size - index)
            bundle = (self.folder / path_of("entries", index // WIDTH, width)).read_bytes()
            while bundle:
                length, = struct.unpack(">H", bundle[:2])
                found.append(bundle[2:2 + length])
                bundle = bundle[2 + length:]
        return found

    def write(self, entries):
        """All bundles and tiles of a log of these entries, consistent in themselves."""
        for index in range(0, len(entries), WIDTH):
            part = entries[index:index + WIDTH]
            bundle = b"".join(struct.pack(">H", len(entry)) + entry for entry in part)
            self._put(path_of("entries", index // WIDTH, len(part)), bundle)
        level, hashes = 0, [leaf_hash(entry) for entry in entries]
        while hashes:
            above = []
            for index in range(0, len(hashes), WIDTH):
                part = hashes[index:index + WIDTH]
                self._put(path_of(level, index // WIDTH, len(part)), b"".join(part))
                if len(part) == WIDTH:
                    above.append(root_of(part))
            level, hashes = level + 1, above

    def sign(self, entries, key_file):
        """A checkpoint of these entries, by the log's own key: what a dishonest keeper can do."""
        origin = self.checkpoint.split("\n")[0]
        root = base64.b64encode(root_of([leaf_hash(entry) for entry in entries])).decode()
        text = f"{origin}\n{len(entries)}\n{root}\n"
        with tempfile.NamedTemporaryFile() as message:
            message.write(text.encode())
            message.flush()
            signature = subprocess.run(
                ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key_file, "-in", message.name],
                check=True, capture_output=True).stdout
        blob = base64.b64encode(bytes.fromhex(self.key.split("+")[1]) + signature).decode()
        (self.folder / "checkpoint").write_text(f"{text}\n\u2014 {origin} {blob}\n")

    def _put(self, path, content):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
