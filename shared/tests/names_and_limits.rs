//! Role names, what a server tells of its users, limits, submission without a login, filters in front, and NTLM: one
//! row an outcome.

#![allow(clippy::indexing_slicing, clippy::unwrap_used)] // a test may fail

mod support;

use shared::{Inquiry, Unseen};
use support::{CAREFUL, Server, Zone, run};

const ZONE: &str = "
    example.org MX 10 mx1.example.org
    example.org TXT v=spf1 mx -all
    example.org NS ns1.example.org
    _dmarc.example.org TXT v=DMARC1; p=reject
    mx1.example.org A 198.41.0.25
    25.0.41.198.in-addr.arpa PTR mx1.example.org
    probe.example MX 10 mx.probe.example
    mx.probe.example A 198.41.9.9
";

/// The findings of a check, `outcome verdict`, sorted: with these lines in the zone, and such a server on port 25.
fn outcomes(check: &str, lines: &str, server: &Server<'_>) -> Vec<String> {
    support::outcomes(check, &format!("{ZONE}{lines}"), server)
}

const NO: &str = "550 5.1.1 User unknown";
const OK: &str = "250 2.1.5 Ok";

fn soa(contact: &str) -> String {
    format!("example.org SOA ns1.example.org {contact} 1 7200 3600 1209600 3600")
}

#[test]
fn role_names() {
    let of = |contact: &str, server: Server<'_>| outcomes("role-names", &soa(contact), &server);
    let usual = "hostmaster.example.org";
    assert_eq!(of(usual, CAREFUL), ["accepted clean"]);
    assert_eq!(outcomes("role-names", "", &CAREFUL), ["accepted clean"], "no zone begins here");
    let without = |at: usize| {
        let mut roles = [OK; 5];
        roles[at] = NO;
        Server { roles, ..CAREFUL }
    };
    assert_eq!(of("dns.provider.example", without(1)), ["refused note"]);
    assert_eq!(of(usual, without(1)), ["contact-refused venial"]);
    assert_eq!(of(usual, without(4)), ["refused note"]);
    assert_eq!(of("first\\.last.example.org", without(0)), ["contact-refused venial"]);
    assert_eq!(of("first\\.last.example.org", without(2)), ["refused note"]);
    assert_eq!(of("first\\.last.example.org", CAREFUL), ["accepted clean"]);
    // At another domain, or a host below this one: others take that mail.
    for elsewhere in ["dns.ns1.example.org", "dns.provider.example", ".", "dns@example.org"] {
        assert_eq!(of(elsewhere, without(0)), ["accepted clean"], "{elsewhere}");
    }
    assert_eq!(of("postmaster.example.org", Server { postmaster: NO, ..CAREFUL }), ["contact-refused venial"]);
    let all = Server { roles: [NO; 5], ..CAREFUL };
    assert_eq!(of("first\\.last.example.org", all), ["contact-refused venial", "refused note"]);
    assert_eq!(of(usual, Server { control: OK, ..CAREFUL }), ["accepts-all untested"]);
    assert_eq!(of(usual, Server { control: "450 4.7.1 Greylisted", ..CAREFUL }), ["try-later untested"]);
    assert_eq!(of(usual, Server { control: "599 ?", ..CAREFUL }), ["unclear-reply untested"]);
    let later = Server { roles: ["450 4.2.0 Later"; 5], ..CAREFUL };
    assert_eq!(of(usual, later), ["try-later untested"]);
    let client = Server { roles: ["550 5.7.1 blocked using bl.example"; 5], ..CAREFUL };
    assert_eq!(of(usual, client), ["client-refused untested"]);
    assert_eq!(of(usual, Server { mail: "550 5.7.1 no", ..CAREFUL }), ["client-refused untested"]);
}

/// RFC 2142 section 2: the names belong to the organization's domain.
#[test]
fn role_names_of_a_subdomain() {
    let lines = "
        mail.example.org MX 10 mx1.example.org
        mail.example.org SOA ns1.example.org dns.mail.example.org 1 7200 3600 1209600 3600
        mail.example.org NS ns1.example.org";
    let of = |roles| {
        let zone = Zone::new(&format!("{ZONE}{lines}"));
        let server = Server { roles, ..CAREFUL };
        let report = run("mail.example.org", &|inquiry: &Inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            Inquiry::Probe { port: 25, script, .. } => Ok(server.answer(script)),
            _ => Err(Unseen::Refused),
        });
        let of_check = report.findings.iter().filter(|finding| finding.check == "role-names");
        of_check.map(|finding| finding.outcome.clone()).collect::<Vec<_>>()
    };
    assert_eq!(of([OK, NO, NO, OK, OK]), Vec::<String>::new());
    assert_eq!(of([NO, NO, OK, OK, OK]), ["contact-refused"]);
}

