"""Writes the small vocabulary of the Swift tests, with tokens that overlap in many ways, under two split patterns, and its tokens as text.

    python3 tiny.py ../Fixtures/tokens
"""
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts"))
import vocabulary_file


def trained(seed, merges):
    """Tokens by pairs that come often in random texts of few letters, and two that no pairs make."""
    choose = random.Random(seed)
    tokens = [bytes([byte]) for byte in range(256)]
    texts = [list(bytes([byte]) for byte in ("".join(choose.choice("aaab c") for _ in range(400))).encode()) for _ in range(20)]
    texts += [[b"a"] * 64, [b" "] * 64, list(bytes([byte]) for byte in ("é中😀" * 40).encode())]
    for _ in range(merges):
        counts = {}
        for text in texts:
            for pair in zip(text, text[1:]):
                counts[pair] = counts.get(pair, 0) + 1
        left, right = max(counts, key=lambda pair: (counts[pair], pair))
        if left + right not in tokens:
            tokens.append(left + right)
        for text in texts:
            at = 0
            while at + 1 < len(text):
                if text[at] == left and text[at + 1] == right:
                    text[at:at + 2] = [left + right]
                at += 1
    return tokens + [b"xyzw", b"xyzw" * 5]


if __name__ == "__main__":
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    tokens = trained(1, 120)
    for name, pattern in ("tiny", 1), ("tiny-cl100k", 2):
        with open(os.path.join(folder, name + ".weirvoc"), "wb") as file:
            file.write(vocabulary_file.build(name, pattern, tokens))
    with open(os.path.join(folder, "tiny.txt"), "w") as file:
        file.write("".join(token.hex() + "\n" for token in tokens))
