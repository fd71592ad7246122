//! Domains that are set up as their providers and today's good guides say: no mortal finding.
//!
//! The evidence is written by hand from what these providers are known to answer; it was not
//! recorded from them.

mod support;

use shared::grade::Grade;
use shared::{Inquiry, Report, Unseen, Verdict};
use support::{CAREFUL, Server, Zone, lines, run};

const DOVECOT: &str = "* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ STARTTLS LOGINDISABLED] Dovecot (Debian) ready.";

/// A domain whose MX hosts all answer alike.
fn report(zone: &str, server: &Server<'_>, submission: Option<&Server<'_>>) -> Report {
    let own = "\nprobe.example MX 10 mx.probe.example\nmx.probe.example A 198.41.9.9";
    let zone = Zone::new(&format!("{zone}{own}"));
    run("example.org", &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { address, .. } if address.is_ipv6() => Err(Unseen::NoIpv6),
        Inquiry::Probe { port: 25, script, .. } => Ok(server.answer(script)),
        Inquiry::Probe { port: port @ (110 | 143 | 4190), .. } => match port {
            143 if submission.is_some() => Ok(lines(
                DOVECOT,
                "* CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ STARTTLS LOGINDISABLED\na1 OK Pre-login capabilities listed, post-login capabilities have more.",
                "",
            )),
            110 if submission.is_some() => Ok(lines(
                "+OK Dovecot (Debian) ready.",
                "+OK\nCAPA\nTOP\nUIDL\nRESP-CODES\nPIPELINING\nAUTH-RESP-CODE\nSTLS\nSASL",
                "",
            )),
            _ => Err(Unseen::ConnectTimeout),
        },
        Inquiry::Probe { script, .. } => submission.map(|server| server.answer(script)).ok_or(Unseen::ConnectTimeout),
        Inquiry::Fetch { .. } | Inquiry::Arrival { .. } | Inquiry::Owner { .. } => Err(Unseen::FetchFailed),
        Inquiry::Mail => Err(Unseen::NoMailTest),
    })
}

fn check(what: &str, report: &Report, at_least: Grade) {
    let accused: Vec<_> = report.findings.iter().filter(|finding| finding.verdict == Verdict::Mortal).collect();
    assert!(accused.is_empty(), "{what}: {accused:#?}");
    let keys: Vec<_> = report.findings.iter().filter(|finding| finding.check == "dkim-key").collect();
    assert!(keys.iter().all(|finding| finding.verdict <= Verdict::Clean), "{what}: {keys:#?}");
    assert!(report.grade >= Some(at_least), "{what}: {:?}, coverage {}, {}", report.grade, report.coverage, report.why);
}

#[test]
fn google_workspace() {
    let zone = "
        example.org MX 1 smtp.google.com
        example.org TXT v=spf1 include:_spf.google.com ~all
        _dmarc.example.org TXT v=DMARC1; p=none; rua=mailto:dmarc@example.org
        google._domainkey.example.org TXT v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvjOmIyCu0Mbsa1aQxT9lY2ki0jFNFrdzQe6Nf8RpTVoFex4oJ4r7ESywkCqDk7SSkdd061EA+plzp9uinMSWIIHO1q7rrVAX0kDPyFhHnTV4Oj8qMAoMSDq+zPFQ5ZXh7GdE5QcZUWyFgHpXUYgAIDAOJ1Z/H/Rv6oCZMblJIt5xbo/GunKOLo2rPUMm/IKkKIP/Ea22FbW83PHnJ3n+NYp8qD85NzlC/YrXfXI5muKuthpQOp2bd+zfj6hXEKWlYTtL1hR/7oos8D0wtQ2BmMVTBXE6TbgWolKJv+SOGSOrHOlsFkNExa+nyCMue5RfYA2e8aO276CnTsSROFpvvQIDAQAB
        smtp.google.com A 142.250.102.26
        smtp.google.com AAAA 2a00:1450:4025:402::1a
        26.102.250.142.in-addr.arpa PTR rb-in-f26.1e100.net
        rb-in-f26.1e100.net A 142.250.102.26
        mx.google.com A 142.250.102.27
        _spf.google.com TXT v=spf1 include:_netblocks.google.com include:_netblocks2.google.com include:_netblocks3.google.com ~all
        _netblocks.google.com TXT v=spf1 ip4:35.190.247.0/24 ip4:64.233.160.0/19 ip4:66.102.0.0/20 ip4:66.249.80.0/20 ip4:72.14.192.0/18 ip4:74.125.0.0/16 ip4:108.177.8.0/21 ip4:173.194.0.0/16 ip4:209.85.128.0/17 ip4:216.58.192.0/19 ip4:216.239.32.0/19 ~all
        _netblocks2.google.com TXT v=spf1 ip6:2001:4860:4000::/36 ip6:2404:6800:4000::/36 ip6:2607:f8b0:4000::/36 ip6:2800:3f0:4000::/36 ip6:2a00:1450:4000::/36 ip6:2c0f:fb50:4000::/36 ~all
        _netblocks3.google.com TXT v=spf1 ip4:172.217.0.0/19 ip4:172.217.32.0/20 ip4:172.253.56.0/21 ip4:172.253.112.0/20 ip4:35.191.0.0/16 ip4:130.211.0.0/22 ~all";
    let server = Server {
        greeting: "220 mx.google.com ESMTP 4fb4d7f45d1cf-5e44c1a5b3csi11937a12.340 - gsmtp",
        ehlo: "250-mx.google.com at your service, [198.41.9.9]\n250-SIZE 157286400\n250-8BITMIME\n250-STARTTLS\n250-ENHANCEDSTATUSCODES\n250-PIPELINING\n250-CHUNKING\n250 SMTPUTF8",
        help: "214 2.0.0 https://www.google.com/search?btnI&q=RFC+5321 4fb4d7f45d1cf-5e44c1a5b3csi11937a12.340 - gsmtp",
        auth: "502-5.5.1 Unrecognized command. For more information, go to\n502 5.5.1  https://support.google.com/a/answer/3221692 4fb4d7f45d1cf - gsmtp",
        size: "552-5.3.4 Your message exceeded Google's message size limits.\n552 5.3.4 4fb4d7f45d1cf - gsmtp",
        bare: "553-5.1.2 We weren't able to find the recipient domain. Please check for any\n553 5.1.2 spelling errors 4fb4d7f45d1cf - gsmtp",
        control: "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550 5.1.1  double-checking the recipient's email address for typos. 4fb4d7f45d1cf - gsmtp",
        relay: "550-5.7.1 Relaying denied\n550 5.7.1 4fb4d7f45d1cf - gsmtp",
        ..CAREFUL
    };
    check("Google Workspace", &report(zone, &server, None), Grade::B);
}

