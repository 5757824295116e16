"""Writes and reads certificates with pyzmq.

certificates.py create FOLDER NAME [NAME=VALUE ...]   prints the two paths
certificates.py load FILE                             prints the key or keys
certificates.py load_all FOLDER                       prints the public keys
"""

import sys

import zmq.auth

command, path, *words = sys.argv[1:]
if command == "create":
    name, *metadata = words
    metadata = dict(entry.split("=", 1) for entry in metadata)
    print(*zmq.auth.create_certificates(path, name, metadata), sep="\n")
elif command == "load":
    print(*(key.decode() for key in zmq.auth.load_certificate(path) if key), sep="\n")
elif command == "load_all":
    print(*sorted(key.decode() for key in zmq.auth.load_certificates(path)), sep="\n")
else:
    sys.exit(__doc__)
