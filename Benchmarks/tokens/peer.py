"""Counts a text with one library, alone in its process: peer.py LIBRARY RANKS TEXT prints tokens, cold and warm seconds as JSON.

One thread each. Cold is the first time after the library has loaded its vocabulary and counted one short text; the best of the others is warm.
"""

import json
import os
import sys
import time

os.environ["RAYON_NUM_THREADS"] = "1"


def counter(library: str, ranks: str):
    """A function from texts to numbers of tokens."""
    if library == "tiktoken":
        import tiktoken
        from tiktoken.load import load_tiktoken_bpe

        pattern = open(ranks + ".pattern", encoding="utf-8").read()
        encoding = tiktoken.Encoding("ranks", pat_str=pattern, mergeable_ranks=load_tiktoken_bpe(ranks), special_tokens={})
        return lambda text: len(encoding.encode_ordinary(text))
    if library == "toktok-rs":
        import toktok

        name = os.path.basename(ranks).removesuffix(".tiktoken")
        return lambda text: toktok.batch_count([text], name, threads=1)[0]
    import gigatoken

    tokenizer = gigatoken.Tokenizer.from_tiktoken(ranks)
    return lambda text: len(tokenizer.encode_batch([text], parallel=False)[0])


def main() -> None:
    library, ranks, path, repeats = sys.argv[1:]
    count = counter(library, ranks)
    text = open(path, encoding="utf-8", newline="").read()
    count("The weir.")
    times = []
    for _ in range(1 + int(repeats)):
        start = time.process_time()
        tokens = count(text)
        times.append(time.process_time() - start)
    print(json.dumps({"tokens": tokens, "cold": times[0], "warm": min(times[1:], default=times[0])}))


main()
