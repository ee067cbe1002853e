"""Writes the table of character classes, asked of the regular expressions that tiktoken itself uses: for each code point, which class matches it.

    .venv-tokens/bin/python unicode_classes.py ../../Sources/WeirTokens/UnicodeClasses.swift
"""
import sys

import tiktoken

BYTES = {bytes([byte]): byte for byte in range(256)}
CODE_POINTS = [point for point in range(0x110000) if not 0xD800 <= point < 0xE000]
# In the order of `CharacterClass`; what no class matches is 0, `other`: punctuation and symbols.
CLASSES = [(1, r"[\p{Lu}\p{Lt}]"), (2, r"\p{Ll}"), (3, r"[\p{Lm}\p{Lo}]"), (4, r"\p{M}"), (5, r"\p{N}"), (6, r"[^\S\r\n]"), (7, r"[\r\n]"),
           (9, r"[^\p{L}\p{M}\p{N}\p{P}\p{S}\s]")]


def matched(pattern):
    """All code points that `pattern` matches: what does not match is in no piece, and so in no token."""
    encoding = tiktoken.Encoding("classes", pat_str=pattern, mergeable_ranks=BYTES, special_tokens={})
    for start in range(0, len(CODE_POINTS), 4096):
        text = "".join(map(chr, CODE_POINTS[start:start + 4096]))
        yield from map(ord, bytes(encoding.encode_ordinary(text)).decode())


def ranges():
    """(first code point, class) wherever the class changes."""
    classes = bytearray(0x110000)
    for number, pattern in CLASSES:
        for point in matched(pattern):
            assert classes[point] == 0, "a code point in two classes"
            classes[point] = number
    return [(point, classes[point]) for point in range(0x110000) if point == 0 or classes[point] != classes[point - 1]]


def source():
    """The Swift file."""
    words = ["0x%X" % (point << 4 | number) for point, number in ranges()]
    lines = ["    " + " ".join(word + "," for word in words[at:at + 12]) for at in range(0, len(words), 12)]
    return (
        "// A long table, written by Tests/Tokens/unicode_classes.py: Unicode 16.0 as the regular expressions of tiktoken 0.12 to 0.14 know it.\n\n"
        "/// Where the class of code points changes: the first code point of a range times 16, plus the range's `CharacterClass`.\n"
        "// swift-format-ignore\n"
        "let unicodeClassRanges: [UInt32] = [\n" + "\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    with open(sys.argv[1], "w") as file:
        file.write(source())
