"""What the clones in Python share: the Clustered Hashmap Protocol and the hashmap, as the
protocol's text has them (https://rfc.zeromq.org/spec/12)."""

import re
import struct
import time


def endpoint(first, n):
    """That of a server's snapshots (0), updates (1) or collector (2)."""
    name, number = re.fullmatch(r"(.*?)(\d+)", first).groups()
    return f"{name}{int(number) + n}"


class Message:
    def __init__(self, key, sequence=0, uuid=b"", properties=None, body=b""):
        self.key, self.sequence, self.uuid, self.body = key, sequence, uuid, body
        self.properties = properties or {}

    def frames(self):
        properties = "".join(f"{n}={v}\n" for n, v in self.properties.items())
        number = struct.pack("!q", self.sequence)
        return [self.key.encode(), number, self.uuid, properties.encode(), self.body]

    @classmethod
    def of(cls, frames):
        key, number, uuid, properties, body = frames
        lines = properties.decode().splitlines()
        pairs = dict(line.split("=", 1) for line in lines)
        return cls(key.decode(), struct.unpack("!q", number)[0], uuid, pairs, body)

    def __str__(self):
        if not self.body:
            return f"delete={self.sequence} {self.key}"
        return f"update={self.sequence} {self.key}={self.body.decode()}"


class Map:
    def __init__(self):
        self.sequence = 0
        self.values = {}  # by key: the value, and when it expires

    def store(self, message):
        self.values.pop(message.key, None)
        ttl = float(message.properties.get("ttl", 0))
        if message.body:
            expiry = time.monotonic() + ttl if ttl else None
            self.values[message.key] = message.body, expiry

    def apply(self, update):
        is_news = update.key != "HUGZ" and update.sequence > self.sequence
        if is_news:
            self.sequence = update.sequence
            self.store(update)
        return is_news

    def commit(self, update):
        update.sequence = self.sequence + 1
        self.apply(update)
        return update

    def expired(self):
        now = time.monotonic()
        return [key for key, (_, expiry) in self.values.items() if expiry and expiry <= now]

    def snapshot(self, subtree):
        """The messages that a snapshot consists of."""
        now = time.monotonic()
        for key, (body, expiry) in self.values.items():
            if key.startswith(subtree):
                left = {"ttl": max(1, round(expiry - now))} if expiry else {}
                yield Message(key, properties=left, body=body)
        yield Message("KTHXBAI", self.sequence, body=subtree.encode())

    def __str__(self):
        values = [f" {key}={body.decode()}" for key, (body, _) in sorted(self.values.items())]
        return f"snapshot={self.sequence}{''.join(values)}"


def receive_snapshot(socket):
    """A whole one, which was asked for."""
    result = Map()
    while True:
        message = Message.of(socket.recv_multipart())
        if message.key == "KTHXBAI":
            result.sequence = message.sequence
            return result
        result.store(message)


def say(*words, **where):
    print(*words, flush=True, **where)
