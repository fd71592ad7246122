//! Role names, what a server tells of its users, limits, submission without a login, filters in front, and NTLM: one
//! row an outcome.

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
    let zone = Zone::new(&format!("{ZONE}{lines}"));
    let report = run("example.org", &|inquiry: &Inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { port: 25, script, .. } => Ok(server.answer(script)),
        _ => Err(Unseen::Refused),
    });
    let of_check = report.findings.iter().filter(|finding| finding.check == check);
    let mut found: Vec<String> = of_check.map(|finding| format!("{} {}", finding.outcome, finding.verdict)).collect();
    found.sort();
    found
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
