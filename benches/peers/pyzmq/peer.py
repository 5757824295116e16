"""pyzmq: the command line and the works of `driver`, once more."""

import os
import struct
import subprocess
import sys
import threading
from collections import deque
from time import monotonic

import zmq

WARM_UP, MEASURED, LAST = 1, 2, 3
FRAMES = 10
WINDOW = 100
BLOCK, BLOCKS_UNDERWAY = 100, 10
NOT_OFFERED = 3
PUSHED = ("push-pull", "copy", "hand-over", "multipart", "curve")
USAGE = "arguments: WORK TRANSPORT SIZE PROCESSES THREADS SECONDS"


def leave(status):
    """Ends the process, and leaves no files of its endpoints behind."""
    for number in (1, 2):
        if os.path.exists(file(number)):
            os.remove(file(number))
    sys.stdout.flush()
    os._exit(status)


def file(number):
    return f"/tmp/peer-{os.getpid()}-{number}"


class Work:
    """What is asked for, and the two ends that do it."""

    def __init__(self, name, transport, size, seconds):
        self.context = zmq.Context()
        self.transport = transport
        self.size = size
        self.seconds = seconds
        self.curve = name == "curve"
        self.way = name
        self.subscribers = int(name.removeprefix("pub-sub-")) if "pub-sub" in name else 0
        self.window = WINDOW if name == "dealer-router" else 1
        if self.subscribers:
            self.kinds, self.ends = (zmq.XPUB, zmq.SUB), (self.publish, self.subscribe)
        elif name == "req-rep":
            self.kinds, self.ends = (zmq.REP, zmq.REQ), (self.answer, self.ask)
        elif name == "dealer-router":
            self.kinds, self.ends = (zmq.ROUTER, zmq.DEALER), (self.answer_all, self.ask)
        elif name in PUSHED:
            self.kinds, self.ends = (zmq.PULL, zmq.PUSH), (self.pull, self.push)
        else:
            raise ValueError(name)

    def parts(self):
        return [(WARM_UP, self.seconds / 4), (MEASURED, self.seconds)]

    # Sockets.

    def place(self, number):
        names = {"inproc": f"inproc://{number}", "ipc": f"ipc://{file(number)}"}
        return names.get(self.transport, "tcp://127.0.0.1:*")

    def bind(self):
        """The end that binds, and where it is bound."""
        socket = self.context.socket(self.kinds[0])
        if self.subscribers:
            socket.setsockopt(zmq.XPUB_VERBOSE, 1)
            socket.setsockopt(zmq.SNDHWM, 0)
        also = ""
        if self.curve:
            public, secret = zmq.curve_keypair()
            socket.curve_server = True
            socket.curve_secretkey = secret
            also = public.decode()
        socket.bind(self.place(1))
        self.bound = [socket]
        if self.subscribers:
            acks = self.context.socket(zmq.PULL)
            acks.bind(self.place(2))
            self.bound.append(acks)
            also = acks.last_endpoint.decode()
        return f"{socket.last_endpoint.decode()} {also}"

    def connect(self, where):
        """The end that connects."""
        endpoint, also = where.split(" ")
        sockets = [self.context.socket(self.kinds[1]) for _ in range(self.subscribers or 1)]
        for socket in sockets:
            if self.curve:
                socket.curve_serverkey = also.encode()
                socket.curve_publickey, socket.curve_secretkey = zmq.curve_keypair()
            if self.subscribers:
                socket.subscribe(b"")
            socket.connect(endpoint)
        self.connected = sockets
        if self.subscribers:
            acks = self.context.socket(zmq.PUSH)
            acks.connect(also)
            self.connected = [sockets, acks]

    # What they do. It returns the numbers that were measured.

    def message(self, part, number=0):
        return struct.pack("=B7xQ", part, number).ljust(self.size, b"\0")

    def check(self, message):
        assert len(message) == self.size, "the length of a message"

    def push(self, socket):
        between_looks = 32 if self.size < 1 << 16 else 1
        frames = FRAMES if self.way == "multipart" else 1
        sent = 0
        for part, time in self.parts():
            message = self.message(part)
            begin = monotonic()
            while monotonic() - begin < time:
                for _ in range(between_looks):
                    if self.way == "copy":
                        socket.send(bytes([part]) * self.size, copy=True)
                    elif self.way == "hand-over":
                        socket.send(bytes([part]) * self.size, copy=False)
                    elif frames > 1:
                        socket.send_multipart([message] * frames)
                    else:
                        socket.send(message)
                sent += between_looks
        socket.send_multipart([self.message(LAST, sent)] * frames)

    def pull(self, socket):
        frames = FRAMES if self.way == "multipart" else 1
        arrived = measured = 0
        begin = monotonic()
        while True:
            if frames > 1:
                message = socket.recv_multipart()
                assert len(message) == frames, "how many frames"
                for frame in message:
                    self.check(frame)
                message = message[0]
            else:
                message = socket.recv()
                self.check(message)
            if message[0] == LAST:
                assert struct.unpack_from("=Q", message, 8)[0] == arrived, "how many arrived"
                return [measured / (monotonic() - begin)]
            if message[0] == MEASURED:
                if measured == 0:
                    begin = monotonic()
                measured += 1
            arrived += 1

    def publish(self, socket, acks):
        for _ in range(self.subscribers):
            assert socket.recv() == b"\1", "a subscription"
        sent = 0
        for part, time in [*self.parts(), (LAST, 0)]:
            begin = monotonic()
            while True:
                if sent >= BLOCK * BLOCKS_UNDERWAY:
                    acks.recv()
                for _ in range(BLOCK):
                    socket.send(self.message(part, sent))
                    sent += 1
                if monotonic() - begin >= time:
                    break

    def subscribe(self, sockets, acks):
        arrived = measured = 0
        begin = end = monotonic()
        part = WARM_UP
        while part != LAST:
            for i in range(BLOCK):
                for socket in sockets:
                    message = socket.recv()
                    self.check(message)
                    number = struct.unpack_from("=Q", message, 8)[0]
                    assert number == arrived + i, "which message arrived"
                    part = message[0]
            arrived += BLOCK
            if part == WARM_UP:
                begin = monotonic()
            if part == MEASURED:
                end = monotonic()
                measured += BLOCK * len(sockets)
            acks.send(b"")
        return [measured / (end - begin)]

    def ask(self, socket):
        question = self.message(WARM_UP)
        asked = deque()
        for _, time in self.parts():
            trips = []
            elapsed = 0.0
            begin = monotonic()
            while elapsed < time or asked:
                while len(asked) < self.window and elapsed < time:
                    asked.append(elapsed)
                    socket.send(question)
                assert socket.recv() == question, "the reply"
                elapsed = monotonic() - begin
                trips.append(elapsed - asked.popleft())
        socket.send(self.message(LAST))
        socket.recv()
        trips.sort()
        percentiles = [trips[int((len(trips) - 1) * n / 100)] * 1e6 for n in (50, 99, 99.9, 100)]
        return [len(trips) / elapsed, *percentiles]

    def answer(self, socket):
        part = WARM_UP
        while part != LAST:
            question = socket.recv()
            self.check(question)
            part = question[0]
            socket.send(question)

    def answer_all(self, socket):
        part = WARM_UP
        while part != LAST:
            name, question = socket.recv_multipart()
            self.check(question)
            part = question[0]
            socket.send_multipart([name, question])


