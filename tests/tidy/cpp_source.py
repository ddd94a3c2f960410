"""A rough reading of C++: enough to find includes and the length of functions."""

import re

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
_LITERALS = re.compile(
    r"""//[^\n]*|/\*.*?\*/                      # comments
      |R"(?P<tag>[^()\s\\]{0,16})\(.*?\)(?P=tag)"   # raw strings
      |"(?:\\.|[^"\\\n])*"                      # strings
      |(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'      # characters, but not the ' of 1'000
      |^[ \t]*\#(?:[^\n]*\\\n)*[^\n]*           # preprocessor lines
    """, re.VERBOSE | re.DOTALL | re.MULTILINE)
_SCOPE = re.compile(r"\b(namespace|extern|class|struct|union|enum)\b")


def includes(text):
    """Yields (line, "<" or '"', path) of each include."""
    for match in _INCLUDE.finditer(text):
        yield _line_of(text, match.start(1)), match[1], match[2]


def without_literals(text):
    """The code alone: comments, strings and macros become blanks; lines stay where they are."""
    return _LITERALS.sub(_blank, text)


def functions(text):
    """Yields (first line, number of lines) of each function, by its outermost braces."""
    code = without_literals(text)
    open_braces = []  # (is it a scope, is it a function, where its head begins)
    head = 0
    for match in re.finditer(r"[{};]", code):
        at = match.start()
        if match[0] == "{":
            scope, function = _kind(code[head:at], open_braces)
            open_braces.append((scope, function, head))
        elif match[0] == "}" and open_braces:
            _, function, begin = open_braces.pop()
            # `: a_{1}, b_{2} {` is one head: the braces of a member belong to it.
            if function and code[at + 1:].lstrip()[:1] in (",", "{"):
                head = begin
                continue
            if function:
                first = begin + len(code[begin:at]) - len(code[begin:at].lstrip())
                yield _line_of(code, first), code.count("\n", first, at) + 1
        head = at + 1


def _kind(head, open_braces):
    """What a brace opens, judged by the text before it: (scope, function)."""
    if not all(scope for scope, _, _ in open_braces):
        return False, False
    balanced = head.count("(") == head.count(")")
    if "(" in head and balanced:
        return False, True
    return bool(_SCOPE.search(head)), False


def _blank(match):
    return re.sub(r"[^\n]", " ", match[0])


def _line_of(text, position):
    return text.count("\n", 0, position) + 1