#[test]
fn user_enumeration() {
    let of = |vrfy, expn| outcomes("user-enumeration", "", &Server { vrfy, expn, ..CAREFUL });
    let (unknown, off) =
        ("550 5.1.1 <x>: Recipient address rejected: User unknown", "502 5.5.1 VRFY command is disabled");
    let both = "252 2.0.0 x";
    assert_eq!(of(["", off], [off, ""]), ["by-recipient note", "silent clean"]);
    assert_eq!(of([both, both], [off, ""]), ["by-recipient note", "silent clean"]);
    assert_eq!(of(["250 x", "250 x"], ["250 x", "250 x"]), ["by-recipient note", "silent clean"]);
    assert_eq!(of([unknown, unknown], [off, ""]), ["by-recipient note", "silent clean"]);
    assert_eq!(of([both, unknown], [off, ""]), ["by-recipient note", "verifies venial"]);
    assert_eq!(of(["250 2.1.5 root <root@x>", both], [off, ""]), ["by-recipient note", "verifies venial"]);
    assert_eq!(of(["250 x", unknown], ["250 2.1.5 root <root@x>", unknown]), ["by-recipient note", "expands mortal"]);
    assert_eq!(of(["", off], ["250 x", ""]), ["by-recipient note", "not-asked untested"]);
    assert_eq!(of(["", unknown], [off, ""]), ["by-recipient note", "not-asked untested"]);
    assert_eq!(of(["", "450 later"], [off, ""]), ["by-recipient note", "try-later untested"]);
    assert_eq!(of(["", ""], [off, ""]), ["by-recipient note", "not-asked untested"]);
    // A refusal of the client is none of the name.
    assert_eq!(
        of([both, "530 5.7.0 Must issue a STARTTLS command first"], [off, ""]),
        ["by-recipient note", "silent clean"]
    );
    // Exim, which knows the bare postmaster without a domain and nobody else.
    let bare = "501 mailsins-0: recipient address must contain a domain";
    assert_eq!(of(["252 Administrative prohibition", bare], [off, ""]), ["by-recipient note", "silent clean"]);
    let takes_all = Server { control: OK, ..CAREFUL };
    assert_eq!(outcomes("user-enumeration", "", &takes_all), ["silent clean"]);
}

#[test]
fn recipient_limit() {
    let of = |limits: &str| {
        let ehlo = format!("250-mx1.example.org\n{limits}250 SIZE 1000000");
        outcomes("recipient-limit", "", &Server { ehlo: &ehlo, ..CAREFUL })
    };
    assert_eq!(of(""), ["needs-consent untested"]);
    assert_eq!(of("250-LIMITS MAILMAX=5\n"), ["needs-consent untested"]);
    assert_eq!(of("250-LIMITS RCPTMAX=0\n"), ["needs-consent untested"]);
    assert_eq!(of("250-LIMITS MAILMAX=5 RCPTMAX=100\n"), ["declared clean"]);
    assert_eq!(of("250-limits rcptmax=99\n"), ["too-low venial"]);
    assert_eq!(of("250-LIMITS RCPTMAX=999\n"), ["declared clean"]);
    assert_eq!(of("250-LIMITS RCPTMAX=50000\n"), ["too-high venial"]);
    assert_eq!(
        outcomes("recipient-limit", "", &Server { greeting: "554 no", ehlo: "550 no", ..CAREFUL }),
        ["client-refused untested"]
    );
}

#[test]
fn inbound_gateway() {
    let zone = Zone::new(&ZONE.replace("mx1.example.org", "mx0a-1.pphosted.com"));
    let report = run("example.org", &|inquiry: &Inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
        _ => Err(Unseen::Refused),
    });
    let found: Vec<_> = report.findings.iter().filter(|finding| finding.check == "inbound-gateway").collect();
    assert_eq!(
        found.iter().map(|finding| finding.title.as_str()).collect::<Vec<_>>(),
        ["Incoming mail passes Proofpoint"]
    );
    assert_eq!(found[0].seen, "MX mx0a-1.pphosted.com");
    assert_eq!(outcomes("inbound-gateway", "", &CAREFUL), ["needs-consent untested"]);
    let says = Server { greeting: "220 mx1.example.org ESMTP (Barracuda/1)", ..CAREFUL };
    assert_eq!(outcomes("inbound-gateway", "", &says), ["recognised note"]);
}

