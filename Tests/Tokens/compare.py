"""Token ids of `weir count` against tiktoken's `encode_ordinary`, one-shot and in parts; and the class of every code point."""
import argparse
import base64
import json
import os
import random
import subprocess
import sys
import time

import published
import texts

BATCH = 5000


def program():
    folders = [os.environ["WEIR_BIN_DIR"]] if "WEIR_BIN_DIR" in os.environ else [os.path.join(published.ROOT, ".build", kind) for kind in ("release", "debug")]
    for folder in folders:
        path = os.path.join(folder, "weir")
        if os.access(path, os.X_OK):
            return path
    sys.exit("Tests/Tokens: weir is not built: run swift build --product weir")


def answers(lines, *arguments):
    """One answer a line, in the order asked."""
    result = subprocess.run([program(), "count", *arguments], input=b"\n".join(lines) + b"\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if result.returncode != 0:
        sys.exit("weir count ended with %d: %s" % (result.returncode, result.stderr.decode()))
    found = [json.loads(line) for line in result.stdout.splitlines()]
    if [answer["id"] for answer in found] != list(range(len(lines))):
        sys.exit("weir count does not answer line by line")
    return found


def code_points():
    """Every code point in places where each of the classes cuts differently."""
    every = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    for at in range(0, len(every), 64):
        yield "\n".join("%s!%sa A%sb%sB%s1 %s\t%s %sX's%s's.%s" % ((sign,) * 10) for sign in every[at:at + 64]).encode()


def check(name, datas, choose):
    """How many of the texts are counted differently; prints the first ones."""
    encoding, first_id = published.encoding(name)
    wanted = encoding.encode_ordinary_batch([data.decode(errors="replace") for data in datas], num_threads=2)
    whole, cut = [], []
    for number, data in enumerate(datas):
        try:
            whole.append(json.dumps({"id": number, "text": data.decode()}, ensure_ascii=choose.random() < 0.5).encode())
        except UnicodeDecodeError:
            whole.append(json.dumps({"id": number, "chunks": [base64.b64encode(data).decode()]}).encode())
        chunks = [base64.b64encode(part).decode() for part in texts.parts(choose, data)]
        cut.append(json.dumps({"id": number, "chunks": chunks}).encode())
    wrong = 0
    ids = answers(whole, "--encoding", name, "--ids")
    streamed = answers(cut, "--encoding", name)
    for data, right, one, parts in zip(datas, wanted, ids, streamed):
        right = [rank + first_id for rank in right]
        if one["ids"] == right and one["tokens"] == len(right) and parts["tokens"] == len(right):
            continue
        wrong += 1
        if wrong <= 3:
            print("%s: %r\n  tiktoken %d %s\n  weir     %d %s\n  in parts %d" % (
                name, data[:300], len(right), right[:60], one["tokens"], one["ids"][:60], parts["tokens"]))
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=50000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--encoding")
    options = parser.parse_args()
    failed = False
    for name in [options.encoding] if options.encoding else ["o200k_base", "cl100k_base"]:
        start, wrong, count = time.monotonic(), 0, 0
        choose = random.Random(options.seed)
        points = list(code_points())
        wrong += check(name, points, choose)
        left = options.texts
        while left > 0:
            datas = [texts.text(choose) for _ in range(min(BATCH, left))]
            wrong += check(name, datas, choose)
            count += len(datas)
            left -= len(datas)
        print("%s: %d texts and every code point, whole and in parts: %s, %.0f s" % (
            name, count, "equal to tiktoken" if wrong == 0 else "%d DIFFERENT" % wrong, time.monotonic() - start))
        failed = failed or wrong > 0
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
