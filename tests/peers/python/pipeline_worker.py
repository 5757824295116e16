"""Pipeline, second stage: prints what the client sends and passes it on.

pipeline_worker.py [tcp://127.0.0.1:5557] [tcp://127.0.0.1:5558]
"""

import zmq

import common


def program(context):
    source, target = common.endpoints("tcp://127.0.0.1:5557", "tcp://127.0.0.1:5558")
    client = context.socket(zmq.PULL)
    server = context.socket(zmq.PUSH)
    common.connect(client, source)
    common.connect(server, target)
    while True:
        work = client.recv()
        server.send(work)
        common.emit(work)


common.run(program)
