//! Linters over records as the world publishes them, and over junk.

#![allow(clippy::disallowed_methods, reason = "a test of how long it takes has a clock")]

use std::time::{Duration, Instant};

use shared::Verdict;
use shared::lint::{Kind, TEXT_MAX, lint};

/// Records of the shapes that large providers and their customers publish: none has a fault.
const SHAPES: &[(Kind, &str)] = &[
    (Kind::Spf, "v=spf1 redirect=_spf.google.com"),
    (Kind::Spf, "v=spf1 include:_spf.google.com ~all"),
    (
        Kind::Spf,
        "v=spf1 include:_netblocks.google.com include:_netblocks2.google.com include:_netblocks3.google.com ~all",
    ),
    (
        Kind::Spf,
        "v=spf1 ip4:35.190.247.0/24 ip4:64.233.160.0/19 ip4:66.102.0.0/20 ip4:66.249.80.0/20 ip4:72.14.192.0/18 ip4:74.125.0.0/16 ip4:108.177.8.0/21 ip4:173.194.0.0/16 ip4:209.85.128.0/17 ip4:216.58.192.0/19 ip4:216.239.32.0/19 ~all",
    ),
    (
        Kind::Spf,
        "v=spf1 ip6:2001:4860:4000::/36 ip6:2404:6800:4000::/36 ip6:2607:f8b0:4000::/36 ip6:2800:3f0:4000::/36 ip6:2a00:1450:4000::/36 ip6:2c0f:fb50:4000::/36 ~all",
    ),
    (Kind::Spf, "v=spf1 include:spf.protection.outlook.com -all"),
    (
        Kind::Spf,
        "v=spf1 ip4:40.92.0.0/15 ip4:40.107.0.0/16 ip4:52.100.0.0/15 ip4:52.102.0.0/16 ip4:52.103.0.0/17 ip4:104.47.0.0/17 ip6:2a01:111:f400::/48 ip6:2a01:111:f403::/49 include:spfd.protection.outlook.com -all",
    ),
    (
        Kind::Spf,
        "v=spf1 include:_spf-a.microsoft.com include:_spf-b.microsoft.com include:_spf-c.microsoft.com include:_spf-ssg-a.msft.net include:spf-a.hotmail.com include:_spf1-meo.microsoft.com -all",
    ),
    (
        Kind::Spf,
        "v=spf1 include:spf.mandrillapp.com include:servers.mcsv.net include:mail.zendesk.com include:sendgrid.net ~all",
    ),
    (Kind::Spf, "v=spf1 include:amazonses.com -all"),
    (Kind::Spf, "v=spf1 exists:%{i}._spf.mta.salesforce.com -all"),
    (Kind::Spf, "v=spf1 include:%{i}._ip.%{h}._ehlo.%{d}._spf.vali.email ~all"),
    (Kind::Spf, "v=spf1 include:%{ir}.%{v}.%{d}.spf.has.pphosted.com ~all"),
    (Kind::Spf, "v=spf1 exists:%{i}.spf.hc0000-00.iphmx.com ip4:192.0.2.0/24 -all"),
    (Kind::Spf, "v=spf1 a mx include:mx.ovh.com ~all"),
    (Kind::Spf, "v=spf1 include:spf.messagingengine.com ?include:spf.example.net -all"),
    (Kind::Spf, "v=spf1 +a +mx +ip4:192.0.2.10 ~all"),
    (Kind::Spf, "v=spf1 a:mail.example.org/28 mx:example.org//64 ip4:192.0.2.1/32  -all"),
    (Kind::Spf, "v=spf1 mx a:smtp.example.org. -all exp=explain._spf.%{d}"),
    (Kind::Spf, "v=spf1 -all"),
    (
        Kind::Spf,
        "\"v=spf1 include:spf.protection.outlook.com include:_spf.salesforce.com include:mail.zend\" \"esk.com -all\"",
    ),
    (Kind::Dmarc, "v=DMARC1; p=reject; rua=mailto:mailauth-reports@google.com"),
    (Kind::Dmarc, "v=DMARC1; p=none; sp=quarantine; rua=mailto:mailauth-reports@google.com"),
    (
        Kind::Dmarc,
        "v=DMARC1; p=reject; pct=100; rua=mailto:itex-rua@microsoft.com; ruf=mailto:itex-ruf@microsoft.com; fo=1",
    ),
    (Kind::Dmarc, "v=DMARC1; p=reject; pct=100; rua=mailto:d@rua.agari.com; ruf=mailto:d@ruf.agari.com;"),
    (
        Kind::Dmarc,
        "v=DMARC1;p=reject;pct=100;ri=3600;fo=1;rua=mailto:dmarc_agg@vali.email,mailto:a-b+c@dmarc.example.net",
    ),
    (Kind::Dmarc, "v=DMARC1;  p = quarantine ; sp=none;adkim=r;aspf=r; fo=0:1:d:s; rf=afrf; ri=86400"),
    (Kind::Dmarc, "V=DMARC1; P=None; RUA=MAILTO:postmaster@example.org"),
    (Kind::Dmarc, "v=DMARC1; p=none; rua=mailto:abc123@ag.eu.dmarcian.example!10m, mailto:0f3a@rep.example.net;"),
    (Kind::Dmarc, "v=DMARC1; p=reject; np=reject; psd=n; t=n"),
    (Kind::TlsRpt, "v=TLSRPTv1;rua=mailto:sts-reports@google.com"),
    (Kind::TlsRpt, "v=TLSRPTv1;rua=https://tlsrpt.azurewebsites.net/report"),
    (Kind::TlsRpt, "v=TLSRPTv1; rua=mailto:tls@example.org,https://r.example.net/v1/tls?d=example.org;"),
    (Kind::TlsRpt, "v=TLSRPTv1 ; rua = mailto:tls@example.org"),
    (
        Kind::Bimi,
        "v=BIMI1; l=https://amplify.valimail.com/bimi/time-warner/yV3KRIg4nJW-cnn.svg; a=https://amplify.valimail.com/bimi/time-warner/yV3KRIg4nJW-cnn.pem",
    ),
    (Kind::Bimi, "v=BIMI1;l=https://example.org/logo.svg;a="),
    (Kind::Bimi, "v=BIMI1; l=https://example.org/logo.svg"),
    (Kind::Bimi, "v=BIMI1; l=https://example.org/logo.svg; a=self;"),
    (Kind::Bimi, "v=BIMI1; l=; a=;"),
    (
        Kind::Bimi,
        "v=BIMI1; avp=brand; lps=news,shop; l=https://example.org/logo.svg?v=2; a=https://example.org/vmc.pem;",
    ),
    (
        Kind::Dkim,
        "\"v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsc7I7G24BhW7aUWCKF4glKo9mcpHMYLtUoOgC0F6jtpGQcD/4FsTkJDlzC1XPiMRGZYKqbcN8mSFT72/FqfJS0LB4tSlgTij3FhzKJghAGHZOnzSaDgaFdQ0d2j5M6VLnwpANhuFG7t6pbrSJ6mbWyq9KHaHEkQ7ppANkLPN5dpsOGKJtYRqOjDCCR\" \"G/XOVt6SI5gDxQDJUnLbf0YoYJHQ7pLqIRyeHqf2acxEKRU1g9JXDMo3Z9xpcdsiqCXJspBc90RTe+j4UwK3HnURQo+KAjrATVYLbV1tZY7y8zEIBfhdo01hv1FNbzyQ1cAcaO4q310+zSa778EI7+fKPdswIDAQAB\"",
    ),
    (
        Kind::Dkim,
        "google._domainkey IN TXT ( \"v=DKIM1; k=rsa; \" \"p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsc7I7G24BhW7aUWCKF4glKo9mcpHMYLtUoOgC0F6jtpGQcD/4FsTkJDlzC1XPiMRGZYKqbcN8mSFT72/FqfJS0LB4tSlgTij3FhzKJghAGHZOnzSaDgaFdQ0d2j5M6VLnwpANhuFG7t6pbrSJ6mbWyq9KHaHEkQ7ppANkLPN5dpsOGKJtYRqOjDCCR\" \"G/XOVt6SI5gDxQDJUnLbf0YoYJHQ7pLqIRyeHqf2acxEKRU1g9JXDMo3Z9xpcdsiqCXJspBc90RTe+j4UwK3HnURQo+KAjrATVYLbV1tZY7y8zEIBfhdo01hv1FNbzyQ1cAcaO4q310+zSa778EI7+fKPdswIDAQAB\" )",
    ),
    (
        Kind::Dkim,
        "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsc7I7G24BhW7aUWCKF4glKo9mcpHMYLtUoOgC0F6jtpGQcD/4FsTkJDlzC1XPiMRGZYKqbcN8mSFT72/FqfJS0LB4tSlgTij3FhzKJghAGHZOnzSaDgaFdQ0d2j5M6VLnwpANhuFG7t6pbrSJ6mbWyq9KHaHEkQ7ppANkLPN5dpsOGKJtYRqOjDCCRG/XOVt6SI5gDxQDJUnLbf0YoYJHQ7pLqIRyeHqf2acxEKRU1g9JXDMo3Z9xpcdsiqCXJspBc90RTe+j4UwK3HnURQo+KAjrATVYLbV1tZY7y8zEIBfhdo01hv1FNbzyQ1cAcaO4q310+zSa778EI7+fKPdswIDAQAB;",
    ),
    (
        Kind::Dkim,
        "k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsc7I7G24BhW7aUWCKF4glKo9mcpHMYLtUoOgC0F6jtpGQcD/4FsTkJDlzC1XPiMRGZYKqbcN8mSFT72/FqfJS0LB4tSlgTij3FhzKJghAGHZOnzSaDgaFdQ0d2j5M6VLnwpANhuFG7t6pbrSJ6mbWyq9KHaHEkQ7ppANkLPN5dpsOGKJtYRqOjDCCRG/XOVt6SI5gDxQDJUnLbf0YoYJHQ7pLqIRyeHqf2acxEKRU1g9JXDMo3Z9xpcdsiqCXJspBc90RTe+j4UwK3HnURQo+KAjrATVYLbV1tZY7y8zEIBfhdo01hv1FNbzyQ1cAcaO4q310+zSa778EI7+fKPdswIDAQAB",
    ),
    (
        Kind::Dkim,
        "p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsc7I7G24BhW7aUWCKF4glKo9mcpHMYLtUoOgC0F6jtpGQcD/4FsTkJDlzC1XPiMRGZYKqbcN8mSFT72/FqfJS0LB4tSlgTij3FhzKJghAGHZOnzSaDgaFdQ0d2j5M6VLnwpANhuFG7t6pbrSJ6mbWyq9KHaHEkQ7ppANkLPN5dpsOGKJtYRqOjDCCRG/XOVt6SI5gDxQDJUnLbf0YoYJHQ7pLqIRyeHqf2acxEKRU1g9JXDMo3Z9xpcdsiqCXJspBc90RTe+j4UwK3HnURQo+KAjrATVYLbV1tZY7y8zEIBfhdo01hv1FNbzyQ1cAcaO4q310+zSa778EI7+fKPdswIDAQAB",
    ),
    (
        Kind::Dkim,
        "v=DKIM1;k=rsa;t=s;s=email;h=sha256;n=Contact postmaster;p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsc7I7G24BhW7aUWCKF4glKo9mcpHMYLtUoOgC0F6jtpGQcD/4FsTkJDlzC1XPiMRGZYKqbcN8mSFT72/FqfJS0LB4tSlgTij3FhzKJghAGHZOnzSaDgaFdQ0d2j5M6VLnwpANhuFG7t6pbrSJ6mbWyq9KHaHEkQ7ppANkLPN5dpsOGKJtYRqOjDCCRG/XOVt6SI5gDxQDJUnLbf0YoYJHQ7pLqIRyeHqf2acxEKRU1g9JXDMo3Z9xpcdsiqCXJspBc90RTe+j4UwK3HnURQo+KAjrATVYLbV1tZY7y8zEIBfhdo01hv1FNbzyQ1cAcaO4q310+zSa778EI7+fKPdswIDAQAB",
    ),
    (
        Kind::Dkim,
        "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsc7I7G24BhW7aUWCKF4g lKo9mcpHMYLtUoOgC0F6jtpGQcD/4FsTkJDlzC1XPiMRGZYKqbcN8mSFT72/FqfJ\tS0LB4tSlgTij3FhzKJghAGHZOnzSaDgaFdQ0d2j5M6VLnwpANhuFG7t6pbrSJ6mbWyq9KHaHEkQ7ppANkLPN5dpsOGKJtYRqOjDCCRG/XOVt6SI5gDxQDJUnLbf0YoYJHQ7pLqIRyeHqf2acxEKRU1g9JXDMo3Z9xpcdsiqCXJspBc90RTe+j4UwK3HnURQo+KAjrATVYLbV1tZY7y8zEIBfhdo01hv1FNbzyQ1cAcaO4q310+zSa778EI7+fKPdswIDAQAB",
    ),
    (Kind::Dkim, "v=DKIM1; k=ed25519; p=o4dWpPGqhPIK+MBJqg0rWS/TOtur2AU5IyG077d6sn4="),
    (Kind::Dkim, "v=DKIM1; k=rsa; t=s; p="),
    (
        Kind::Dkim,
        "\"v=DKIM1\\; k=rsa\\; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsc7I7G24BhW7aUWCKF4glKo9mcpHMYLtUoOgC0F6jtpGQcD/4FsTkJDlzC1XPiMRGZYKqbcN8mSFT72/FqfJS0LB4tSlgTij3FhzKJghAGHZOnzSaDgaFdQ0d2j5M6VLnwpANhuFG7t6pbrSJ6mbWyq9KHaHEkQ7ppANkLPN5dpsOGKJtYRqOjDCCR\" \"G/XOVt6SI5gDxQDJUnLbf0YoYJHQ7pLqIRyeHqf2acxEKRU1g9JXDMo3Z9xpcdsiqCXJspBc90RTe+j4UwK3HnURQo+KAjrATVYLbV1tZY7y8zEIBfhdo01hv1FNbzyQ1cAcaO4q310+zSa778EI7+fKPdswIDAQAB\"",
    ),
    (Kind::MtaStsTxt, "v=STSv1; id=20210803T010101;"),
    (Kind::MtaStsTxt, "v=STSv1; id=20190429T010101;"),
    (
        Kind::MtaStsPolicy,
        "version: STSv1\nmode: enforce\nmx: gmail-smtp-in.l.google.com\nmx: *.gmail-smtp-in.l.google.com\nmax_age: 86400\n",
    ),
    (Kind::MtaStsPolicy, "version: STSv1\r\nmode: enforce\r\nmx: *.mail.protection.outlook.com\r\nmax_age: 604800"),
    (Kind::Tlsa, "3 1 1 5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A"),
    (Kind::Tlsa, "2 0 1 c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3"),
];

