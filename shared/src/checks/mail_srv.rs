//! # mail-srv
//!
//! **Objective.** Mail programs that look servers up in DNS find them, and those with TLS from the
//! start first.
//!
//! **Evidence.** The SRV answers at `_submissions`, `_submission`, `_imaps`, `_imap`, `_pop3s`,
//! `_pop3`, `_sieve` and `_autodiscover` under `_tcp` of the domain, the addresses of their targets,
//! and of a made-up service, so that a wildcard does not count. Of each service the two most
//! preferred records are looked at. Also the document of autoconfig, by HTTPS at `autoconfig.` below the domain and at the
//! domain itself (`/.well-known/autoconfig/`), where these names have addresses, and not by a wildcard. Domains that take no mail are no
//! subject.
//!
//! The documents of Autodiscover are not asked for: they are answers to POST with a mail address in it, or stand behind a login,
//! and we send neither. What DNS has of it is looked at: here, and whether the name leads to nowhere (`dangling`).
//!
//! **Outcomes.**
//! - `clear-preferred`: a service that starts in the clear has a lower priority value than the same
//!   with TLS from the start, so programs take it first. Venial.
//! - `autoconfig-plain`: the first server of a sort in the document has no TLS, and programs take the first. Venial.
//! - `unresolved`: a target has no address. Venial.
//! - `alias`: a target is an alias. A note.
//! - `clear-only`: a service that starts in the clear is named, and the same with TLS from the start
//!   is not. A note.
//! - `sound`: none of these, and at least one server is named.
//! - `absent`: no server is named. A note.
//!
//! **Source.** RFC 6186 section 3, RFC 8314 section 5.1, RFC 2782.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::Target;
use crate::facts::{Facts, SERVICES, Srv};
use crate::inquiry::RecordType;
use crate::syntax::autoconfig::Server;
use crate::{DomainName, Finding, HttpsUrl, Sin};

outcomes! {
    ClearPreferred = "clear-preferred", Venial, "Mail programs are sent to the unencrypted port first",
        "Programs take the record with the lowest priority value first. Here that is a port that starts in the clear, where somebody on the path can suppress the encryption." => PreferTlsSrv;
    AutoconfigPlain = "autoconfig-plain", Venial, "Mail programs are told to send passwords in the clear",
        "The document that sets mail programs up names a server without TLS before all others of its sort, and programs take the first." => TlsInAutoconfig;
    Unresolved = "unresolved", Venial, "An SRV record names a host without an address",
        "Mail programs that look the server up find nothing to connect to." => MendSrv;
    Alias = "alias", Note, "An SRV record names an alias",
        "The target must be a host's own name. Most programs follow the alias, some do not." => MendSrv;
    ClearOnly = "clear-only", Note, "Only the port that starts in the clear is named",
        "Programs are told of the port that starts in the clear, and not of the one with TLS from the start.";
    Sound = "sound", Clean, "Mail programs find the servers",
        "SRV records or autoconfig name the servers, and nothing is wrong with that.";
    Absent = "absent", Note, "Mail programs cannot look the servers up",
        "Neither SRV records nor autoconfig name a server for sending or reading mail, so programs guess, or ask their users.";
}

pub(super) const CHECK: Check = Check {
    id: "mail-srv",
    sin: Sin::PlainTextAuthentication,
    title: "Servers that mail programs look up",
    source: "RFC 6186 section 3, RFC 8314 section 5.1, RFC 2782",
    consent: false,
    outcomes: ROWS,
    judge,
};

/// A service that starts in the clear, and the same with TLS from the start.
const PAIRS: [(&str, &str); 3] = [("_submission", "_submissions"), ("_imap", "_imaps"), ("_pop3", "_pop3s")];

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    if let Err(instead) = CHECK.of_mail_domain(facts) {
        return instead;
    }
    let mut findings = Vec::new();
    let mut unseen = None;
    let mut named = Seen::default();
    for service in SERVICES {
        match facts.srv(service) {
            Ok(records) if records.is_empty() => {}
            Ok(records) => {
                named = named.and(answer(facts, service));
                findings.extend(targets(facts, service, &records));
            }
            Err(why) => unseen = unseen.or(Some(why)),
        }
    }
    match facts.autoconfig_places() {
        Err(why) => unseen = unseen.or(Some(why)),
        Ok(places) => {
            for place in places {
                match facts.autoconfig(&place) {
                    Err(why) => unseen = unseen.or(Some(why)),
                    Ok(servers) => {
                        named = named.and(document(&place, &servers));
                        findings.extend(plain(facts, &place, &servers));
                    }
                }
            }
        }
    }
    findings.extend(PAIRS.into_iter().filter_map(|(clear, tls)| pair(facts, clear, tls)));
    if findings.is_empty() {
        let absent = named.is_empty();
        findings.push(match unseen {
            Some(why) => CHECK.untested(facts, why, &Subject::Domain, named),
            None => CHECK.found(facts, if absent { Outcome::Absent } else { Outcome::Sound }, &Subject::Domain, named),
        });
    }
    findings
}

