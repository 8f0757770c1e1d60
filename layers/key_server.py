"""The key set of the local issuer by HTTPS on 127.0.0.1, under a certificate of its own: what an authorizer in production asks for."""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from infra.local.authority import Authority
from infra.system import utc_now


@contextmanager
def key_server(authority: Authority, folder: Path) -> Iterator[dict[str, str]]:
    """What an authorizer is told to find the keys and to believe the server, while the block lasts. The certificate lies in the folder."""
    [issuer] = json.loads(authority.issuers)
    certificate = _certified(folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), _answering(json.dumps(issuer["key_set"]).encode())) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        serving = Thread(target=server.serve_forever, daemon=True)
        serving.start()
        told = [issuer | {"key_set": f"https://127.0.0.1:{server.server_port}/keys"}]
        try:
            yield {"TOKEN_ISSUERS_JSON": json.dumps(told), "SSL_CERT_FILE": str(certificate)}
        finally:
            server.shutdown()
            serving.join()


def _answering(content: bytes) -> type[BaseHTTPRequestHandler]:
    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """The key set, whatever the path."""
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Nothing: a proof prints its table only."""

    return Keys


def _certified(folder: Path) -> Path:
    """A certificate for this machine, valid for a day, with its key."""
    key, name, now = ec.generate_private_key(ec.SECP256R1()), x509.Name([]), utc_now()
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now - timedelta(hours=1), now + timedelta(days=1)
    )
    certificate = builder.add_extension(address, critical=True).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    signed = certificate.sign(key, hashes.SHA256())
    written = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "key-server.pem"
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + written)
    return path
