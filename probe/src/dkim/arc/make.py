#!/usr/bin/env python3
"""Makes chain.eml and keys.txt: a message with three ARC sets, sealed by dkimpy (https://pypi.org/project/dkimpy/).

    pip install dkimpy authres && python3 make.py

The keys are made anew and thrown away; only their records stay.
"""
import base64, pathlib, subprocess
import dkim

here = pathlib.Path(__file__).parent
message = b"""From: Ada <ada@author.example>\r
To: list@first.consent.test\r
Subject: What a chain is made of\r
Date: Thu, 1 Oct 2026 22:02:05 +0000\r
Message-ID: <1@author.example>\r
\r
Three servers pass this on.\r
\r
The last one seals it, too.\r
"""
records = []
for number, domain in enumerate([b"first.consent.test", b"second.consent.test", b"third.consent.test"], 1):
    private = subprocess.run(["openssl", "genrsa", "-traditional", "2048"], capture_output=True, check=True).stdout
    public = subprocess.run(["openssl", "rsa", "-pubout", "-outform", "DER"], input=private, capture_output=True, check=True)
    records.append(f"{domain.decode()} s{number} v=DKIM1; k=rsa; p={base64.b64encode(public.stdout).decode()}")
    # Sealing wants results of the own host: of the chain so far, too.
    chain = b"none" if number == 1 else b"pass"
    results = b"Authentication-Results: mx." + domain + b"; arc=" + chain + b"; spf=pass smtp.mailfrom=author.example\r\n"
    fields = dkim.arc_sign(results + message, b"s%d" % number, domain, private, b"mx." + domain, timestamp=1790892125 + number)
    message = b"".join(fields) + b"Received: from a.example by mx." + domain + b"; Thu, 1 Oct 2026 22:02:05 +0000\r\n" + message
(here / "chain.eml").write_bytes(message.replace(b"\r\n", b"\n"))
(here / "keys.txt").write_text("\n".join(records) + "\n")
