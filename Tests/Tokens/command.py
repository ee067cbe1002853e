"""`weir count` as a command: order, errors with their cure, exit codes, answers at once, long lines."""
import json
import os
import subprocess


def run(program, arguments, lines):
    result = subprocess.run([program, "count", *arguments], input="".join(line + "\n" for line in lines).encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return result.returncode, [json.loads(line) for line in result.stdout.splitlines()], result.stderr.decode()


def lines_are_answered_in_order(program):
    code, answers, errors = run(program, ["--ids"], [
        '{"id":1,"text":"Hello, weir\\n\\u4f60\\u597d \\ud83d\\ude00"}', "", '{"text":""}', '{"id":{"a":[1]},"chunks":["SGVs","bG8="]}', '{"id":"x","extra":1,"te\\u0078t":"a"}',
    ])
    assert (code, errors) == (0, ""), errors
    assert answers == [
        {"id": 1, "tokens": 7, "ids": [13225, 11, 581, 380, 198, 177519, 88038]}, {"id": None, "tokens": 0, "ids": []},
        {"id": {"a": [1]}, "tokens": 1, "ids": [13225]}, {"id": "x", "tokens": 1, "ids": [64]},
    ], answers


def a_bad_line_is_answered_and_the_others_are_counted(program):
    bad = ["x", "[]", '{"id":1}', '{"id":1,"text":5}', '{"id":1,"text":"a","chunks":[]}', '{"id":1,"chunks":"SGVs"}', '{"id":1,"chunks":[1]}', '{"id":1,"chunks":["SGV"]}',
           '{"id":1,"chunks":["S=Vs"]}', '{"id":1,"text":"a","text":"b"}', '{"id":1,"text":"a"} x', '{"id":1,"text":"\x01"}']
    code, answers, errors = run(program, [], bad + ['{"id":2,"text":"fine"}'])
    assert code == 1 and answers[-1] == {"id": 2, "tokens": 1}, answers
    assert len(answers) == len(bad) + 1 and all("error" in answer for answer in answers[:-1]), answers
    assert [line.startswith("weir count: line %d: " % (number + 1)) for number, line in enumerate(errors.splitlines())] == [True] * len(bad), errors


def wrong_arguments_end_with_2(program):
    assert run(program, ["--encoding", "a", "--model", "b"], [])[0] == 2
    assert run(program, ["--nothing"], [])[0] == 2


def what_cannot_be_opened_ends_with_1_and_the_cure(program):
    code, answers, errors = run(program, ["--encoding", "nobody"], ['{"id":1,"text":"a"}'])
    assert (code, answers) == (1, []) and "scripts/vocabularies --only nobody" in errors, errors
    code, answers, errors = run(program, ["--encoding", "../x"], [])
    assert code == 1 and errors.count("\n") == 1, errors
    code, answers, errors = run(program, ["no-such-file"], [])
    assert code == 1 and "no-such-file" in errors, errors
    code, answers, errors = run(program, ["--vocabularies", os.path.dirname(program)], [])
    assert code == 1 and os.path.dirname(program) in errors, errors


def an_estimate_says_so(program):
    code, answers, _ = run(program, ["--model", "claude-sonnet-4-5"], ['{"id":1,"text":"one two three four"}'])
    assert (code, answers) == (0, [{"id": 1, "tokens": 4, "estimate": True}]), answers
    code, answers, _ = run(program, ["--model", "claude-opus-5"], ['{"id":1,"chunks":["YQ==","Yg=="]}', '{"id":2,"text":"ab"}'])
    assert code == 0 and answers[0] == {"id": 1, "tokens": answers[1]["tokens"], "estimate": True}, answers
    code, answers, _ = run(program, ["--model", "gemini-2.5-pro"], ['{"id":1,"text":"one two three four"}'])
    assert (code, answers) == (0, [{"id": 1, "tokens": 6, "estimate": True}]), answers
    assert run(program, ["--encoding", "claude_v3", "--ids"], [])[0] == 1
    assert run(program, ["--model", "claude-sonnet-4-5", "--ids"], [])[0] == 1
    code, answers, _ = run(program, ["--model", "openai/gpt-4-turbo", "--ids"], ['{"id":1,"text":"weir"}'])
    assert (code, answers) == (0, [{"id": 1, "tokens": 2, "ids": [906, 404]}]), answers


def an_answer_comes_before_the_next_line(program):
    with subprocess.Popen([program, "count"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for number in range(3):
            process.stdin.write(b'{"id":%d,"text":"weir"}\n' % number)
            process.stdin.flush()
            assert json.loads(process.stdout.readline()) == {"id": number, "tokens": 2}
        process.stdin.write(b'{"id":3,"text":"no line end"}')
        process.stdin.close()
        assert json.loads(process.stdout.readline()) == {"id": 3, "tokens": 3}
        assert process.wait() == 0


def a_long_line_is_counted(program):
    text = "the weir " * 1_000_000
    code, answers, _ = run(program, [], ['{"id":1,"text":"%s"}' % text, '{"id":2,"text":"a"}'])
    assert (code, [answer["id"] for answer in answers]) == (0, [1, 2]) and answers[0]["tokens"] > 2_000_000, answers


def check(program):
    """Runs all; gives how many fail."""
    failed = 0
    tests = [lines_are_answered_in_order, a_bad_line_is_answered_and_the_others_are_counted, wrong_arguments_end_with_2, what_cannot_be_opened_ends_with_1_and_the_cure,
             an_estimate_says_so, an_answer_comes_before_the_next_line, a_long_line_is_counted]
    for test in tests:
        try:
            test(program)
        except AssertionError as problem:
            failed += 1
            print("weir count: %s: FAILED: %s" % (test.__name__.replace("_", " "), str(problem)[:500]))
    print("weir count: %d of %d tests of the command pass" % (len(tests) - failed, len(tests)))
    return failed
