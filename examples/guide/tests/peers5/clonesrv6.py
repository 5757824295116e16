"""Clone, model six: a server of two. clonesrv6.py -p|-b OWN PEER OWN-STATE PEER-STATE
MILLISECONDS"""

import sys
import time

import zmq

from chp import Map, Message, endpoint, receive_snapshot, say

PRIMARY, BACKUP, ACTIVE, PASSIVE = b"1", b"2", b"3", b"4"
# State, that of the peer, and what comes of it.
CHANGES = {
    (PRIMARY, BACKUP): ACTIVE,
    (PRIMARY, ACTIVE): PASSIVE,
    (BACKUP, ACTIVE): PASSIVE,
    (PASSIVE, PRIMARY): ACTIVE,
    (PASSIVE, BACKUP): ACTIVE,
}


class Server:
    def __init__(self, role, own, peer, own_state, peer_state, heartbeat):
        self.state = {"-p": PRIMARY, "-b": BACKUP}[role]
        self.peer, self.heartbeat = peer, int(heartbeat) / 1000
        self.context = zmq.Context()
        kinds = [zmq.ROUTER, zmq.PUB, zmq.SUB, zmq.PUB]
        where = [own, endpoint(own, 1), endpoint(own, 2), own_state]
        sockets = [self.context.socket(kind) for kind in kinds]
        for socket, place in zip(sockets, where):
            socket.sndhwm = 0
            socket.bind(place)
        self.snapshots, self.publisher, self.collector, self.teller = sockets
        self.hearer = self.subscriber(peer_state)
        self.follower = self.subscriber(endpoint(peer, 1))
        self.collector.subscribe("")
        self.values, self.is_synced = Map(), False
        self.pending, self.published = {}, set()
        self.peer_expiry = time.monotonic() + 2 * self.heartbeat

    def subscriber(self, where):
        socket = self.context.socket(zmq.SUB)
        socket.subscribe("")
        socket.connect(where)
        return socket

    def run(self):
        poller = zmq.Poller()
        for socket in [self.hearer, self.snapshots, self.collector, self.follower]:
            poller.register(socket, zmq.POLLIN)
        beat = time.monotonic()
        while True:
            ready = dict(poller.poll(max(0, 1000 * (beat - time.monotonic()))))
            if self.hearer in ready:
                peer = self.hearer.recv()
                self.peer_expiry = time.monotonic() + 2 * self.heartbeat
                assert (self.state, peer) not in [(ACTIVE, ACTIVE), (PASSIVE, PASSIVE)]
                self.become(CHANGES.get((self.state, peer), self.state))
            if self.follower in ready:
                self.follow(self.follower.recv_multipart())
            if self.collector in ready:
                self.collect(Message.of(self.collector.recv_multipart()))
            if self.snapshots in ready:
                self.answer(*self.snapshots.recv_multipart())
            if self.state == ACTIVE:
                for key in self.values.expired():
                    self.publish(self.values.commit(Message(key)))
            if time.monotonic() >= beat:
                beat = time.monotonic() + self.heartbeat
                self.tell()
                if self.state == ACTIVE:
                    self.publisher.send_multipart(Message("HUGZ").frames())

    def tell(self):
        self.teller.send(self.state)

    def become(self, state):
        if state == self.state:
            return
        self.state = state
        say("active" if state == ACTIVE else "passive")
        self.tell()
        if state == ACTIVE:
            for update in self.pending.values():
                self.publish(self.values.commit(update))
            self.pending = {}
        self.is_synced = False

    def publish(self, update):
        say(update)
        self.publisher.send_multipart(update.frames())

    def collect(self, update):
        if self.state == ACTIVE:
            self.publish(self.values.commit(update))
        elif update.uuid not in self.published:
            self.pending[update.uuid] = update

    def follow(self, frames):
        if self.state != PASSIVE:
            return
        if not self.is_synced:
            snapshot = self.context.socket(zmq.DEALER)
            snapshot.linger = 0
            snapshot.rcvtimeo = 30_000
            snapshot.connect(self.peer)
            snapshot.send_multipart([b"ICANHAZ?", b""])
            self.values = receive_snapshot(snapshot)
            snapshot.close()
            self.is_synced = True
            say(self.values)
        update = Message.of(frames)
        if self.values.apply(update):
            say(update)
        self.published.add(update.uuid)
        self.pending.pop(update.uuid, None)

    def answer(self, client, question, subtree):
        assert question == b"ICANHAZ?"
        if self.state in [PRIMARY, PASSIVE] and time.monotonic() >= self.peer_expiry:
            self.become(ACTIVE)
        if self.state == ACTIVE:
            for message in self.values.snapshot(subtree.decode()):
                self.snapshots.send_multipart([client, *message.frames()])


Server(*sys.argv[1:]).run()
