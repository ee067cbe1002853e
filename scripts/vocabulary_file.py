"""Lays a byte-pair vocabulary out as the file that Weir maps into memory (Sources/WeirTokens/Vocabulary.swift reads it).

Everything that a counter looks up is a finished table here, so that opening a file costs a check of its sum and nothing more. All numbers are
little-endian, every table begins at a multiple of 64 bytes:

    header    magic, version, pattern, size, sum, name, counts, and where the tables begin
    shifts    u16 a bucket   | tokens of at most 15 bytes, in a perfect hash: the bucket's shift moves the low bits of a key's hash to its slot
    keys      16 bytes a slot: the token's bytes, zeros, and in the last byte its length; all ones where there is none
    ids       u32 a slot
    trie      u64 a node: all tokens as a double array; the child of a node under a byte is at (first of the node) xor byte
    pairs     u64 a slot: which two tokens merge into which, open addressing; 0 where there is none
    filter    a bit for each hash that a pair has: most pairs that are asked for do not merge, and this is small enough for a cache
    rights    u32 a token: the right one of the two that it is made of, and 12 bits: with what it merges as the left one (see `partner_bit`)
    lefts     u32 a token: the left one of the two, and 12 bits: with what it merges as the right one
    begins    u32 a token: the longest token that begins it
    ends      u32 a token: the longest token that ends it
    lengths   u8 a token: its bytes
    fallback  two u32 a node: the node of the longest proper ending that is in the trie; the longest token that ends the node's text
"""
import struct

MAGIC = b"weirvoc\n"
VERSION = 1
HEADER = 256
NONE = (1 << 20) - 1  # no token: ids are below
NO_NODE = (1 << 21) - 1
SHORT = 15
LARGE = 16  # so many children make a family that needs a place of its own
SEEDS = (0x9E3779B97F4A7C15, 0xD1B54A32D192ED03)
PAIR_FACTOR = 0x9E3779B97F4A7C15
PARTNER_FACTOR = 0x9E3779B1
WORD = (1 << 64) - 1


def partner_bit(token):
    """One of 12 bits for a token: two tokens merge only if each has the bit of the other, which spares most look-ups."""
    return ((token * PARTNER_FACTOR & 0xFFFFFFFF) >> 16) * 12 >> 16


def is_whole(head, size):
    """Whether the first 24 bytes of a file say that it has this layout and this size."""
    return len(head) == 24 and head.startswith(MAGIC + struct.pack("<I", VERSION)) and struct.unpack_from("<Q", head, 16)[0] == size


def folded_product(left, right):
    product = left * right
    return (product & WORD) ^ (product >> 64)


def key_of(token):
    return token.ljust(SHORT, b"\0") + bytes([len(token)])


def key_hash(key, seed):
    low, high = struct.unpack("<QQ", key)
    return folded_product(low ^ SEEDS[0], high ^ seed)


