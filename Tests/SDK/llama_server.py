#!/usr/bin/env python3
"""Runs llama.cpp's own HTTP server over a GGUF file until SIGTERM.

Prints `llama listening on 127.0.0.1:PORT` when the model answers; the port is one that was free. llama.cpp's log goes to standard error.
With LLAMA_KEY in the environment, callers must present it.

    llama_server.py tiny.gguf --alias tiny
"""

import argparse
import os
import signal
import urllib.parse

import xllamacpp


def parameters(path: str, alias: str) -> xllamacpp.CommonParams:
    it = xllamacpp.CommonParams()
    it.model.path = path
    it.model_alias = {alias}
    it.hostnames = ["127.0.0.1"]
    it.port = 0
    it.n_parallel = 4
    it.n_ctx = 4 * 4096
    it.n_threads_http = 4
    it.cpuparams.n_threads = 1
    it.cpuparams_batch.n_threads = 1
    it.fit_params = False
    it.cache_ram_mib = 0
    it.ui = False
    it.embedding = True
    it.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    it.verbosity = 1
    it.api_keys = [key for key in [os.environ.get("LLAMA_KEY")] if key]
    return it


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--alias", default="tiny")
    arguments = parser.parse_args()
    # Blocked before the server's threads exist, so that they inherit it and the signal is ours to wait for.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    server = xllamacpp.Server(parameters(arguments.model, arguments.alias))
    address = urllib.parse.urlsplit(server.listening_address)
    print(f"llama listening on {address.hostname}:{address.port}", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    del server


if __name__ == "__main__":
    main()
