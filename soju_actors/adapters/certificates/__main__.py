"""The process that makes one certificate, which standard input describes."""

import sys

import msgspec

from soju_actors.adapters.certificates.make import make
from soju_actors.adapters.certificates.wanted import Wanted

sys.stdout.buffer.write(msgspec.json.encode(make(msgspec.json.decode(sys.stdin.buffer.read(), type=Wanted))))
