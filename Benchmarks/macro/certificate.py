"""A certificate for 127.0.0.1 that all TLS listeners of a run share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from builds import run


@dataclass(frozen=True)
class Certificate:
    certificate: Path
    key: Path
    both: Path  # certificate and key in one file, as haproxy wants it


def make_certificate(folder: Path) -> Certificate:
    made = Certificate(folder / "certificate.pem", folder / "key.pem", folder / "both.pem")
    run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
         "-keyout", str(made.key), "-out", str(made.certificate)], folder, "apt-get install openssl")
    made.both.write_text(made.certificate.read_text() + made.key.read_text())
    return made
