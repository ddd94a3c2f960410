"""Backups and restores onto a disk that is full. Needs a file system of its own for each."""

import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))

from backup_support import BackupCase  # noqa: E402
from muster_world import binary  # noqa: E402

OWN_MOUNTS = ["unshare", "--map-root-user", "--mount"]
CAN_MOUNT = subprocess.run([*OWN_MOUNTS, "mount", "-t", "tmpfs", "none", "/mnt"],
                           capture_output=True, check=False).returncode == 0


@unittest.skipUnless(CAN_MOUNT, "this machine lets nobody mount a small file system")
class FullDiskTest(BackupCase):
    def setUp(self):
        super().setUp()
        self.world.fleet(devices=3)
        self.world.server.stop()
        self.disk = self.world.folder / "disk"
        self.disk.mkdir()

    def on_disk(self, size, script):
        """Runs `script`, in which muster is `$muster`, with an own file system in the folder."""
        lines = f"set -u\nmount -t tmpfs -o {size} none {self.disk}\nmuster={binary()}\n{script}"
        return subprocess.run([*OWN_MOUNTS, "sh", "-c", lines], text=True, capture_output=True,
                              timeout=60, check=False)

    def create(self):
        return f"$muster backup create --data {self.world.server.data} --backups {self.disk}"

    def test_a_backup_says_how_much_room_it_needs(self):
        ended = self.on_disk("size=1m", self.create())
        self.assertEqual(ended.returncode, 3, ended.stdout)
        self.assertIn("too little room", ended.stderr)

    def until_there_is_room(self, command, verify):
        """Files are what runs out here: they do so at every place in turn."""
        failures = 0
        for files in range(4, 40):
            ended = self.on_disk(f"size=1g,nr_inodes={files}", f"""
                {command} && exit 0
                echo failed >&2
                mount -o remount,nr_inodes=1000 {self.disk}
                {command} && {verify}""")
            self.assertEqual(ended.returncode, 0, (files, ended.stderr))
            if "failed" not in ended.stderr:
                break
            failures += 1
            self.assertIn("No space left on device", ended.stderr)
            for wrong in ("is damaged", "in use", "another backup"):
                self.assertNotIn(wrong, ended.stderr, files)
        self.assertGreater(failures, 4)
        self.assertLess(failures, 36, "there is room for all files at last")

    def test_a_backup_that_filled_the_disk_is_made_again(self):
        self.until_there_is_room(self.create(), f"$muster backup verify --backups {self.disk}")

    def test_a_restore_that_filled_the_disk_is_made_again(self):
        data = self.world.server.data
        self.offline.json("backup", "create", "--data", data, "--backups", self.backups)
        restored = self.disk / "data"
        self.until_there_is_room(
            f"$muster backup restore --backups {self.backups} --data {restored} --keys {data}/keys",
            f"$muster audit verify {restored} --kept {self.world.folder}/verified")


if __name__ == "__main__":
    unittest.main()
