#!/usr/bin/env python3
"""Tells the story of tools/up with the built program. See `--help`."""

import argparse
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path

from story_fleet import FLEET
from story_steps import Story
from story_view import View, duration, event_text
from story_world import Failed

ROOT = Path(__file__).resolve().parents[2]


def default_data():
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    return Path(state) / "muster/up"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--http")
    parser.add_argument("--mqtt-listen")
    parser.add_argument("--binary", type=Path, default=ROOT / "build/release/bin/muster")
    return parser.parse_args()


def require_free(address, option):
    """Fails with a way out if somebody listens on `address` already."""
    host, _, port = address.rpartition(":")
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, int(port)))
    except (OSError, ValueError, OverflowError) as error:
        raise Failed(f"{address} cannot be used: {error}. Choose another one, for example: "
                     f"tools/up {option} 127.0.0.1:0 (any free port)") from None


def story_of(options, data, view):
    """With --once on free ports, else where `muster` looks for a server."""
    http = options.http or f"127.0.0.1:{0 if options.once else 7880}"
    mqtt = options.mqtt_listen or f"127.0.0.1:{0 if options.once else 7883}"
    require_free(http, "--http")
    require_free(mqtt, "--mqtt-listen")
    return Story(options.binary, data, http, mqtt, view)


def summarise(story, view, started):
    view.heading("summary")
    view.table(["step", "", ""], story.results)
    view.line()
    view.line(f"{story.steps_seen()} of {len(story.steps())} steps seen to work, "
              f"in {duration(time.monotonic() - started)}")


def tell(story, view):
    """Tells it and returns the exit code."""
    started = time.monotonic()
    try:
        story.tell()
    except Failed as failure:
        view.failed(f"{failure}")
        if story.server.log.exists():
            view.line(f"The last lines of {story.server.log}:")
            view.output(story.server.last_words())
    summarise(story, view, started)
    return 0 if story.is_whole() else 1


def say_how_to_use(story, view):
    binary_folder = Path(story.binary).resolve().parent
    view.heading("it stays up; Ctrl-C ends it")
    view.line(f"HTTP API  {story.server.url}")
    view.line(f"MQTT      {story.server.mqtt}")
    view.line(f"data      {story.data}")
    view.line("In another terminal:")
    view.line(f"  export PATH={binary_folder}:$PATH")
    view.line(f"  export MUSTER_URL={story.server.url}")
    view.line(f"  export MUSTER_TOKEN=$(cat {story.server.data}/admin.token)")
    view.line(f"  muster device list --fleet {FLEET}")
    view.line()


def stay_up(story, view):
    """Follows the devices until the server ends or we are interrupted."""
    story.devices.stop()
    names = story.devices.names
    story.connect(story.memory, lambda event: view.line(event_text(names[event["device"]], event)))
    say_how_to_use(story, view)
    while story.server.child.is_running():
        time.sleep(0.2)
    view.failed(f"the server ended; the last lines of {story.server.log}:")
    view.output(story.server.last_words())
    return 1


def play(options, data):
    view = View()
    story = story_of(options, data, view)
    try:
        code = tell(story, view)
        if code == 0 and not options.once:
            code = stay_up(story, view)
    except KeyboardInterrupt:
        view.line("\nstopping")
        code = 0 if story.is_whole() else 130
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        story.stop()
    return code


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    options = parse_arguments()
    signal.signal(signal.SIGTERM, interrupt)
    is_temporary = options.once and not options.data
    data = Path(tempfile.mkdtemp(prefix="muster-up-")) if is_temporary else (
        options.data or default_data())
    try:
        return play(options, data.absolute())
    except Failed as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    finally:
        if is_temporary:
            shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
