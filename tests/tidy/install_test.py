"""tools/lib/install.sh against a scripted Debian: dpkg-query, apt-get, systemctl and sudo are
small programs that write down how they were called."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

LIB = Path(__file__).resolve().parents[2] / "tools/lib"
DEBIAN_12 = 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
OTHER = 'ID=fedora\nVERSION_ID=41\nPRETTY_NAME="Fedora Linux 41"\n'
TOOLS = ("bash", "env", "awk", "dirname", "tail", "printf", "cat", "grep")


class InstallTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.root.chmod(0o755)
        # A copy, because the clone may lie where only root can read.
        shutil.copytree(LIB, self.root / "lib")
        self.calls = self.root / "calls"
        self.calls.touch()
        self.calls.chmod(0o666)
        (self.root / "bin").mkdir()
        for tool in TOOLS:
            (self.root / "bin" / tool).symlink_to(shutil.which(tool))
        self.program("apt-get")
        self.installed(all_but=[])

    def program(self, name, body="exit 0"):
        path = self.root / "bin" / name
        path.write_text(f'#!/bin/bash\necho "{name} $*" >>{self.calls}\n{body}\n')
        path.chmod(0o755)

    def installed(self, all_but):
        cases = "".join(f"*\\ {package}) exit 1 ;; " for package in all_but)
        path = self.root / "bin/dpkg-query"
        path.write_text(f'#!/bin/bash\ncase " $*" in {cases}esac\nprintf installed\n')
        path.chmod(0o755)

    def systemd(self, has_mosquitto_unit):
        (self.root / "systemd").mkdir()
        self.program("systemctl", f'[[ "$1" != cat ]] || exit {0 if has_mosquitto_unit else 1}')

    def install(self, groups="build run", os_release=DEBIAN_12, root=True):
        (self.root / "os-release").write_text(os_release)
        script = '. "$0/say.sh"; . "$0/install.sh"; install_packages ' + groups
        command = ["bash", "-c", script, str(self.root / "lib")]
        if os.geteuid() == 0 and not root:
            command = [shutil.which("setpriv"), "--reuid=65534", "--clear-groups"] + command
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env={
            "PATH": str(self.root / "bin"),
            "MUSTER_OS_RELEASE": str(self.root / "os-release"),
            "MUSTER_SYSTEMD_FOLDER": str(self.root / "systemd")})
        return done.returncode, done.stdout + done.stderr, self.calls.read_text().splitlines()

    def need_root(self):
        if os.geteuid() != 0:
            self.program("sudo", '"$@"')

    def test_nothing_is_called_when_nothing_is_missing(self):
        code, said, calls = self.install()
        self.assertEqual((code, calls), (0, []))
        self.assertIn("are installed", said)

    def test_only_what_is_missing_of_the_groups_asked_for_is_installed(self):
        self.need_root()
        self.installed(all_but=["cmake", "doctest-dev"])
        code, said, calls = self.install()
        apt = [call for call in calls if call.startswith("apt-get")]
        self.assertEqual(code, 0, said)
        self.assertIn("installing 1 of", said)
        self.assertTrue(apt[0].endswith(" update"), apt)
        self.assertTrue(apt[1].endswith(" install --no-install-recommends cmake"), apt)

    def test_a_package_that_cannot_be_installed_ends_the_script_with_apts_own_words(self):
        self.need_root()
        self.installed(all_but=["cmake"])
        self.program("apt-get", "echo E: Unable to locate package; exit 100")
        code, said, _ = self.install()
        self.assertEqual(code, 1)
        self.assertIn("Unable to locate package", said)
        self.assertIn("could not install: cmake", said)

    def test_mosquitto_is_masked_before_it_is_installed(self):
        self.need_root()
        self.installed(all_but=["mosquitto"])
        self.systemd(has_mosquitto_unit=False)
        code, said, calls = self.install()
        self.assertEqual(code, 0, said)
        mask = next(i for i, call in enumerate(calls) if call.startswith("systemctl mask"))
        install = next(i for i, call in enumerate(calls) if " install " in call)
        self.assertLess(mask, install)
        self.assertIn("undo: systemctl unmask mosquitto", said)

    def test_a_mosquitto_unit_that_is_there_already_is_left_alone(self):
        self.need_root()
        self.installed(all_but=["mosquitto"])
        self.systemd(has_mosquitto_unit=True)
        _, _, calls = self.install()
        self.assertFalse([call for call in calls if "mask" in call], calls)

    def test_mosquitto_is_not_masked_when_it_was_installed_before(self):
        self.need_root()
        self.installed(all_but=["cmake"])
        self.systemd(has_mosquitto_unit=False)
        _, _, calls = self.install()
        self.assertFalse([call for call in calls if call.startswith("systemctl")], calls)

    def test_without_root_and_sudo_the_error_names_the_packages_and_the_way_out(self):
        self.installed(all_but=["cmake"])
        code, said, calls = self.install(root=False)
        self.assertEqual((code, calls), (1, []))
        self.assertIn("needs root", said)
        self.assertIn("apt-get install cmake", said)

    def test_without_root_sudo_is_used(self):
        self.installed(all_but=["cmake"])
        self.program("sudo", '"$@"')
        code, said, calls = self.install(root=False)
        self.assertEqual(code, 0, said)
        self.assertTrue(calls[0].startswith("sudo env DEBIAN_FRONTEND=noninteractive"), calls)

    def test_another_system_goes_on_if_the_packages_are_there(self):
        code, said, calls = self.install(os_release=OTHER)
        self.assertEqual((code, calls), (0, []))
        self.assertIn("Fedora Linux 41, not Debian 12", said)

    def test_another_system_without_the_packages_is_told_what_is_missing(self):
        self.installed(all_but=["cmake"])
        code, said, calls = self.install(os_release=OTHER)
        self.assertEqual((code, calls), (1, []))
        self.assertIn("not Debian 12", said)
        self.assertIn("cmake", said)


if __name__ == "__main__":
    unittest.main()
