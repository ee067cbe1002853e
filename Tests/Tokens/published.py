"""What tiktoken needs to count as the published encoders do, read back from Weir's own vocabulary files: no network, and the files are checked, too."""
import os
import struct
import sys

import tiktoken

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts"))
import vocabulary_file

CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
CASED = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+%s|"
         r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*%s|%s| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
O200K = CASED % (CONTRACTIONS + "?", CONTRACTIONS + "?", r"\p{N}{1,3}")
PLAIN = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
# The split patterns as their publishers write them.
PATTERNS = {
    "o200k_base": O200K,
    "cl100k_base": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    "p50k_base": r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s",
    "qwen2": PLAIN % r"\p{N}",
    "qwen3_5": CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "mistral_tekken": CASED % ("", "", r"\p{N}"),
    "llama3": PLAIN % r"\p{N}{1,3}",
    "llama4": O200K,
}


def path(name):
    folder = os.environ.get("WEIR_VOCABULARIES", os.path.join(ROOT, "vocabularies"))
    return os.path.join(folder, name + ".weirvoc")


def encoding(name):
    """The encoding that tiktoken makes of the tokens in a vocabulary file."""
    with open(path(name), "rb") as file:
        tokens, first_id = vocabulary_file.tokens(file.read())
    ranks = {token: rank for rank, token in enumerate(tokens) if token}
    return tiktoken.Encoding(name, pat_str=PATTERNS[name], mergeable_ranks=ranks, special_tokens={}), first_id
