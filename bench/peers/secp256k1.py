"""How fast this machine recovers signers from signatures on all its cores: `python secp256k1.py SECONDS` prints it as JSON.

libsecp256k1 by coincurve, one process a core. No chain that checks each signature once can be faster.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import time
from multiprocessing.synchronize import Barrier

import coincurve

SIGNATURES = 500


def recoveries_per_s(seconds: float, ready: Barrier) -> float:
    """The rate of one core while all are busy."""
    signer = coincurve.PrivateKey(b"\x07" * 32)
    digests = [index.to_bytes(32, "big") for index in range(1, SIGNATURES + 1)]
    signed = [(signer.sign_recoverable(digest, hasher=None), digest) for digest in digests]
    recover = coincurve.PublicKey.from_signature_and_message
    ready.wait()
    count, started = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - started) < seconds:
        for signature, digest in signed:
            recover(signature, digest, hasher=None)
        count += SIGNATURES
    return count / elapsed


def main() -> None:
    """Runs one process a core."""
    cores = multiprocessing.cpu_count()
    with multiprocessing.Manager() as manager, multiprocessing.Pool(cores) as pool:
        ready = manager.Barrier(cores)
        rates = pool.starmap(recoveries_per_s, [(float(sys.argv[1]), ready)] * cores, chunksize=1)
    print(json.dumps({"recoveries_per_s": sum(rates)}))


if __name__ == "__main__":
    main()
