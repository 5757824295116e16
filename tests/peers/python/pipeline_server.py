"""Pipeline, last stage: prints what the workers pass on.

pipeline_server.py [tcp://*:5558]
"""

import zmq

import common


def program(context):
    (endpoint,) = common.endpoints("tcp://*:5558")
    workers = context.socket(zmq.PULL)
    common.bind(workers, endpoint)
    while True:
        common.emit(workers.recv())


common.run(program)
