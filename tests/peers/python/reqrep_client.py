"""Request and reply: sends each line typed and prints the reply to it.

reqrep_client.py [tcp://localhost:5555]
"""

import zmq

import common


def program(context):
    (endpoint,) = common.endpoints("tcp://localhost:5555")
    client = context.socket(zmq.REQ)
    common.connect(client, endpoint)
    for line in common.typed_lines():
        client.send(line)
        common.emit(client.recv())


common.run(program)
