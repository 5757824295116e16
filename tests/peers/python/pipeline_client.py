"""Pipeline, first stage: sends each line typed to one of the workers, in turn.

pipeline_client.py [tcp://*:5557]
"""

import zmq

import common


def program(context):
    (endpoint,) = common.endpoints("tcp://*:5557")
    workers = context.socket(zmq.PUSH)
    common.bind(workers, endpoint)
    for line in common.typed_lines():
        workers.send(line)


common.run(program)
