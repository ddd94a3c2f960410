"""A server with a folder for backups, which is lost and restored."""

import shutil

from muster_world import Case, Cli, Http, binary


class BackupCase(Case):
    def setUp(self):
        super().setUp()
        self.backups = self.world.folder / "backups"
        self.options = ("--spread-s", "1", "--backups", str(self.backups), *self.more_options())
        self.world.serve(options=self.options)
        self.token = self.world.server.token
        self.offline = Cli(binary(), None, None, self.world.folder)

    def more_options(self):
        """Of the server."""
        return ()

    def lose_server(self):
        """What is kept elsewhere survives; the server and its folder are gone."""
        data = self.world.server.data
        self.kept = self.world.folder / "kept"
        shutil.rmtree(self.kept, ignore_errors=True)
        self.world.server.kill()
        shutil.copytree(data / "keys", self.kept / "keys")
        shutil.copy(data / "checkpoint", self.kept / "checkpoint")
        shutil.rmtree(data)

    def restore(self, *options):
        return self.offline.json("backup", "restore", "--backups", self.backups, "--data",
                                 self.world.server.data, "--keys", self.kept / "keys", *options)

    def http(self):
        return Http(self.world.server.http, self.token)

    def start(self):
        self.world.server.start()
        (self.world.server.data / "admin.token").write_text(self.token)