def checksum(data, pattern):
    """Four lanes of 64 bits, each a chain of folded products; `data` is a multiple of 32 bytes, the pattern's number goes before it."""
    lanes = [SEEDS[0] ^ pattern, SEEDS[1], SEEDS[0] ^ WORD, SEEDS[1] ^ WORD]
    words = struct.unpack("<%dQ" % (len(data) // 8), data)
    for lane in range(4):
        state = lanes[lane]
        for word in words[lane::4]:
            product = (state ^ word) * PAIR_FACTOR
            state = (product & WORD) ^ (product >> 64)
        lanes[lane] = state
    return lanes[0] ^ (lanes[1] << 1 & WORD) ^ (lanes[2] << 2 & WORD) ^ (lanes[3] << 3 & WORD)


def tokens(data):
    """The byte strings of all tokens of a file, in the order of their ranks, and the id of the first."""
    if not is_whole(data[:24], len(data)) or struct.unpack_from("<Q", data, 24)[0] != checksum(data[32:], struct.unpack_from("<I", data, 12)[0]):
        raise ValueError("not a whole vocabulary file")
    count, first_id, _, _, _, size = struct.unpack_from("<6I", data, 64)
    places = struct.unpack_from("<12Q", data, 104)
    found = [b""] * count
    nodes = struct.unpack_from("<%dQ" % size, data, places[3])
    children = {}
    for at, node in enumerate(nodes):
        parent = node >> 21 & NO_NODE
        if parent != NO_NODE:
            children.setdefault(parent, []).append(at)
    stack = [(0, b"")]
    while stack:
        at, text = stack.pop()
        first, token = nodes[at] & NO_NODE, nodes[at] >> 42 & NONE
        if token != NONE:
            found[token] = text
        stack += [(child, text + bytes([first ^ child])) for child in children.get(at, ())]
    return found, first_id


def halves(data):
    """For each token of a whole file the ranks of the two that it is made of; two None where it is made of none."""
    count = struct.unpack_from("<I", data, 64)[0]
    rights, lefts = struct.unpack_from("<2Q", data, 104 + 8 * 6)
    for rank in range(count):
        left, right = struct.unpack_from("<I", data, lefts + 4 * rank)[0] & NONE, struct.unpack_from("<I", data, rights + 4 * rank)[0] & NONE
        yield (None, None) if left == rank else (left, right)


class Trie:
    """All beginnings of all tokens, numbered in depth-first order so that the nodes of one word lie together."""

    def __init__(self, tokens):
        children = [{}]
        token_at = [NONE]
        self.node_of = {}
        for rank, token in enumerate(tokens):
            if not token:
                continue
            node = 0
            for byte in token:
                following = children[node].get(byte)
                if following is None:
                    following = len(children)
                    children.append({})
                    token_at.append(NONE)
                    children[node][byte] = following
                node = following
            token_at[node] = rank
            self.node_of[rank] = node
        self.children, self.token_at = children, token_at

    def place(self):
        """Finds a slot for every node: first the large families, then all others from the root down, so that what a word goes through lies together."""
        count = len(self.children)
        size = (count * 21 // 20 + 1023) // 256 * 256
        self.free = bytearray(b"\1" * size)
        self.free[0] = 0  # the root's
        self.slot, self.first = [0] * count, [0] * count
        self.hints = {}
        order, stack = [], [0]
        while stack:
            node = stack.pop()
            if self.children[node]:
                order.append(node)
            stack.extend(reversed(list(self.children[node].values())))
        for node in sorted((node for node in order if len(self.children[node]) > LARGE), key=lambda node: -len(self.children[node])):
            self.settle(node)
        for node in order:
            if len(self.children[node]) <= LARGE:
                self.settle(node)
        self.size = len(self.free)

    def settle(self, node):
        """Gives the children of a node their slots: the first ones, behind those of the last family of this size, that are all free."""
        family = list(self.children[node])
        width = min(len(family), LARGE + 1)
        at, tries = self.hints.get(width, 1), 0
        while True:
            at = self.free.find(1, at)
            if at < 0:
                at = len(self.free)
                self.free.extend(b"\1" * 1024)
            base = at ^ family[0]
            if all(self.free[base ^ byte] for byte in family):
                break
            at += 1
            tries += 1
            if tries % 64 == 0:
                self.hints[width] = at  # crowded before here
        for byte in family:
            self.free[base ^ byte] = 0
            self.slot[self.children[node][byte]] = base ^ byte
        self.first[node] = base
        if width <= LARGE:
            self.hints[width] = max(self.hints.get(width, 1), at - 512)

    def fallbacks(self, usable):
        """Per node the node of the longest proper ending that is in the trie, and the longest token that ends it."""
        count = len(self.children)
        fall, ending = [0] * count, [NONE] * count
        queue = [0]
        for node in queue:
            for byte, child in self.children[node].items():
                if node:
                    to = fall[node]
                    while to and byte not in self.children[to]:
                        to = fall[to]
                    fall[child] = self.children[to].get(byte, 0)
                token = self.token_at[child]
                ending[child] = token if token != NONE and usable[token] else ending[fall[child]]
                queue.append(child)
        return fall, ending


class Merges:
    """How merging makes each token: of which two parts, if at all.

    A token is made of the one split whose halves are themselves results of merging and stay apart under every merge of a lower rank. Where a vocabulary
    comes with its list of merges, `made_of` has for each rank the ranks of the two, and no other split counts; None where merging does not make it.
    """

    def __init__(self, tokens, made_of=None):
        self.tokens = tokens
        count = len(tokens)
        ranks = {token: rank for rank, token in enumerate(tokens) if token}
        self.left, self.right = list(range(count)), list(range(count))
        self.usable = [bool(token) for token in tokens]
        self.pairs = {}
        for rank, token in enumerate(tokens):
            if len(token) < 2:
                continue
            splits = [made_of[rank] or (None, None)] if made_of else ((ranks.get(token[:cut]), ranks.get(token[cut:])) for cut in range(len(token) - 1, 0, -1))
            for left, right in splits:
                if left is None or right is None or left >= rank or right >= rank:
                    continue
                if self.usable[left] and self.usable[right] and self.stay_apart(left, right):
                    self.pairs[(left, right)] = rank
                    self.left[rank], self.right[rank] = left, right
                    break
            else:
                self.usable[rank] = False  # only a piece that is this token whole becomes it

    def stay_apart(self, left, right):
        """Whether merging leaves the border between two neighbouring tokens: no pair across it ever has the lowest rank."""
        limit = NONE
        while True:
            merged = self.pairs.get((left, right))
            if merged is not None and merged < limit:
                return False
            if left > right:
                limit, left = left, self.right[left]
                if left == limit:
                    limit, right = right + 1, self.left[right]
                    if right + 1 == limit:
                        return True
            else:
                limit, right = right + 1, self.left[right]
                if right + 1 == limit:
                    limit, left = left, self.right[left]
                    if left == limit:
                        return True


def perfect_hash(tokens):
    """Slots for all short tokens; the first seed under which no two of a bucket want the same slot."""
    seed = SEEDS[1]
    while True:
        try:
            return (seed,) + placed(tokens, seed)
        except Collision:
            seed = (seed * PAIR_FACTOR + 2) & WORD


class Collision(Exception):
    pass


def placed(tokens, seed):
    short = [(key_of(token), rank) for rank, token in enumerate(tokens) if token and len(token) <= SHORT]
    bits = 8
    while (1 << bits) * 4 < len(short) * 5:
        bits += 1
    bucket_bits = bits - 2
    buckets = [[] for _ in range(1 << bucket_bits)]
    for key, rank in short:
        value = key_hash(key, seed)
        buckets[value >> (64 - bucket_bits)].append((value & ((1 << bits) - 1), key, rank))
    free = bytearray(b"\1" * (1 << bits))
    shifts = [0] * len(buckets)
    keys = bytearray(b"\xff" * (16 << bits))
    ids = [NONE] * (1 << bits)
    for number in sorted(range(len(buckets)), key=lambda n: -len(buckets[n])):
        lows = [low for low, _, _ in buckets[number]]
        if not lows:
            break
        if len(set(lows)) != len(lows):
            raise Collision
        for shift in range(1 << 16):
            if all(free[low ^ shift] for low in lows):
                break
        else:
            raise Collision
        shifts[number] = shift
        for low, key, rank in buckets[number]:
            at = low ^ shift
            free[at] = 0
            keys[16 * at:16 * at + 16] = key
            ids[at] = rank
    return bits, shifts, bytes(keys), ids


def pair_table(pairs):
    bits = 6
    while (1 << bits) < 2 * len(pairs):
        bits += 1
    table = [0] * (1 << bits)
    for (left, right), merged in pairs.items():
        key = left << 20 | right
        at = (key * PAIR_FACTOR & WORD) >> (64 - bits)
        while table[at]:
            at = (at + 1) % len(table)
        table[at] = key << 20 | merged
    filter_bits = bits + 2
    present = bytearray((1 << filter_bits) // 8)
    for left, right in pairs:
        bit = ((left << 20 | right) * PAIR_FACTOR & WORD) >> (64 - filter_bits)
        present[bit >> 3] |= 1 << (bit & 7)
    return bits, table, bytes(present)


def packed(kind, numbers):
    return struct.pack("<%d%s" % (len(numbers), kind), *numbers)


def build(name, pattern, tokens, first_id=0, made_of=None):
    """The file of one vocabulary. `tokens` are byte strings in the order of their ranks, empty where a rank is no token; `made_of` see `Merges`."""
    if len(tokens) >= NONE or max(map(len, tokens)) > 255:
        raise ValueError("more or longer tokens than the file has room for")
    merges = Merges(tokens, made_of)
    trie = Trie(tokens)
    trie.place()
    if trie.size >= NO_NODE:
        raise ValueError("more nodes than the file has room for")
    fall, ending = trie.fallbacks(merges.usable)

    nodes = [NO_NODE << 21 | NONE << 42] * trie.size
    fallback = [0, NONE] * trie.size
    nodes[0] = trie.first[0] | NO_NODE << 21 | NONE << 42
    for node, children in enumerate(trie.children):
        for child in children.values():
            token = trie.token_at[child]
            whole_only = token != NONE and not merges.usable[token]
            at = trie.slot[child]
            nodes[at] = (trie.first[child] if trie.children[child] else 0) | trie.slot[node] << 21 | token << 42 | whole_only << 62
            fallback[2 * at], fallback[2 * at + 1] = trie.slot[fall[child]], ending[child]

    rights, lefts = list(merges.right), list(merges.left)
    for left, right in merges.pairs:
        rights[left] |= 1 << 20 + partner_bit(right)
        lefts[right] |= 1 << 20 + partner_bit(left)
    begins, ends = [], []
    ranks = {token: rank for rank, token in enumerate(tokens) if token}
    for rank, token in enumerate(tokens):
        shorter = (ranks.get(token[:length]) for length in range(len(token) - 1, 0, -1))
        begins.append(next((other for other in shorter if other is not None and merges.usable[other]), NONE))
        ends.append(ending[fall[trie.node_of[rank]]] if token else NONE)

    seed, slot_bits, shifts, keys, ids = perfect_hash(tokens)
    pair_bits, pairs, present = pair_table(merges.pairs)
    tables = [
        packed("H", shifts), keys, packed("I", ids), packed("Q", nodes), packed("Q", pairs), present,
        packed("I", rights), packed("I", lefts), packed("I", begins), packed("I", ends), bytes(map(len, tokens)), packed("I", fallback),
    ]
    body, places = bytearray(), []
    for table in tables:
        places.append(HEADER + len(body))
        body += table
        body += bytes(-len(body) % 64)
    facts = struct.pack("<32s8I", name.encode(), len(tokens), first_id, max(map(len, tokens)), slot_bits, pair_bits, trie.size,
                        sum(bool(token) and not usable for token, usable in zip(tokens, merges.usable)), 0)
    facts += packed("Q", [seed] + places)
    facts = facts.ljust(HEADER - 32, b"\0")
    head = MAGIC + struct.pack("<IIQQ", VERSION, pattern, HEADER + len(body), checksum(facts + bytes(body), pattern))
    return head + facts + bytes(body)
