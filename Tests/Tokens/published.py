"""What tiktoken needs to count as the published encoders do, read back from Weir's own vocabulary files: no network, and the files are checked, too."""
import os
import sys

import tiktoken

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "scripts"))
import vocabulary_file
from published_patterns import PATTERNS


def path(name):
    folder = os.environ.get("WEIR_VOCABULARIES", os.path.join(ROOT, "vocabularies"))
    return os.path.join(folder, name + ".weirvoc")


def encoding(name):
    """The encoding that tiktoken makes of the tokens in a vocabulary file."""
    with open(path(name), "rb") as file:
        tokens, first_id = vocabulary_file.tokens(file.read())
    ranks = {token: rank for rank, token in enumerate(tokens) if token}
    return tiktoken.Encoding(name, pat_str=PATTERNS[name], mergeable_ranks=ranks, special_tokens={}), first_id
