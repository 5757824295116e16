"""Passes whole messages on, as they are, in tasks of asyncio. Arguments as mirror.py
has them; the first socket receives, and both do if both can.
"""

import asyncio
import sys

import zmq
import zmq.asyncio

import common

BOTH_WAYS = (zmq.DEALER, zmq.ROUTER, zmq.PAIR)


def connected(context, kind, how, endpoint, *options):
    assert how == "connect"
    socket = common.make_socket(context, kind, *options)
    common.connect(socket, endpoint)
    return socket


async def pass_on(source, target):
    await target.send_multipart(await source.recv_multipart())


async def pass_on_for_ever(*ways):
    while True:
        for way in ways:
            await pass_on(*way)


async def program():
    context = zmq.asyncio.Context()
    words = sys.argv[1:]
    split = words.index("--")
    one = connected(context, *words[:split])
    other = connected(context, *words[split + 1 :])
    there, back = (one, other), (other, one)
    if other.type == zmq.XPUB:
        # Nothing is published before somebody has subscribed.
        await other.recv()
    if one.type == zmq.REP:
        await pass_on_for_ever(there, back)
    elif one.type in BOTH_WAYS:
        await asyncio.gather(pass_on_for_ever(there), pass_on_for_ever(back))
    else:
        await pass_on_for_ever(there)


asyncio.run(program())
