"""A mail server in which what is said before TLS counts inside (CVE-2024-34083, mended in 1.4.6).

Arguments: address, port, host name, domain, file with key and chain; then what it says more in reply to EHLO.
"""

import asyncio
import ssl
import sys

from aiosmtpd.smtp import SMTP


class Handler:
    """Takes mail for the role names of one domain, and forgets it."""

    def __init__(self, domain, keywords):
        self.domain = domain
        self.keywords = keywords

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return responses[:1] + [f"250-{keyword}" for keyword in self.keywords] + responses[1:]

    async def handle_RCPT(self, server, session, envelope, address, options):
        name, _, domain = address.lower().rpartition("@")
        ours = domain == self.domain and name in ("postmaster", "abuse") or domain == "postmaster"
        if not ours:
            return "550 5.1.1 No such user" if domain == self.domain else "550 5.7.1 Relaying denied"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"


async def main(address, port, host, domain, certificate, *keywords):
    loop = asyncio.get_running_loop()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)

    def session():
        return SMTP(Handler(domain, keywords), hostname=host, ident="ESMTP", tls_context=tls, data_size_limit=50_000_000, loop=loop)

    server = await loop.create_server(session, address, int(port))
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
