"""A writer of SentencePiece's precompiled_charsmap: small, and enough for the tests."""
import base64
import struct
import unicodedata


def double_array(keys):
    """{bytes: value} as Darts-clone lays it out."""
    root = {}
    for key, value in keys.items():
        node = root
        for byte in key:
            node = node.setdefault(byte, {})
        node[0] = value  # no key has a zero byte
    units, taken, bases = {}, {0}, set()

    def place(at, node, label):
        base = 1
        while base in bases or any(base ^ byte in taken for byte in node):
            base += 1
        bases.add(base)
        taken.update(base ^ byte for byte in node)
        units[at] = label | (0x100 if 0 in node else 0) | (at ^ base) << 10
        for byte, child in sorted(node.items()):
            if byte == 0:
                units[base] = child | 1 << 31
            else:
                place(base ^ byte, child, byte)

    place(0, root, 0)
    return [units.get(k, 0) for k in range((max(taken) | 0xFF) + 1)]  # no byte leads out of it


def charsmap(rules):
    """{str: str} in base64."""
    keys, replacements = {}, b""
    for key, value in rules.items():
        keys[key.encode()] = len(replacements)
        replacements += value.encode() + b"\0"
    array = double_array(keys)
    blob = struct.pack("<I%dI" % len(array), 4 * len(array), *array) + replacements
    return base64.b64encode(blob).decode()


def rules_like_nmt_nfkc(pools):
    """Compatibility forms, composed forms, spaces and what vanishes, of the characters the test texts are made of."""
    rules = {c: " " for c in "\t\n\r\u00a0\u2003\u2028\u3000\u200b\ufeff\ufffd"}
    rules.update({chr(c): "" for c in range(1, 32) if chr(c) not in "\t\n\r"})
    for pool in pools:
        for first, last in pool:
            for c in map(chr, list(range(first, last + 1))[:160]):
                if len(rules) > 2400:
                    return rules
                if c in rules or 0xD800 <= ord(c) < 0xE000 or ord(c) >= 0x20000:
                    continue
                normal = unicodedata.normalize("NFKC", c)
                if normal != c:
                    rules[c] = normal
                apart = unicodedata.normalize("NFD", c)
                if apart != c and len(apart.encode()) < 6 and unicodedata.normalize("NFC", apart) == c:
                    rules[apart] = c
    return rules
