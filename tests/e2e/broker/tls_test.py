"""A broker of an operator that is reached with TLS: whom the server and a device take for it, on
every connection anew, and what they say of the others."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))

from certificates import Authority, openssl  # noqa: E402
from muster_world import Broker, Case, Cli, binary, wait_until  # noqa: E402


class TlsCase(Case):
    def setUp(self):
        super().setUp()
        self.ours = Authority(self.world.folder / "ours", "our-ca")
        self.good = self.ours.sign("broker")
        self.broker = self.world.keep(Broker(self.world.folder / "broker"))

    def start_broker(self, certificate=None, key=None, more=()):
        """With TLS if there is a certificate; in place of the one that runs."""
        if self.broker.child:
            self.broker.stop()
        tls = (f"certfile {certificate}", f"keyfile {key}") if certificate else ()
        self.broker.options = (*tls, *more)
        self.broker.start()

    @property
    def url(self):
        return f"mqtts://localhost:{self.broker.port}"

    def serve(self, *options):
        self.world.serve(options=("--spread-s", "1", "--mqtt", self.url, *options))

    def serve_trusting(self, *options):
        self.serve("--broker-ca", str(self.ours.certificate), *options)

    def wait_problem(self, *words):
        """Waits until the server says that it has no connection, and why."""
        def says():
            broker = self.world.http.get("/v1/status")["broker"]
            told = broker["last_problem"] or ""
            return not broker["connected"] and all(word in told for word in words)
        wait_until(says, f"the status says {words}", 30)
        shown = self.world.cli.run("broker", "status").out
        log = self.world.server.log.read_text()
        for word in words:
            self.assertIn(word, shown)
            self.assertIn(word, log)


class ServerTest(TlsCase):
    def test_every_connection_is_checked(self):
        foreign = Authority(self.world.folder / "foreign", "foreign-ca").sign("broker")
        wrong_name = self.ours.sign("elsewhere", names="DNS:broker.example.org")
        expired = self.ours.sign("expired", days=-1)
        self.start_broker(*self.good)
        self.serve_trusting()
        self.world.wait_bridge()
        for certificate, *words in ((foreign, "unknown CA", "our-ca.pem", "--broker-ca"),
                                    (wrong_name, "not for localhost", "broker.example.org"),
                                    (expired, "its certificate expired on 20"),
                                    ((), "does not seem to speak TLS on this port")):
            with self.subTest(words):
                connections = self.world.connections()
                self.start_broker(*certificate)
                self.wait_problem(*words)
                self.assertEqual(self.world.connections(), connections)
        connections = self.world.connections()
        self.start_broker(*self.good)
        self.world.wait_bridge(after=connections)

    def test_targets_and_reconciliations_go_over_it(self):
        self.start_broker(*self.good)
        self.serve_trusting()
        self.world.wait_bridge()
        uuid, = self.world.fleet(devices=1)
        self.world.http.post(f"/v1/devices/{uuid}/pin", {"release": self.world.release()})
        self.world.wait_told()
        heard = self.world.subscribe(mqtt=f"localhost:{self.broker.port}",
                                     options=("--cafile", str(self.ours.certificate)))
        heard.wait(lambda message: uuid in message["topic"], "the target is at the broker")
        found = wait_until(lambda: self.world.http.get("/v1/status")["broker"]["reconciled"],
                           "it has compared what is there")
        self.assertEqual(found["unreadable"], 0)

    def test_the_systems_authorities_do_not_know_ours(self):
        self.start_broker(*self.good)
        self.serve()
        self.wait_problem("unknown CA", "none of this system's", "--broker-ca")

    def test_a_client_certificate_that_the_broker_wants(self):
        certificate, key = self.ours.sign("bridge")
        wants = (f"cafile {self.ours.certificate}", "require_certificate true")
        self.start_broker(*self.good, more=wants)
        self.serve_trusting()
        self.wait_problem("client certificate", "--broker-cert")
        self.world.server.stop()
        self.world.server.options += ["--broker-cert", str(certificate), "--broker-key", str(key)]
        self.world.server.start()
        self.world.wait_bridge()

    def test_a_client_certificate_of_a_foreign_authority(self):
        foreign = Authority(self.world.folder / "foreign", "foreign-ca")
        certificate, key = foreign.sign("bridge")
        wants = (f"cafile {self.ours.certificate}", "require_certificate true")
        self.start_broker(*self.good, more=wants)
        self.serve_trusting("--broker-cert", str(certificate), "--broker-key", str(key))
        self.wait_problem("it refused the TLS connection", str(certificate))


class FilesTest(TlsCase):
    def refused(self, *options, mqtt=None):
        """What `muster serve` says before it has opened anything."""
        data = self.world.folder / "untouched"
        answer = Cli(binary(), None, None, self.world.folder).run(
            "serve", "--data", data, "--http", "127.0.0.1:0", "--mqtt", mqtt or self.url, *options)
        self.assertEqual(answer.code, 1)
        self.assertFalse(data.exists())
        return answer.err

    def test_what_cannot_be_used_is_named_before_anything_is_opened(self):
        folder = self.world.folder
        certificate, key = self.good
        _, other_key = self.ours.sign("other")
        no_pem = folder / "no.pem"
        no_pem.write_text("no certificate\n")
        locked = folder / "locked.key"
        openssl("ec", "-in", key, "-aes256", "-passout", "pass:secret", "-out", locked)
        ours = ("--broker-cert", certificate, "--broker-key")
        for options, words in (
                (("--broker-ca", no_pem), f"--broker-ca {no_pem}: there is no certificate"),
                (("--broker-ca", key), f"--broker-ca {key}: there is no certificate"),
                (("--broker-ca", folder / "none.pem"), "none.pem: cannot be read: No such file"),
                (("--broker-cert", certificate), "its key is missing: give --broker-key"),
                (("--broker-key", key), "its certificate is missing: give --broker-cert"),
                ((*ours, other_key), f"--broker-key {other_key}: it is not the key of"),
                ((*ours, certificate), "there is no private key"),
                ((*ours, locked), "it wants a passphrase")):
            with self.subTest(words):
                self.assertIn(words, self.refused(*options))

    def test_tls_is_said_in_the_url_and_nowhere_else(self):
        plain = f"mqtt://{self.broker.address}"
        self.assertIn("mqtts://", self.refused("--broker-ca", self.ours.certificate, mqtt=plain))
        self.assertIn("mqtts://", self.refused(mqtt="mqtt://broker.example.org:1883"))
        self.assertIn("mqtts://", self.refused("--broker-ca", self.ours.certificate,
                                               mqtt="embedded"))
        self.assertIn("the broker's name", self.refused(mqtt="mqtts://[::1]:8883"))

    def test_a_simulation_speaks_no_tls_and_says_so_before_it_begins(self):
        crowd = self.world.folder / "crowd"
        answer = Cli(binary(), None, None, self.world.folder).run(
            "agent", "--simulate", "1", "--dir", crowd, "--mqtt", self.url, "--fleet", "acme/x")
        self.assertEqual(answer.code, 2)
        self.assertIn("no TLS is spoken here", answer.err)
        self.assertFalse(crowd.exists())


class AgentTest(TlsCase):
    def setUp(self):
        super().setUp()
        self.start_broker(*self.good)
        self.serve_trusting()
        self.world.wait_bridge()
        self.world.fleet()
        self.device = self.world.register()

    def agent(self, certificate):
        return self.world.agent([self.device], mqtt=self.url,
                                options=("--broker-ca", str(certificate)))

    def test_a_device_checks_its_broker_too(self):
        foreign = Authority(self.world.folder / "foreign", "foreign-ca")
        stranger = self.agent(foreign.certificate)
        log = self.world.folder / "agent.log"
        wait_until(lambda: "unknown CA" in log.read_text(), "the agent says what is wrong")
        stranger.stop()
        self.agent(self.ours.certificate)
        commit = self.world.release()
        uuid = self.device["uuid"]
        wait_until(lambda: self.world.device(uuid)["running_release"] == commit,
                   "the device runs the release")


if __name__ == "__main__":
    unittest.main()
