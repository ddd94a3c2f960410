"""Checks layering and sizes of the tracked files: python3 tidy.py [ROOT].

Prints one line for each finding, `file:line: what is wrong; the way out`. The rules are in rules.py.
"""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import cpp_source
import rules


def check_tree(root):
    """All findings in the tracked files below `root`, as lines of text."""
    paths = tracked_files(root)
    found = check_folders(paths)
    for path in paths:
        try:
            text = (root / path).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # Binary, or deleted and not committed yet.
        found += check_file(path, text, lambda other: (root / other).is_file())
    return found


def tracked_files(root):
    git = ["git", "-c", f"safe.directory={root}", "-C", str(root), "ls-files", "-z"]
    listing = subprocess.run(git, capture_output=True, text=True, check=True).stdout
    return sorted(path for path in listing.split("\0") if path)


def check_file(path, text, exists):
    """The findings in one file; `exists` tells whether a path of the repository does."""
    found = check_words(path, text)
    if is_cpp(path):
        found += check_includes(path, text)
        found += check_own_header_first(path, text, exists)
        found += check_sizes(path, text)
        if path.endswith(".h"):
            found += check_pragma_once(path, text)
    return found


def is_cpp(path):
    return path.endswith((".h", ".cc"))


def check_words(path, text):
    if path.startswith(rules.BANNED_EXEMPT):
        return []
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if word := rules.BANNED_WORDS.search(line):
            found.append(f"{path}:{number}: {word[0]} left behind; do it now, or say in words what "
                         "is missing where users will read it")
        if rules.MACHINE_PATHS.search(line):
            found.append(f"{path}:{number}: an absolute path of one machine; use a path relative "
                         "to the repository, or a temporary folder")
    return found


def check_includes(path, text):
    found = []
    for line, quote, include in cpp_source.includes(text):
        problem = layer_problem(path, include) if quote == '"' else None
        problem = problem or library_problem(path, include)
        if problem:
            found.append(f"{path}:{line}: {problem}")
    return found


def layer_problem(path, include):
    allowed = layer_of(path)
    if allowed is None:
        return "C++ in a folder without a layer; add the folder to LAYERS in tests/tidy/rules.py"
    if include.startswith("schemas/"):
        return None  # Not a question of layers but of codecs: library_problem.
    if include.startswith("tests/") and not path.startswith("tests/"):
        return f'"{include}" is included, but nothing outside tests/ may include tests/'
    if not include.startswith(tuple(rules.LAYERS)):
        return (f'"{include}" is no path from the root of the repository; write it in full, and '
                "include libraries with <>")
    if not include.startswith(allowed):
        return (f'"{include}" is above or beside this folder, which may include only '
                f"{', '.join(allowed)}; move the code, or pass in what it needs")
    return None


def layer_of(path):
    folders = [folder for folder in rules.LAYERS if path.startswith(folder)]
    return rules.LAYERS[max(folders, key=len)] if folders else None


def library_problem(path, include):
    for beginnings, places, way_out in rules.LIBRARIES:
        if not any(begins_with(include, beginning) for beginning in beginnings):
            continue
        if not any(re.fullmatch(place, path) for place in places):
            return f"{include} may not be included here; {way_out}"
    return None


def begins_with(include, beginning):
    """`sys/` is a folder, `thread` a whole name, `rapidcheck` either."""
    if beginning.endswith("/"):
        return include.startswith(beginning)
    return include == beginning or include.startswith(f"{beginning}.h") \
        or include.startswith(f"{beginning}/")


def check_own_header_first(path, text, exists):
    """It proves that the header compiles alone: nothing before it can help."""
    header = re.sub(r"\.cc$", ".h", path)
    if header == path or not exists(header):
        return []
    first = next(cpp_source.includes(text), (1, "", ""))
    if first[2] == header:
        return []
    return [f'{path}:{first[0]}: "{header}" must be the first include, which proves that it '
            "compiles alone; move it up"]


def check_sizes(path, text):
    lines = text.splitlines()
    found = []
    if len(lines) > (most := lines_max(path)):
        found.append(f"{path}:{most + 1}: {len(lines)} lines, at most {most}; split it by what "
                     "its parts are about")
    for number, line in enumerate(lines, 1):
        if len(line) > rules.COLUMNS_MAX:
            found.append(f"{path}:{number}: {len(line)} columns, at most {rules.COLUMNS_MAX}; "
                         "break the line")
    for line, length in cpp_source.functions(text):
        if length > rules.FUNCTION_LINES_MAX:
            found.append(f"{path}:{line}: a function of {length} lines, at most "
                         f"{rules.FUNCTION_LINES_MAX}; give its parts names of their own")
    return found


def lines_max(path):
    if path.startswith("tests/"):
        return rules.TEST_LINES_MAX
    return rules.HEADER_LINES_MAX if path.endswith(".h") else rules.SOURCE_LINES_MAX


def check_pragma_once(path, text):
    code = re.sub(r"\A(\s*//[^\n]*\n|\s+)*", "", text)
    if code.startswith("#pragma once\n"):
        return []
    return [f"{path}:1: a header without #pragma once; make it the first line of code"]


def check_folders(paths):
    counts = Counter(path.rpartition("/")[0] for path in paths
                     if is_cpp(path) and path.startswith(rules.PRODUCTION))
    return [f"{folder}/:1: {count} C++ files, at most {folder_files_max(folder)}; put what belongs "
            "together into a folder of its own"
            for folder, count in sorted(counts.items()) if count > folder_files_max(folder)]


def folder_files_max(folder):
    return rules.FOLDER_FILES_MAX_OF.get(folder, rules.FOLDER_FILES_MAX)


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2]).resolve()
    found = check_tree(root)
    print("\n".join(found) or "layering and sizes: nothing to say")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