def show(numbers):
    if numbers:
        print(" ".join(f"{number:.2f}" for number in numbers), flush=True)


def start_other(where):
    """Starts this program once more, to connect. It ends when its input does, and this
    process with it."""
    command = [sys.executable, *sys.argv, where]
    other = subprocess.Popen(command, stdin=subprocess.PIPE)
    threading.Thread(target=lambda: leave(other.wait()), daemon=True).start()
    return other.stdin


def main():
    try:
        name, transport, size, processes, _, seconds, *where = sys.argv[1:]
        work = Work(name, transport, int(size), float(seconds))
    except ValueError:
        sys.exit(USAGE)
    # Inproc stays within a process, and is not encrypted.
    if transport == "inproc" and (processes == "2" or work.curve):
        between = " between processes" if processes == "2" else ""
        print(f"does not offer {name} over {transport}{between}", file=sys.stderr)
        leave(NOT_OFFERED)
    if where:
        work.connect(where[0])
        show(work.ends[1](*work.connected))
        # Told when the process that binds is done.
        sys.stdin.read()
        leave(0)
    where = work.bind()
    if processes == "2":
        other = start_other(where)
        show(work.ends[0](*work.bound))
        other.close()
        threading.Event().wait()
    work.connect(where)
    measured = []
    connected = threading.Thread(
        target=lambda: measured.extend(work.ends[1](*work.connected) or []), daemon=True
    )
    connected.start()
    show(work.ends[0](*work.bound))
    connected.join()
    show(measured)
    leave(0)


def end_with_it(info):
    """The other end would wait for what an end has not done."""
    sys.__excepthook__(info.exc_type, info.exc_value, info.exc_traceback)
    leave(1)


if __name__ == "__main__":
    threading.excepthook = end_with_it
    try:
        main()
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        leave(1)
