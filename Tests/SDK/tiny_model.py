#!/usr/bin/env python3
"""Writes a llama of random weights as GGUF: 754 tokens, 2 layers, 64 dimensions, 0.4 MB (half precision).

It talks nonsense, but everything around the nonsense is real: tokenizer, chat template, grammar-bound tool calls,
log probabilities and embeddings of llama.cpp. The same seed writes the same bytes.

    tiny_model.py out.gguf [--seed 7]
"""

import argparse
from pathlib import Path

import gguf
import numpy as np

TOKENS, DIMENSIONS, LAYERS, HEADS, KEY_VALUE_HEADS, FEED_FORWARD, CONTEXT = 754, 64, 2, 4, 2, 192, 8192

SYLLABLES = [c + v for c in ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z", "th") for v in "aeiou"]

# Tool calls are JSON between <tool_call> and </tool_call>, which llama.cpp finds out by itself. The opening mark is exactly
# one token, so that a logit_bias on it starts a call, and the grammar takes over from there.
CHAT_TEMPLATE = """\
{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0].role == 'system' %}{{- messages[0].content + '\\n\\n' }}{%- endif %}
    {{- "# Tools\\n\\nYou are provided with function signatures within <tools></tools> XML tags:\\n<tools>" }}
    {%- for tool in tools %}{{- "\\n" }}{{- tool | tojson }}{%- endfor %}
    {{- "\\n</tools>\\n\\nFor each function call, return a json object within <tool_call></tool_call> XML tags:\\n" }}
    {{- '<tool_call>{"name": <function-name>, "arguments": <args-json-object>}</tool_call><|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if message.role == 'tool' %}
        {{- '<|im_start|>user\\n<tool_response>\\n' + message.content + '\\n</tool_response><|im_end|>\\n' }}
    {%- elif message.role == 'assistant' and message.tool_calls %}
        {{- '<|im_start|>assistant' }}
        {%- for call in message.tool_calls %}
            {{- '\\n<tool_call>{"name": "' + call.function.name + '", "arguments": ' }}
            {{- call.function.arguments | tojson }}{{- '}</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif not (loop.first and tools and message.role == 'system') %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
"""


def vocabulary() -> tuple[list[str], list[float], list[int], dict[str, int]]:
    """A SentencePiece-style vocabulary: specials, the 256 bytes, ASCII, syllables that start or continue a word."""
    kind = gguf.TokenType
    tokens = [("<unk>", kind.UNKNOWN), ("<s>", kind.CONTROL), ("</s>", kind.CONTROL)]
    tokens += [(f"<0x{byte:02X}>", kind.BYTE) for byte in range(256)]
    tokens += [("<|im_start|>", kind.CONTROL), ("<|im_end|>", kind.CONTROL)]
    tokens += [("<tool_call>", kind.USER_DEFINED), ("</tool_call>", kind.USER_DEFINED)]
    words = ["\u2581"] + [chr(code) for code in range(0x21, 0x7F)]
    words += ["\u2581" + s for s in SYLLABLES] + SYLLABLES
    words += [a + b for a in SYLLABLES for b in ("n", "r", "s")]
    seen = set()
    for word in words:
        if len(tokens) == TOKENS:
            break
        if word not in seen:
            seen.add(word)
            tokens.append((word, kind.NORMAL))
    assert len(tokens) == TOKENS, f"{len(tokens)} tokens"
    ids = {text: index for index, (text, _) in enumerate(tokens)}
    scores = [0.0 if token_kind != kind.NORMAL else -float(index) for index, (_, token_kind) in enumerate(tokens)]
    return [text for text, _ in tokens], scores, [int(token_kind) for _, token_kind in tokens], ids


def write(path: Path, seed: int = 7) -> None:
    random = np.random.Generator(np.random.PCG64(seed))

    def weights(*shape: int) -> np.ndarray:
        return random.normal(0, 0.3, shape).astype(np.float16)

    texts, scores, kinds, ids = vocabulary()
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(DIMENSIONS)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_VALUE_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(DIMENSIONS // HEADS)
    writer.add_vocab_size(TOKENS)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(texts)
    writer.add_token_scores(scores)
    writer.add_token_types(kinds)
    writer.add_bos_token_id(ids["<s>"])
    writer.add_eos_token_id(ids["<|im_end|>"])
    writer.add_unk_token_id(ids["<unk>"])
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    # With the prefix, SentencePiece puts a space after <|im_start|>, and llama.cpp's grammars refuse the generation prompt.
    writer.add_add_space_prefix(False)
    writer.add_chat_template(CHAT_TEMPLATE)

    ones = np.ones(DIMENSIONS, dtype=np.float32)
    key_value = DIMENSIONS // HEADS * KEY_VALUE_HEADS
    writer.add_tensor("token_embd.weight", weights(TOKENS, DIMENSIONS))
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        writer.add_tensor(block + "attn_norm.weight", ones)
        writer.add_tensor(block + "attn_q.weight", weights(DIMENSIONS, DIMENSIONS))
        writer.add_tensor(block + "attn_k.weight", weights(key_value, DIMENSIONS))
        writer.add_tensor(block + "attn_v.weight", weights(key_value, DIMENSIONS))
        writer.add_tensor(block + "attn_output.weight", weights(DIMENSIONS, DIMENSIONS))
        writer.add_tensor(block + "ffn_norm.weight", ones)
        writer.add_tensor(block + "ffn_gate.weight", weights(FEED_FORWARD, DIMENSIONS))
        writer.add_tensor(block + "ffn_up.weight", weights(FEED_FORWARD, DIMENSIONS))
        writer.add_tensor(block + "ffn_down.weight", weights(DIMENSIONS, FEED_FORWARD))
    writer.add_tensor("output_norm.weight", ones)
    writer.add_tensor("output.weight", weights(TOKENS, DIMENSIONS))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    write(arguments.path, arguments.seed)
