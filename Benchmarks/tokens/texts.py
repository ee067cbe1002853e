"""What is counted: prose, code and Chinese of a few megabytes, and texts of 1 MiB that are hard for one counter or another."""

import base64
import itertools
import os
import random
import sysconfig
from pathlib import Path

MIB = 1 << 20


def english() -> str:
    """The manual of the Python language, as pydoc brings it, and the licences of the system: prose with some code."""
    from pydoc_data import topics

    text = "\n".join(topics.topics.values())
    folder = Path("/usr/share/common-licenses")
    if folder.is_dir():
        text += "".join(path.read_text(errors="replace") for path in sorted(folder.iterdir()) if not path.is_symlink())
    return text


def code() -> str:
    """Modules of Python's standard library."""
    text = ""
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        text += path.read_text(errors="replace")
        if len(text) > 2 * MIB:
            break
    return text


def chinese(tokens: list[bytes], choose: random.Random) -> str:
    """Words of the vocabulary in sentences with full-width signs: the lower a word's rank the more often it comes, most times behind one of the words
    that it likes to follow, so that two in five neighbours are new ones, about as in prose."""
    words = []
    for token in tokens:
        word = token.decode(errors="replace")
        if all("\u4e00" <= sign <= "\u9fff" for sign in word):
            words.append(word)
    weights = list(itertools.accumulate(1 / (rank + 10) for rank in range(len(words))))
    followers: dict[str, list[str]] = {}
    parts, word = [], words[0]
    for _ in range(400_000):
        if choose.random() < 0.3:
            word = choose.choices(words, cum_weights=weights)[0]
        else:
            if word not in followers:
                followers[word] = choose.choices(words, cum_weights=weights, k=24)
            word = followers[word][int(24 * choose.random() ** 2)]
        parts.append(word)
        if choose.random() < 0.12:
            parts.append(choose.choice("，，，。。、！？"))
            if choose.random() < 0.05:
                parts.append("\n")
    return "".join(parts)


def hard(choose: random.Random) -> dict[str, str]:
    """Texts of 1 MiB, most of them one single piece."""

    def signs(alphabet: str) -> str:
        return "".join(choose.choices(alphabet, k=MIB))

    return {
        "one letter": "a" * MIB,
        "random letters": signs("abcdefghijklmnopqrstuvwxyz"),
        "two letters": signs("ab"),
        "equals signs": "=" * MIB,
        "spaces": " " * MIB,
        "white space": signs(" \n\t"),
        "signs": signs("!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~"),
        "random Han": "".join(chr(choose.randint(0x4E00, 0x9FFF)) for _ in range(MIB // 3)),
        "emoji": "".join(chr(choose.randint(0x1F300, 0x1FAFF)) for _ in range(MIB // 4)),
        "base64": base64.b64encode(choose.randbytes(MIB * 3 // 4)).decode(),
        "digits": signs("0123456789"),
        "marks": signs("e\u0301\u0302"),
    }


def all_texts(tokens: list[bytes]) -> tuple[dict[str, str], dict[str, str]]:
    """The usual ones and the hard ones, the same in every run on a machine."""
    choose = random.Random(1)
    return {"english": english(), "code": code(), "chinese": chinese(tokens, choose)}, hard(choose)


def write(texts: dict[str, str], folder: str) -> dict[str, str]:
    """Each text as a file; gives the paths."""
    paths = {}
    for name, text in texts.items():
        paths[name] = os.path.join(folder, name.replace(" ", "-") + ".txt")
        Path(paths[name]).write_bytes(text.encode())
    return paths
