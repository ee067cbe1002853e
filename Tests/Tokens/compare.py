"""Token ids of `weir count` against the published encoders (tiktoken's `encode_ordinary`, DeepSeek's by tokenizers, Claude's measured pieces by ctok), one-shot and in parts, and the classes of all code points."""
import argparse
import base64
import json
import multiprocessing
import os
import random
import subprocess
import sys
import time

import command
import measured
import published
import texts
import unicode_classes

BATCH = 50000


def program():
    folders = [os.environ["WEIR_BIN_DIR"]] if "WEIR_BIN_DIR" in os.environ else [os.path.join(published.ROOT, ".build", kind) for kind in ("release", "debug")]
    paths = [path for path in (os.path.join(folder, "weir") for folder in folders) if os.access(path, os.X_OK)]
    if paths:
        return max(paths, key=os.path.getmtime)
    sys.exit("Tests/Tokens: weir is not built: run swift build --product weir")


def answers(lines, *arguments):
    """One answer a line, in the order asked."""
    result = subprocess.run([program(), "count", *arguments], input=b"\n".join(lines) + b"\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if result.returncode != 0:
        raise RuntimeError("weir count ended with %d: %s" % (result.returncode, result.stderr.decode()))
    found = [json.loads(line) for line in result.stdout.splitlines()]
    if [answer["id"] for answer in found] != list(range(len(lines))):
        raise RuntimeError("weir count does not answer line by line")
    return found


def classes_are_current():
    """Whether the table of character classes is what tiktoken's regular expressions say of every code point."""
    with open(os.path.join(published.ROOT, "Sources", "WeirTokens", "UnicodeClasses.swift")) as file:
        return file.read() == unicode_classes.source()


def code_points(choose, count):
    """Code points of all ranges in places where each of the classes cuts differently."""
    every = choose.sample([point for point in range(0x110000) if not 0xD800 <= point < 0xE000], count)
    for at in range(0, count, 16):
        yield "\n".join("%s!%sa A%sb%sB%s1 %s\t%s %sX's%s's.%s" % ((chr(point),) * 10) for point in every[at:at + 16]).encode()


def check(name, encoding, first_id, datas, choose):
    """How many of the texts are counted differently; prints the first ones."""
    wanted = encoding.encode_ordinary_batch([data.decode(errors="replace") for data in datas], num_threads=1)
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
            print("%s: %r\n  published %d %s\n  weir     %d %s\n  in parts %d" % (
                name, data[:300], len(right), right[:60], one["tokens"], one["ids"][:60], parts["tokens"]))
    return wrong


def compare(name, options):
    """Prints how the texts of one encoding are counted; gives how many are counted differently."""
    if name in measured.VERSIONS:
        return measured.check(program(), name, options.texts // 10, options.seed)
    count = options.texts if options.encoding or name != "deepseek_v4" else options.texts // 5
    start, wrong, left = time.monotonic(), 0, count
    choose = random.Random(options.seed)
    encoding, first_id = published.encoding(name)
    while left > 0:
        datas = [texts.text(choose) for _ in range(min(BATCH, left))]
        left -= len(datas)
        wrong += check(name, encoding, first_id, datas + list(code_points(choose, 32000)), choose)
    print("%s: %d texts, whole and in parts: %s, %.0f s" % (
        name, count, "equal to the published encoder" if wrong == 0 else "%d DIFFERENT" % wrong, time.monotonic() - start))
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=50000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--encoding")
    options = parser.parse_args()
    failed = command.check(program()) > 0 if options.encoding is None else False
    is_current = classes_are_current()
    print("character classes of all code points: %s" % ("equal to tiktoken's" if is_current else "DIFFERENT: run unicode_classes.py"))
    names = [options.encoding] if options.encoding else ["o200k_base", "cl100k_base", "deepseek_v4", *measured.VERSIONS]
    # Not by fork: the encoders have threads.
    with multiprocessing.get_context("spawn").Pool(min(len(names), os.cpu_count())) as pool:
        wrong = pool.starmap(compare, [(name, options) for name in names], 1)
    sys.exit(1 if failed or not is_current or any(wrong) else 0)


if __name__ == "__main__":
    main()
