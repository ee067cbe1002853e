"""Texts for comparing encoders, from a seed: pieces of many kinds, short and long, next to each other in any order."""
import random

WORDS = ("the of and to in is that it was for on are with his they at be this from have or by one had not but what all were when we there can an your "
         "which their said if do will each about how up out them then she many some so these would other into has more her two like him see time could no "
         "make than first been its who now people my made over did down only way find use may water long little very after called just where most know "
         "internationalization counterrevolutionary straightforwardly HTTPServer XMLHttpRequest camelCaseName snake_case_name SCREAMING_CASE iPhone McDonald "
         "naïve café Übergröße façade Zürich ÉTÉ straße Ωmega").split()
CODE = ["def f(x):\n    return x", "for (int i = 0; i < n; i++) {\n", "\t\tif err != nil {\n\t\t\treturn err\n\t\t}\n", "</div>\n", "// comment\n", "/* a\n * b\n */",
        "#include <stdio.h>\n", "https://example.com/a/b?c=d&e=%20#f", "0xDEADBEEF", "std::vector<int>", "x->y", "a[i] += b[j];", "\\n\\t\\\"", "=>", "!==", "&&",
        "SELECT * FROM t WHERE a = 'b';\n", "{\"key\": [1, 2.5e-3, null, true]}", "!\n/path\n//x", ";\r\n\r\n", "---\n\n***\n", "\n/\n/\n", "()\n\n\n  }"]
CONTRACTIONS = ["don't", "I'LL", "we'Ve", "it'ſ", "'ſ", "'S", "they'RE", "'re", "x'd", "x'D", "'m'm", "'l", "'v", "'r", "'ll've", "o'clock", "DON'T'S", "l'été", "'tis", "a'sb",
                "A'Sb", "'\u212a", "中's", "1's", " 'd", "!'t", "a''s", "'s's's", "ǅ's", "ⅷ's", "\u0301's", "s'\u017f\u017f"]
SPACES = [" ", "  ", "   ", "\t", "\n", "\r\n", "\r", "\n\n", "\u00a0", "\u3000", "\u2028", "\u2029", "\u0085", "\u200b", "\ufeff", "\u180e", "\u1680", "\u2003", "\x0b", "\x0c", "\x1c", " \n ",
          "\n \t", "    \n", "\u202f", "\u205f", "\u200a "]
RANGES = [(0x20, 0x7e), (0xa0, 0x17f), (0x180, 0x24f), (0x250, 0x2ff), (0x300, 0x36f), (0x370, 0x3ff), (0x400, 0x52f), (0x530, 0x58f), (0x590, 0x5ff), (0x600, 0x6ff), (0x900, 0x97f),
          (0x980, 0x9ff), (0xb80, 0xbff), (0xe00, 0xe7f), (0xe80, 0xeff), (0x1000, 0x109f), (0x10a0, 0x10ff), (0x1100, 0x11ff), (0x1200, 0x137f), (0x13a0, 0x13ff), (0x1780, 0x17ff),
          (0x1c50, 0x1cff), (0x1e00, 0x1eff), (0x1f00, 0x1fff), (0x2000, 0x206f), (0x2070, 0x209f), (0x20d0, 0x20ff), (0x2100, 0x218f), (0x2190, 0x23ff), (0x2460, 0x24ff), (0x2c00, 0x2dff),
          (0x3000, 0x303f), (0x3040, 0x30ff), (0x3400, 0x4dbf), (0x4e00, 0x9fff), (0xa000, 0xa4cf), (0xa640, 0xa7ff), (0xab30, 0xabff), (0xac00, 0xd7a3), (0xe000, 0xf8ff), (0xf900, 0xfaff),
          (0xfe00, 0xfe6f), (0xff00, 0xffef), (0xfff0, 0xffff), (0x10000, 0x1014f), (0x10400, 0x1044f), (0x10a00, 0x10a5f), (0x11000, 0x1107f), (0x12000, 0x123ff), (0x16e40, 0x16e9f),
          (0x1d400, 0x1d7ff), (0x1e900, 0x1e95f), (0x1f300, 0x1faff), (0x20000, 0x2a6df), (0xe0100, 0xe01ef), (0xf0000, 0xf0100), (0x10fff0, 0x10ffff)]
EMOJI = ["😀", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "❤️", "1️⃣", "🏳️‍🌈", "☺", "🤷‍♀️"]


def repeated(choose):
    """Few different signs many times: long pieces."""
    alphabet = "".join(choose.choice("abcAB019 \n\t=-_*/.'中é́😀") for _ in range(choose.randint(1, 3)))
    length = choose.choice([17, 63, 64, 65, 200, 500, 1500])
    return "".join(choose.choice(alphabet) for _ in range(length))


def scripted(choose):
    first, last = choose.choice(RANGES)
    return "".join(chr(choose.randint(first, last)) for _ in range(choose.randint(1, 24)))


def numbers(choose):
    digits = choose.choice(["0123456789"] * 4 + ["٠١٢٣٤٥", "०१२३", "①②³½Ⅷ", "0٠①"])
    return "".join(choose.choice(digits) for _ in range(choose.randint(1, 14)))


def letters(choose):
    alphabet = choose.choice(["abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "aAbBcC", "aA\u0301中ǅʰ", "etaoin shrdlu", "ABcd'sS"])
    return "".join(choose.choice(alphabet) for _ in range(choose.randint(1, 40)))


def signs(choose):
    return "".join(choose.choice("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~/\n\r /") for _ in range(choose.randint(1, 12)))


KINDS = [
    (8, lambda choose: choose.choice([" ", "", ""]) + choose.choice(WORDS)), (2, lambda choose: " ".join(choose.choices(WORDS, k=12)) + choose.choice(".,!?")),
    (2, lambda choose: choose.choice(CODE)), (2, lambda choose: choose.choice(CONTRACTIONS)), (3, lambda choose: "".join(choose.choices(SPACES, k=choose.randint(1, 5)))),
    (4, scripted), (2, numbers), (2, letters), (2, signs), (1, lambda choose: "".join(choose.choices(EMOJI, k=choose.randint(1, 4)))), (0.15, repeated),
    (1, lambda choose: chr(choose.choice([choose.randint(0, 0xd7ff), choose.randint(0xe000, 0x10ffff)]))),
]
WEIGHTS, MAKERS = zip(*KINDS)


def text(choose):
    """One text as UTF-8; one in eight has bytes in it that are no UTF-8."""
    parts = choose.choices(MAKERS, WEIGHTS, k=choose.choice([1, 2, 3, 5, 8, 15, 30]))
    data = "".join(make(choose) for make in parts).encode()
    if choose.random() < 0.125:
        data = bytearray(data)
        for _ in range(choose.randint(1, 4)):
            if choose.random() < 0.5 and data:
                del data[choose.randrange(len(data)):][:1]
            at = choose.randint(0, len(data))
            data[at:at] = choose.choice([b"\xff", b"\xc3", b"\xe4\xb8", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\xc0\x80", b"\x80", b"\xf4\x90\x80\x80", choose.randbytes(3)])
        if choose.random() < 0.3:
            data = data[:choose.randint(0, len(data))]
    return bytes(data)


def parts(choose, data):
    """The same bytes cut anywhere."""
    if choose.random() < 0.3:
        return [data[at:at + 1] for at in range(len(data))]
    result, at = [], 0
    longest = choose.choice([3, 8, 40, 400])
    while at < len(data):
        length = choose.randint(0, longest)
        result.append(data[at:at + length])
        at += length
    return result


def texts(seed, count):
    choose = random.Random(seed)
    for _ in range(count):
        yield text(choose)