#[test]
fn submission_without_a_login() {
    let of = |check: &str, server: Server<'_>| {
        let zone = Zone::new(ZONE);
        let report = run("example.org", &|inquiry: &Inquiry| match inquiry {
            Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
            Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
            Inquiry::Probe { port: 587, script, .. } => Ok(server.answer(script)),
            Inquiry::Probe { port: 465, .. } => Ok(support::smtp_in_tls(&server)),
            _ => Err(Unseen::Refused),
        });
        let at = |finding: &&shared::Finding| finding.check == check && !finding.subject.ends_with("port 25");
        let mut found: Vec<String> = report.findings.iter().filter(at).map(|f| f.outcome.clone()).collect();
        found.sort();
        found
    };
    let auth = |submission| of("submission-auth", Server { submission, ..CAREFUL });
    assert_eq!(auth(CAREFUL.submission), ["refused", "refused"]);
    assert_eq!(auth("530 5.7.0 Authentication required"), ["refused", "refused"]);
    assert_eq!(auth("550 5.7.1 Relaying denied"), ["refused", "refused"]);
    assert_eq!(auth(OK), ["taken", "taken"]);
    assert_eq!(auth(NO), ["unclear-reply", "unclear-reply"]);
    assert_eq!(auth("550 5.7.1 blocked using bl.example"), ["client-refused", "client-refused"]);
    assert_eq!(auth("450 4.7.1 Greylisted"), ["try-later", "try-later"]);
    let mail = "530 5.7.0 Authentication required";
    assert_eq!(of("submission-auth", Server { mail, ..CAREFUL }), ["refused", "refused"]);
    // It took a foreign recipient, whatever it said of postmaster.
    assert_eq!(of("submission-auth", Server { submission: NO, relay: OK, ..CAREFUL }), ["taken", "taken"]);

    let relay = |server| of("open-relay", server);
    assert_eq!(relay(CAREFUL), Vec::<String>::new());
    assert_eq!(relay(Server { submission: OK, ..CAREFUL }), ["refuses", "refuses"]);
    assert_eq!(relay(Server { submission: OK, relay: OK, ..CAREFUL }), ["relays", "relays"]);
    assert_eq!(relay(Server { submission: NO, relay: OK, ..CAREFUL }), ["relays", "relays"]);
    assert_eq!(relay(Server { submission: OK, relay: OK, control: OK, ..CAREFUL }), Vec::<String>::new());
}

#[test]
fn ntlm_disclosure() {
    let offers = "250-mx1.example.org\n250-AUTH NTLM\n250 SIZE 1000000";
    let of = |ehlo, ntlm| outcomes("ntlm-disclosure", "", &Server { ehlo, ntlm, ..CAREFUL });
    let told = "334 TlRMTVNTUAACAAAACAAIADgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABwAHABAAAAAAAAAAAAAAABDAE8AUgBQAAIACABDAE8AUgBQAAEACABFAFgAMAAxAAAAAAA=";
    let empty = "334 TlRMTVNTUAACAAAAAAAAADgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQABAA4AAAAAAAAAAAAAAAAAAAA";
    assert_eq!(of(CAREFUL.ehlo, ["", ""]), ["none clean"]);
    assert_eq!(of(offers, ["334 NTLM supported", told]), ["discloses mortal"]);
    assert_eq!(of(offers, ["334 ", empty]), ["silent clean"]);
    assert_eq!(of(offers, ["334 ", "535 5.7.3 no"]), ["silent clean"]);
    assert_eq!(of(offers, ["334 ", "334 bm9uc2Vuc2U="]), ["unclear-reply untested"]);
    assert_eq!(of(offers, ["504 5.7.4 Unrecognized authentication type", ""]), ["silent clean"]);
    assert_eq!(of(offers, ["334 ", ""]), ["not-asked untested"]);
    assert_eq!(of(offers, ["", ""]), ["not-asked untested"]);
    assert_eq!(of(offers, ["454 later", ""]), ["try-later untested"]);
    let no_tls = Server { tls: support::Encryption::Fails(shared::evidence::TlsFault::Closed), ..CAREFUL };
    assert_eq!(outcomes("ntlm-disclosure", "", &no_tls), ["no-tls untested"]);

    // The report does not tell the names again.
    let zone = Zone::new(ZONE);
    let server = Server { ehlo: offers, ntlm: ["334 ", told], ..CAREFUL };
    let report = run("example.org", &|inquiry: &Inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(server.answer(script)),
        _ => Err(Unseen::Refused),
    });
    let finding = report.findings.iter().find(|finding| finding.check == "ntlm-disclosure").unwrap();
    assert_eq!(finding.seen, "name: C… (4 characters)\nname: E… (4 characters)");
}