/// Is the first server of a sort one without TLS?
fn plain(facts: &Facts<'_>, place: &HttpsUrl, servers: &[Server]) -> Option<Finding> {
    let first = |protocol| servers.iter().find(|server| server.protocol == protocol);
    let plain = servers.iter().find(|server| server.plain && first(server.protocol) == Some(server))?;
    let subject = Subject::Name(DomainName::new(place.host()).ok()?);
    let seen = document(place, servers).mark(&line(plain));
    Some(CHECK.found(facts, Outcome::AutoconfigPlain, &subject, seen))
}

/// What a document says, as it is read.
fn document(place: &HttpsUrl, servers: &[Server]) -> Seen {
    if servers.is_empty() {
        return Seen::default();
    }
    let lines: Vec<String> = [place.to_string()].into_iter().chain(servers.iter().map(line)).collect();
    Seen::text(lines.join("\n"))
}

fn line(server: &Server) -> String {
    let tls = if server.plain { "without TLS" } else { "with TLS" };
    format!("{} {} {tls}", server.protocol, server.host)
}

/// Which of the two is preferred. RFC 6186 section 3.4 lets priorities speak across services.
fn pair(facts: &Facts<'_>, clear: &str, tls: &str) -> Option<Finding> {
    let best = |service| facts.srv(service).map(|records| first(&records));
    let subject = Subject::Name(facts.srv_name(clear)?);
    let clear_first = best(clear).ok()??;
    let seen = answer(facts, clear);
    Some(match best(tls) {
        Err(why) => CHECK.untested(facts, why, &subject, seen),
        Ok(None) => CHECK.found(facts, Outcome::ClearOnly, &subject, seen),
        Ok(Some(tls_first)) if clear_first < tls_first => {
            CHECK.found(facts, Outcome::ClearPreferred, &subject, seen.and(answer(facts, tls)))
        }
        Ok(Some(_)) => return None,
    })
}

/// The lowest priority value of records that name a host; RFC 2782: the root says that there is none.
fn first(records: &[Srv<'_>]) -> Option<u16> {
    records.iter().filter(|record| *record.target != Target::Root).map(|record| record.priority).min()
}

/// What is wrong with where the records of a service lead.
fn targets(facts: &Facts<'_>, service: &str, records: &[Srv<'_>]) -> Vec<Finding> {
    let Some(subject) = facts.srv_name(service).map(Subject::Name) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for record in records {
        let Target::Name(name) = record.target else {
            continue;
        };
        let both = [RecordType::A, RecordType::Aaaa].map(|family| facts.dns(name, family));
        let seen = || {
            answer(facts, service).and(
                both.into_iter()
                    .flatten()
                    .next()
                    .map_or(Seen::default(), |answer| Seen::dns(name, RecordType::A, answer)),
            )
        };
        match (facts.addresses(name), both) {
            // RFC 2782: there must be an address record, and the name must not be an alias.
            (Ok(found), [Ok(_), Ok(_)]) if found.is_empty() => {
                findings.push(CHECK.found(facts, Outcome::Unresolved, &subject, seen()));
            }
            (Ok(found), [v4, v6]) if !found.is_empty() => {
                if [v4, v6].into_iter().flatten().any(|answer| !answer.aliases.is_empty()) {
                    findings.push(CHECK.found(facts, Outcome::Alias, &subject, seen()));
                }
            }
            (Err(why), _) | (_, [Err(why), _] | [_, Err(why)]) => {
                findings.push(CHECK.untested(facts, why, &subject, answer(facts, service)));
            }
            _ => {}
        }
    }
    // Two records that fail alike are one fault; the worst of them is told.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
    findings.truncate(1);
    findings
}

fn answer(facts: &Facts<'_>, service: &str) -> Seen {
    let name: Option<DomainName> = facts.srv_name(service);
    let answer = name.as_ref().and_then(|name| facts.dns(name, RecordType::Srv).ok());
    match (&name, answer) {
        (Some(name), Some(answer)) => Seen::dns(name, RecordType::Srv, answer),
        _ => Seen::default(),
    }
}
