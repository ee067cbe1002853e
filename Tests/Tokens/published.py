"""What the published encoders need to count, read back from Weir's own vocabulary files: no network, and the files are checked, too."""
import os
import sys

import tiktoken
from tokenizers import Regex, Tokenizer, models, pre_tokenizers

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts"))
import vocabulary_file
from published_patterns import DEEPSEEK, PATTERNS


def path(name):
    folder = os.environ.get("WEIR_VOCABULARIES", os.path.join(ROOT, "vocabularies"))
    return os.path.join(folder, name + ".weirvoc")


class MergeList:
    """DeepSeek's encoder: Hugging Face's tokenizers with the list of merges that the file says, and the three splits after each other."""

    def __init__(self, data, tokens):
        plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
        others = [byte for byte in range(256) if byte not in plain]
        sign_of = {byte: chr(byte) for byte in plain} | {byte: chr(0x100 + index) for index, byte in enumerate(others)}
        texts = ["".join(sign_of[byte] for byte in token) for token in tokens]
        merges = [(texts[left], texts[right]) for left, right in vocabulary_file.halves(data) if left is not None]
        self.tokenizer = Tokenizer(models.BPE(vocab={text: rank for rank, text in enumerate(texts)}, merges=merges))
        splits = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in DEEPSEEK]
        self.tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*splits, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])

    def encode_ordinary_batch(self, texts, num_threads):
        return [encoding.ids for encoding in self.tokenizer.encode_batch(texts, add_special_tokens=False)]


def encoding(name):
    """The encoding that tiktoken or tokenizers makes of the tokens in a vocabulary file, and the id of the first."""
    with open(path(name), "rb") as file:
        data = file.read()
    tokens, first_id = vocabulary_file.tokens(data)
    if name == "deepseek_v4":
        return MergeList(data, tokens), first_id
    ranks = {token: rank for rank, token in enumerate(tokens) if token}
    return tiktoken.Encoding(name, pat_str=PATTERNS[name], mergeable_ranks=ranks, special_tokens={}), first_id
