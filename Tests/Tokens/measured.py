"""Counts of `weir count` for Claude's models against ctok, whose pieces and rules they follow. Both are estimates; here they must be the same ones."""
import json
import random
import subprocess
import sys
import unicodedata

import ctok
import texts

# vocabulary: (ctok's version, tokens of the message around the text)
VERSIONS = {"claude_v3": ("3.0", 7), "claude_v4_7": ("4.7", 11), "claude_v4_8": ("4.8", 6)}
# What the measured rules tell apart, in places next to each other.
PARTS = ["a", "B", "the", "Hello", "NASA", "QQ", "iPhone", "DON'T", "don't", "it's", "'ll", "'s", "'", "''", "x 'REXX", "ẞ", "Straẞe", "İstanbul", "İ", "ǅ", "ϴ", "Σίσυφος", "ΣΑΣ",
         "中", "文？", "。", "〒", "々", "ー", "カナ", "한국", "é", "e\u0301", "\u0301", "\u0301a", "ำ", "ํา", "เ", "ܑ", "\u0730", "ܐ\u0730", "ा", "न", "್", "⚖️", "😀", "🇩🇪", "\ufe0f",
         "1", "12345", "٣", "०१", "½", "②", "Ⅷ", "ⓐ", "ᛮ", " ", "  ", "\t", "\n", "\n\n", "\r\n", "\u3000", "\xa0", "\u200b", "\xad", "\ue000", "\x00", "\x7f", "!", "--", "==", "(", "—", "„", "“q”",
         "‘q’", "（", "）", "⟨", "⟩", "\ufdd0", "\ufdd3", "\ufffd", "€", "·", "→", "𝐀", "𐐀", "\U000e0101", "ⷠ", "\u20dd", "a\u20dd", "ྐ", "༌", "Ꮳ", "ꭰ", "ა", "Ა"]


def text(choose):
    """One text; without characters that ctok's Unicode may not know yet."""
    if choose.random() < 0.5:
        result = "".join(choose.choice(PARTS) + choose.choice(["", "", " "]) for _ in range(choose.choice([1, 2, 3, 5, 12])))
    else:
        result = texts.text(choose).decode(errors="replace")
    known = "".join(sign for sign in result if unicodedata.category(sign) != "Cn" or 0xFDD0 <= ord(sign) <= 0xFDEF)
    return choose.choice(["", "", " ", "\n"]) + known + choose.choice(["", "", "", "\n", "\n" * choose.randint(1, 60)])


def check(program, name, count, seed):
    """Prints how the texts are counted; gives how many are counted differently."""
    choose = random.Random(seed)
    version, frame = VERSIONS[name]
    samples = [text(choose) for _ in range(count)] + [chr(point) + " a" + chr(point) + "b " + chr(point) for point in range(0x80, 0x3100) if unicodedata.category(chr(point)) != "Cn"]
    lines = "".join(json.dumps({"text": sample}) + "\n" for sample in samples)
    result = subprocess.run([program, "count", "--encoding", name], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    wrong = 0
    for sample, answer in zip(samples, answers, strict=True):
        expected = ctok.token_count(sample, version) - frame
        if answer != {"id": None, "tokens": expected, "estimate": True}:
            wrong += 1
            if wrong <= 5:
                print("%s: %r\n  ctok %d, weir %s: %s" % (name, sample[:200], expected, answer, ctok.tokenize(sample, version)[frame:][:40]))
    print("%s: %d texts: %s" % (name, len(samples), "equal to ctok" if wrong == 0 else "%d DIFFERENT" % wrong))
    return wrong