#[test]
fn microsoft_365() {
    let zone = "
        example.org MX 0 example-org.mail.protection.outlook.com
        example.org TXT v=spf1 include:spf.protection.outlook.com -all
        _dmarc.example.org TXT v=DMARC1; p=quarantine; rua=mailto:dmarc@example.org
        selector1._domainkey.example.org CNAME selector1-example-org._domainkey.example.onmicrosoft.com
        selector2._domainkey.example.org CNAME selector2-example-org._domainkey.example.onmicrosoft.com
        selector1-example-org._domainkey.example.onmicrosoft.com TXT v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA01FzXa7DwjHMarmVS+G2nKyYJuR+Ybv1biOtSZIa85Pwl/NpVZs95lSXBBdiWHNxM5dm93VmbCvio7Q2XuN600jn1MP2Wshbog+nBW0LxeWdVitF4Xgr40cdWamdff4vc2ZrABqgJjJlwHnxBTtzQPVGkeM57tlTPQ8k/bmAV14cWJWodmsErCpbtA6epTnSzrKK4BYvDgNQN08E143o69os4376Vml60fzhp2iUtGoIZ1KbDNv6eInLxI5nl6a/RuAzv6fBflcA/PZo1BvsZL+4sMxTvmtQNllqJxhb99/NrrHNHUuwU2tqZE9wNRlV+P0bvVq8z6xEwwcxJsl8DQIDAQAB;
        example-org.mail.protection.outlook.com A 52.101.73.2
        2.73.101.52.in-addr.arpa PTR mail-db3eur.inbound.protection.outlook.com
        mail-db3eur.inbound.protection.outlook.com A 52.101.73.2
        spf.protection.outlook.com TXT v=spf1 ip4:40.92.0.0/15 ip4:40.107.0.0/16 ip4:52.100.0.0/15 ip4:52.102.0.0/16 ip4:52.103.0.0/17 ip4:104.47.0.0/17 ip6:2a01:111:f400::/48 ip6:2a01:111:f403::/49 -all";
    let unknown = "550 5.4.1 Recipient address rejected: Access denied. For more information see https://aka.ms/EXOSmtpErrors [DB1PEPF0003.eurprd05.prod.outlook.com 2026-11-24T10:11:12.000Z]";
    let server = Server {
        greeting: "220 DB1PEPF0003.mail.protection.outlook.com Microsoft ESMTP MAIL Service ready at Tue, 24 Nov 2026 10:11:12 +0000 [08DE2B1A2C3D4E5F]",
        ehlo: "250-DB1PEPF0003.mail.protection.outlook.com Hello [198.41.9.9]\n250-SIZE 157286400\n250-PIPELINING\n250-DSN\n250-ENHANCEDSTATUSCODES\n250-STARTTLS\n250-8BITMIME\n250-BINARYMIME\n250-CHUNKING\n250 SMTPUTF8",
        help: "214-This server supports the following commands:\n214 HELO EHLO STARTTLS RCPT DATA RSET MAIL QUIT HELP AUTH BDAT",
        auth: "504 5.7.4 Unrecognized authentication type [DB1PEPF0003.eurprd05.prod.outlook.com 2026-11-24T10:11:12.000Z]",
        size: "552 5.3.4 Message size exceeds fixed maximum message size",
        bare: unknown,
        control: unknown,
        relay: "550 5.7.64 TenantAttribution; Relay Access Denied [DB1PEPF0003.eurprd05.prod.outlook.com]",
        ..CAREFUL
    };
    check("Microsoft 365", &report(zone, &server, None), Grade::B);
}

