"""Lets in whom it is told to, and prints what they send behind their user id; the
counterpart of auth_server.c:

auth_server.py thread|asyncio [OPTION=VALUE ...]

binds a PULL socket with these options. What pyzmq's authenticator of this kind logs
goes to standard error. Orders come on standard input, a line each, and are followed
by "done" on standard error:

NULL DOMAIN                  lets in all who show nothing, as it does anyway
PLAIN DOMAIN NAME PASSWORD   lets this user in, and nobody else
CURVE DOMAIN KEY             lets this key in, and none else
allow|deny ADDRESS           may be repeated
"""

import asyncio
import logging
import pathlib
import sys
import tempfile

import zmq.asyncio
from zmq.auth.asyncio import AsyncioAuthenticator
from zmq.auth.thread import ThreadAuthenticator

import common

KINDS = {"thread": ThreadAuthenticator, "asyncio": AsyncioAuthenticator}


async def serve(kind, *options):
    context = zmq.asyncio.Context()
    authenticator = KINDS[kind](context)
    authenticator.start()
    socket = common.make_socket(context, "PULL", *options)
    common.bind(socket, "tcp://127.0.0.1:*")
    logging.basicConfig(format="log %(message)s")
    logging.getLogger("zmq.auth").setLevel(logging.DEBUG)
    jobs = [asyncio.create_task(job) for job in (take_orders(authenticator), receive(socket))]
    done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
    for job in jobs:
        job.cancel()
    for job in done:
        job.result()
    while await socket.poll(0):
        await receive_one(socket)
    authenticator.stop()
    context.destroy()


async def take_orders(authenticator):
    orders = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(orders)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    async for line in orders:
        obey(authenticator, *line.decode().split())
        print("done", file=sys.stderr, flush=True)


def obey(authenticator, order, *words):
    if order == "PLAIN":
        domain, name, password = words
        authenticator.configure_plain(domain, {name: password})
    elif order == "CURVE":
        domain, key = words
        with tempfile.TemporaryDirectory() as folder:
            certificate = f'curve\n    public-key = "{key}"\n'
            pathlib.Path(folder, "client.key").write_text(certificate)
            authenticator.configure_curve(domain, folder)
    elif order != "NULL":
        {"allow": authenticator.allow, "deny": authenticator.deny}[order](*words)


async def receive(socket):
    while True:
        await socket.poll()
        await receive_one(socket)


async def receive_one(socket):
    frame = await socket.recv(copy=False)
    try:
        user = frame.get("User-Id").encode()
    except zmq.ZMQError:
        user = b"-"
    common.emit(user + b" " + frame.bytes)


asyncio.run(serve(*sys.argv[1:]))