#[test]
fn what_the_world_publishes_has_no_fault() {
    for (kind, text) in SHAPES {
        let lint = lint(*kind, text);
        assert!(matches!(lint.verdict, Verdict::Clean | Verdict::Note), "{text}: {lint:#?}");
    }
}

/// Bits of which junk is made: 64 KB of each, and of each behind what makes a parser go on.
const JUNK: &[&str] = &[
    ";",
    " ",
    "%",
    "%{",
    "%{i",
    "%{}",
    "\"",
    "\"\" ",
    "“",
    "ü",
    "\u{202e}",
    "\0",
    "\n",
    "=",
    "a=b;",
    "aa=;",
    "p=x;",
    ",",
    "mailto:",
    "mailto:a@b.test,",
    "rua=,",
    "a ",
    "a:",
    "include:a.test ",
    "x=%{i} ",
    "a/",
    "//",
    "ip4:1.2.3.4/",
    "all ",
    "-all v=spf1 ",
    "\\1",
    "\\",
    "!",
    "@",
    ".",
    "a.",
    "https://,",
    "(",
    ")",
    "\\x80",
    "redirect=a.test ",
    "v=DMARC1;",
    "v=DMARC1,",
    "\"v=spf1 a\" ",
    "Postfix ",
    "Postfix 1.2 ",
    "Foo Mail Server ",
    "Foo 1.2.3 ",
    "a@b.local ",
    "10.0.0.1 ",
    "Hello [10.1.2.3] ",
    "1.",
    "v1",
    "-1.2",
    "/1.2.3",
    "mail.corp ",
    "built Jul 1 2010 ",
    "\"name\" \"Foo 1.2\" ",
    "\"environment\" \"Foo 1.2\" ",
    "NIL ",
    "TlRMTVNTUAACAAAA",
    "[AAAA",
    "\\r\\n",
    "220-Foo\n",
    "\u{130} ",
];