#[test]
fn behind_proofpoint() {
    let zone = "
        example.org MX 10 mx0a-00112233.pphosted.com
        example.org MX 10 mx0b-00112233.pphosted.com
        example.org TXT v=spf1 include:spf-00112233.pphosted.com -all
        _dmarc.example.org TXT v=DMARC1; p=reject; rua=mailto:dmarc@example.org
        mx0a-00112233.pphosted.com A 148.163.149.1
        mx0b-00112233.pphosted.com A 148.163.145.1
        1.149.163.148.in-addr.arpa PTR mx0a-00112233.pphosted.com
        1.145.163.148.in-addr.arpa PTR mx0b-00112233.pphosted.com
        m0112233.ppops.net A 148.163.149.9
        spf-00112233.pphosted.com TXT v=spf1 ip4:148.163.149.0/24 ip4:148.163.145.0/24 exists:%{i}.spf.hc112233-77.iphmx.com -all";
    let unknown = "550 5.1.1 User Unknown";
    let server = Server {
        greeting: "220 mx0a-00112233.pphosted.com ESMTP mfa-m0112233",
        ehlo: "250-mx0a-00112233.pphosted.com Hello probe.probe.example [198.41.9.9], pleased to meet you\n250-ENHANCEDSTATUSCODES\n250-PIPELINING\n250-8BITMIME\n250-SIZE 104857600\n250 STARTTLS",
        help: "502 5.3.0 Proofpoint protection: help is not available",
        auth: "503 5.3.3 AUTH mechanism PLAIN not available",
        bare: unknown,
        control: unknown,
        relay: "550 5.7.1 Relaying denied",
        ..CAREFUL
    };
    check("Proofpoint", &report(zone, &server, None), Grade::B);
}

#[test]
fn behind_mimecast() {
    let zone = "
        example.org MX 10 eu-smtp-inbound-1.mimecast.com
        example.org TXT v=spf1 include:eu._netblocks.mimecast.com ~all
        _dmarc.example.org TXT v=DMARC1; p=quarantine
        eu-smtp-inbound-1.mimecast.com A 195.130.217.211
        211.217.130.195.in-addr.arpa PTR eu-smtp-inbound-1.mimecast.com
        relay.mimecast.com A 195.130.217.1
        eu._netblocks.mimecast.com TXT v=spf1 ip4:195.130.217.0/24 ip4:91.220.42.0/24 ip4:146.101.78.0/24 ip4:207.82.80.0/24 ip4:213.167.81.0/25 ip4:213.167.75.0/25 ip4:185.58.85.0/24 ~all";
    let server = Server {
        greeting: "220 relay.mimecast.com ESMTP; Tue, 24 Nov 2026 10:11:12 +0000",
        ehlo: "250-relay.mimecast.com Hello [198.41.9.9]\n250-STARTTLS\n250 HELP",
        help: "214 2.0.0 help",
        auth: "502 Command not implemented",
        bare: "550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550",
        control: "550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550",
        relay: "550 Rejected by header based relay: Relay access denied",
        ..CAREFUL
    };
    check("Mimecast", &report(zone, &server, None), Grade::B);
}

#[test]
fn debian_postfix_and_dovecot() {
    let zone = "
        example.org MX 10 mail.example.org
        example.org TXT v=spf1 mx -all
        _dmarc.example.org TXT v=DMARC1; p=quarantine; rua=mailto:postmaster@example.org
        mail.example.org A 198.41.0.25
        25.0.41.198.in-addr.arpa PTR mail.example.org";
    let server = Server {
        greeting: "220 mail.example.org ESMTP Postfix (Debian)",
        ehlo: "250-mail.example.org\n250-PIPELINING\n250-SIZE 10240000\n250-VRFY\n250-ETRN\n250-STARTTLS\n250-ENHANCEDSTATUSCODES\n250-8BITMIME\n250-DSN\n250-SMTPUTF8\n250 CHUNKING",
        ..CAREFUL
    };
    let submission = Server { auth: "530 5.7.0 Must issue a STARTTLS command first", ..server };
    check("Debian", &report(zone, &server, Some(&submission)), Grade::A);
}
