"""Opens PUSH sockets as it is told on standard input, a command a line, and answers
each with one; the counterpart of auth_client.c:

open ENDPOINT [OPTION=VALUE ...]   connects a socket
again                              connects the last one anew
send TEXT                          by the last one, if it has a peer
handshake                          waits until one of the last is over, and says how:
                                   the event of its monitor, and its value
"""

import sys

import zmq
from zmq.utils.monitor import recv_monitor_message

import common

ENDINGS = (
    zmq.EVENT_HANDSHAKE_SUCCEEDED
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
)


def program(context):
    # Those before the last stay open as well.
    opened = []
    for line in sys.stdin:
        command, *words = line.split()
        answer = "done"
        if command == "open":
            endpoint, *options = words
            socket = common.make_socket(context, "PUSH", *options)
            monitor = socket.get_monitor_socket(ENDINGS)
            common.connect(socket, endpoint)
            opened.append((socket, monitor))
        elif command == "again":
            socket.disconnect(endpoint)
            common.connect(socket, endpoint)
        elif command == "send":
            try:
                socket.send_string(words[0], zmq.DONTWAIT)
            except zmq.Again:
                pass
        elif command == "handshake":
            event = recv_monitor_message(monitor)
            answer = f"{event['event']:d} {event['value']}"
        else:
            common.fail(line, 2)
        common.emit(answer.encode())


common.run(program)