#[test]
fn junk_is_read_in_linear_time() {
    let work = |kind: Kind, text: &str| {
        let began = Instant::now();
        let lint = lint(kind, text);
        for pair in lint.faults.windows(2) {
            assert!(pair[0] <= pair[1], "{kind:?}: in order");
        }
        for fault in &lint.faults {
            assert!(text.get(fault.start..fault.end).is_some(), "{kind:?} {fault:?}: not a place");
        }
        began.elapsed()
    };
    let heads = |kind| match kind {
        Kind::Spf => ["", "v=spf1 ", "\"v=spf1 "],
        Kind::Dmarc => ["", "v=DMARC1; p=none; rua=", "\"v=DMARC1; p=none\" \""],
        Kind::TlsRpt => ["", "v=TLSRPTv1; rua=", "\"v=TLSRPTv1;"],
        Kind::Dkim => ["", "v=DKIM1; p=", "\"v=DKIM1; k=rsa;"],
        Kind::MtaStsTxt => ["", "v=STSv1; id=", "\"v=STSv1;"],
        Kind::MtaStsPolicy => ["", "version: STSv1\n", "mx: "],
        Kind::Tlsa => ["", "3 1 1 ", "IN TLSA 3 1 1 ("],
        Kind::Bimi => ["", "v=BIMI1; l=https://", "\"v=BIMI1;"],
        Kind::Consent => ["", "v=mailsins1; allow=", "\"v=mailsins1;"],
        Kind::SmtpBanner => ["", "220 mx.example.org ESMTP Postfix ", "334 TlRMTVNTUAACAAAA"],
        Kind::ImapBanner => ["", "* OK [CAPABILITY IMAP4rev1 ", "* ID (\"name\" "],
        Kind::Pop3Banner => ["", "+OK Foo ", "IMPLEMENTATION "],
    };
    for kind in Kind::ALL {
        for (head, junk) in heads(*kind).iter().flat_map(|head| JUNK.iter().map(move |junk| (head, junk))) {
            let mut text = head.to_string();
            while text.len() + junk.len() <= TEXT_MAX {
                text.push_str(junk);
            }
            let took = work(*kind, &text);
            // Quadratic work on 64 KB is billions of steps; linear work takes milliseconds.
            assert!(took < Duration::from_secs(2), "{kind:?} {head:?} {junk:?}: {took:?}");
        }
    }
}
