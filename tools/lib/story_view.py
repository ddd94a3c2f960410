"""How the story looks on a terminal or in a file."""

import sys


def release_text(event):
    """`1.2.0 9f3c2a1`: the release that a device speaks of."""
    if not event or not event["commit"]:
        return "-"
    return f"{event['semver']} {event['commit'][:7]}"


def event_text(name, event):
    """One line of a device, for following it."""
    words = {"target": "is told", "downloading": "downloads", "applying": "applies",
             "running": "runs", "connected": "is connected, runs", "lost": "lost its connection"}
    what = words.get(event["event"], event["event"])
    release = "" if event["event"] == "lost" else release_text(event)
    policy = f"({event['policy']})" if event["event"] == "target" else ""
    message = "" if event["event"] == "lost" else event["message"]
    line = [event["at"][11:23], f"{name:<9}", what, release, policy, message]
    return "  ".join(word for word in line if word)


class View:
    """Prints the story as it goes. `rows` of a table are lists of texts."""

    def __init__(self, out=sys.stdout):
        self._out = out
        self._is_terminal = out.isatty()

    def line(self, text=""):
        print(text, file=self._out, flush=True)

    def _styled(self, text, style):
        return f"\033[{style}m{text}\033[0m" if self._is_terminal else text

    def heading(self, text):
        self.line()
        self.line(self._styled(f"── {text} ".ljust(78, "─"), "1"))

    def command(self, words):
        quoted = [f"'{word}'" if " " in word else word for word in words]
        self.line(self._styled(f"$ {' '.join(quoted)}", "36"))

    def output(self, text):
        for line in text.rstrip("\n").splitlines():
            self.line(line)

    def table(self, header, rows):
        widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
        for row in [header, *rows]:
            cells = (cell.ljust(width) for cell, width in zip(row, widths))
            self.line(("  " + "  ".join(cells)).rstrip())

    def seen(self, text, after_s):
        self.line(self._styled(f"✓ {text}  ({duration(after_s)})", "32"))

    def failed(self, text):
        self.line(self._styled(f"✗ {text}", "31"))


def duration(seconds):
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
