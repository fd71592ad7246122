//! # bimi
//!
//! **Objective.** Who asks receivers to show its logo gives them one that they can show.
//!
//! **Evidence.** The TXT records at `default._bimi.` of a domain with mail, or where its DMARC record stands, if that is a
//! parent's; the logo and the certificate at the addresses that the one record names, without following redirects; the DMARC
//! policy. Whether the drawing is the owner's mark cannot be seen. Of the certificate its dates, its names and whether it
//! is one for logos are looked at; not who signed it, nor whether the logo in it is the one at the other address.
//!
//! **Outcomes.**
//! - `shown`: one record, a logo of the profile SVG Tiny PS, and DMARC enforced.
//! - `absent`: no record. A note.
//! - `declined`: the record says that no logo is to be shown. A note.
//! - `several`: more than one record, so that receivers use none. Venial.
//! - `record`: the record is not as it must be. Venial.
//! - `not-enforced`: a record, but receivers show logos only where DMARC says quarantine or reject. Venial.
//! - `unavailable`: a status that is not 200, or a host without a public address or with a bad certificate. Venial.
//! - `unavailable-to-us`: the logo's host does not give it to us now (401, 403, 408, 429, 5xx, or a certificate or TLS that
//!   others may trust); it may to others. Venial, suspected.
//! - `redirect`: the logo's address leads elsewhere, where we do not go. A note.
//! - `logo`: what stands there is not a logo of the profile. Venial.
//! - `logo-advice`: the logo is larger than 32 KB, or not square. A note.
//! - `certified`: a certificate for logos, within its dates, that names the domain.
//! - `no-certificate`: the record names none. A note.
//! - `certificate`: what stands at its address is no certificate in PEM, or it is past its dates, for other domains only, or
//!   not one for logos. Venial.
//! - `certificate-unavailable`, `certificate-unavailable-to-us`: as with the logo. Venial, the latter suspected.
//!
//! **Source.** The drafts brand-indicators-for-message-identification and svg-tiny-ps-abrotman; for the certificate
//! draft-fetch-validation-vmc-wchuang.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{FetchFault, Fetched};
use crate::facts::{Facts, Published};
use crate::inquiry::RecordType;
use crate::lint::{self, Kind};
use crate::report::timestamp;
use crate::syntax::dmarc::Policy;
use crate::syntax::{Fault, bimi, svg};
use crate::{DomainName, Finding, HttpsUrl, Sin, Unseen, Verdict};

/// How much of a logo is shown, in characters.
const SHOWN_MAX: usize = 2_000;

/// How many names of a certificate are shown.
const NAMES_SHOWN: usize = 8;

/// How many faults are shown in words.
const WORDS_MAX: usize = 5;

outcomes! {
    Shown = "shown", Clean, "Receivers can show the logo",
        "Receivers that know BIMI find a logo that they can show beside this domain's mail.";
    Absent = "absent", Note, "No logo for mail",
        "With BIMI, some receivers show a domain's logo beside mail that passes DMARC. It is a matter of taste.";
    Declined = "declined", Note, "No logo is to be shown",
        "The record says in so many words that receivers are to show none.";
    Several = "several", Venial, "More than one BIMI record",
        "With two records receivers act as if there were none." => BimiRecord;
    Record = "record", Venial, "The BIMI record is faulty",
        "Receivers pass over a record that is not as it must be, and show no logo." => BimiRecord;
    NotEnforced = "not-enforced", Venial, "BIMI without an enforced DMARC policy",
        "Receivers show a logo only for domains whose DMARC policy says quarantine or reject, for all of their mail." => EnforceDmarc;
    Unavailable = "unavailable", Venial, "The logo cannot be fetched",
        "The record names a logo, but at its address there is none." => BimiLogo;
    UnavailableToUs = "unavailable-to-us", Venial suspected, "The logo is not given out",
        "The logo's host did not hand it to us. If receivers fare alike, they show none." => BimiLogo;
    Redirect = "redirect", Note, "An address in the BIMI record leads elsewhere",
        "We do not follow redirects, and not every receiver does. Name the address where the document stands.";
    Logo = "logo", Venial, "The logo is not SVG Tiny PS",
        "Receivers show only logos of the profile SVG Tiny Portable/Secure, which cannot run, move or fetch anything." => BimiLogo;
    LogoAdvice = "logo-advice", Note, "The logo could be better",
        "Logos should be square and have no more than 32 KB; some receivers cut off or skip others.";
    Certified = "certified", Clean, "A certificate vouches for the logo",
        "It is one for logos, within its dates, and names this domain. Receivers check who signed it; we do not.";
    NoCertificate = "no-certificate", Note, "No certificate for the logo",
        "Some receivers show a logo only with a certificate that somebody has checked whose mark it is. They cost money; others do without.";
    Certificate = "certificate", Venial, "The logo's certificate is of no use",
        "Receivers that ask for a certificate show no logo with this one." => BimiCertificate;
    CertificateUnavailable = "certificate-unavailable", Venial, "The logo's certificate cannot be fetched",
        "The record names a certificate, but at its address there is none. Receivers may show no logo then." => BimiCertificate;
    CertificateUnavailableToUs = "certificate-unavailable-to-us", Venial suspected, "The logo's certificate is not given out",
        "Its host did not hand it to us. If receivers fare alike, they may show no logo." => BimiCertificate;
}

pub(super) const CHECK: Check = Check {
    id: "bimi",
    sin: Sin::DnsErrors,
    title: "The logo for mail (BIMI)",
    source: "draft-brand-indicators-for-message-identification; draft-svg-tiny-ps-abrotman; draft-fetch-validation-vmc-wchuang",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let untested = |why, seen| vec![CHECK.untested(facts, why, &Subject::Domain, seen)];
    match facts.exists() {
        Ok(true) if !facts.is_parked() => {}
        Ok(_) => return Vec::new(),
        Err(why) => return untested(why, Seen::default()),
    }
    let (name, answer) = match facts.bimi() {
        Ok(Some(found)) => found,
        Ok(None) => return Vec::new(),
        Err(why) => return untested(why, Seen::default()),
    };
    let found = |outcome, seen| vec![CHECK.found(facts, outcome, &Subject::Domain, seen)];
    let records = bimi::records(answer);
    let text = match records.as_slice() {
        [text] => text,
        [] => return found(Outcome::Absent, Seen::dns(&name, RecordType::Txt, answer)),
        _ => return found(Outcome::Several, Seen::dns(&name, RecordType::Txt, answer)),
    };
    let faults = bimi::faults(text);
    let seen = record(&name, text, &faults);
    if faults.iter().any(|fault| lint::verdict(Kind::Bimi, fault.code) >= Verdict::Venial) {
        return found(Outcome::Record, seen);
    }
    let Some(address) = bimi::logo(text) else {
        return found(Outcome::Declined, seen);
    };
    let mut findings = Vec::new();
    let policy = facts.dmarc().ok().flatten();
    let enforces =
        |policy: &Published| matches!(policy.policy_for(facts.domain()), Some(Ok(policy)) if *policy > Policy::None);
    if !policy.as_ref().is_some_and(enforces) {
        let policy = policy.map(|dmarc| Seen::txt(&format!("_dmarc.{}", dmarc.at), &dmarc.text, []));
        findings.extend(found(Outcome::NotEnforced, seen.clone().and(policy.unwrap_or_default())));
    }
    findings.extend(match HttpsUrl::new(&address) {
        Ok(url) => logo(facts, &url, &seen),
        // An address that we do not go to, such as one with a port, may be good all the same.
        Err(_) => untested(Unseen::NoBase, seen.clone()),
    });
    // One word for all that is well, not beside what is not.
    if findings.len() > 1 {
        findings.retain(|finding| finding.verdict != Verdict::Clean);
    }
    let vouched = certificate(facts, text, &seen);
    if vouched.iter().any(|finding| finding.verdict >= Verdict::Venial) {
        findings.retain(|finding| finding.verdict != Verdict::Clean);
    }
    findings.extend(vouched);
    findings
}

/// Findings from what stands at the address of the certificate.
fn certificate(facts: &Facts<'_>, text: &str, record: &Seen) -> Vec<Finding> {
    let found = |outcome, seen| vec![CHECK.found(facts, outcome, &Subject::Domain, record.clone().and(seen))];
    let untested = |why, seen| vec![CHECK.untested(facts, why, &Subject::Domain, record.clone().and(seen))];
    let Some(address) = bimi::certificate(text) else {
        return found(Outcome::NoCertificate, Seen::default());
    };
    let Ok(url) = HttpsUrl::new(&address) else {
        return untested(Unseen::NoBase, Seen::default());
    };
    let response = match facts.fetched(&url) {
        Err(why) => return untested(why, Seen::text(url.as_str())),
        Ok(Err(fault)) => {
            let outcome = match unfetched(fault) {
                Outcome::UnavailableToUs => Outcome::CertificateUnavailableToUs,
                _ => Outcome::CertificateUnavailable,
            };
            return found(outcome, Seen::text(format!("{url}\n{}", fault.sentence())));
        }
        Ok(Ok(response)) => response,
    };
    let head = Seen::text(format!("{url}\n{} {}", response.status, response.media_type));
    match not_ok(response.status) {
        None => {}
        Some(Outcome::Unavailable) => return found(Outcome::CertificateUnavailable, head),
        Some(Outcome::UnavailableToUs) => return found(Outcome::CertificateUnavailableToUs, head),
        Some(other) => return found(other, head),
    }
    let Some(says) = &response.certificate else {
        // One that we cannot read, or that stands behind what we kept, may be good all the same.
        return match response.truncated || response.body.contains("-----BEGIN ") {
            true => untested(Unseen::NoBase, head),
            false => found(Outcome::Certificate, head.and(Seen::text("There is no certificate in PEM here."))),
        };
    };
    let date = |ms: i64| u64::try_from(ms).map_or("before 1970".to_owned(), timestamp);
    let names = says.names.iter().take(NAMES_SHOWN).map(String::as_str).collect::<Vec<_>>().join(" ");
    let valid = format!("valid: {} to {}", date(says.not_before), date(says.not_after));
    let head =
        head.and(Seen::text(format!("subject: {}\nissuer: {}\nnames: {names}\n{valid}", says.subject, says.issuer)));
    let now = i64::try_from(facts.case.started).unwrap_or(i64::MAX);
    let wrong: Vec<&str> = [
        (now > says.not_after, "It has expired."),
        (now < says.not_before, "It is not valid yet."),
        (!says.names.iter().any(|name| concerns(name, facts.domain())), "It does not name this domain."),
        (!says.mark, "It is not a certificate for logos."),
    ]
    .into_iter()
    .filter_map(|(is, words)| is.then_some(words))
    .collect();
    if wrong.is_empty() {
        found(Outcome::Certified, head)
    } else {
        found(Outcome::Certificate, head.and(Seen::text(wrong.join("\n"))))
    }
}

/// Is a name that of the domain, of one above it, or below it, such as that of the record? More closely receivers differ.
fn concerns(name: &str, domain: &DomainName) -> bool {
    let name = DomainName::new(name.strip_prefix("*.").unwrap_or(name));
    name.is_ok_and(|name| (name.labels() > 1 && domain.is_within(&name)) || name.is_within(domain))
}

/// What a status that is not 200 comes to.
const fn not_ok(status: u16) -> Option<Outcome> {
    match status {
        200 => None,
        300..=399 => Some(Outcome::Redirect),
        401 | 403 | 408 | 425 | 429 | 500.. => Some(Outcome::UnavailableToUs),
        _ => Some(Outcome::Unavailable),
    }
}

/// Findings from what stands at the logo's address.
fn logo(facts: &Facts<'_>, url: &HttpsUrl, record: &Seen) -> Vec<Finding> {
    let found = |outcome, seen| vec![CHECK.found(facts, outcome, &Subject::Domain, record.clone().and(seen))];
    let untested = |why, seen| vec![CHECK.untested(facts, why, &Subject::Domain, record.clone().and(seen))];
    let response = match facts.fetched(url) {
        Err(why) => return untested(why, Seen::text(url.as_str())),
        Ok(Err(fault)) => return found(unfetched(fault), Seen::text(format!("{url}\n{}", fault.sentence()))),
        Ok(Ok(response)) => response,
    };
    let head = Seen::text(format!("{url}\n{} {}", response.status, response.media_type));
    if let Some(outcome) = not_ok(response.status) {
        return found(outcome, head);
    }
    if response.truncated {
        return untested(Unseen::Overlong, head);
    }
    if is_packed(response) {
        return untested(Unseen::NoBase, head);
    }
    let faults = svg::faults(&response.body);
    let (advice, wrong): (Vec<_>, Vec<_>) = faults.into_iter().partition(|fault| svg::ADVICE.contains(&fault.code));
    let shown = |faults: &[Fault]| head.clone().and(drawing(&response.body, faults));
    if !wrong.is_empty() {
        return found(Outcome::Logo, shown(&wrong));
    }
    if !advice.is_empty() {
        return found(Outcome::LogoAdvice, shown(&advice));
    }
    found(Outcome::Shown, head)
}

fn unfetched(fault: FetchFault) -> Outcome {
    match fault {
        FetchFault::Tls | FetchFault::CertificateUntrusted => Outcome::UnavailableToUs,
        _ => Outcome::Unavailable,
    }
}

/// SVG may be packed by gzip (RFC 1952 section 2.3.1); what is not text is kept in escapes.
fn is_packed(response: &Fetched) -> bool {
    response.body.starts_with("\u{1f}\\x8b")
}

fn record(name: &DomainName, text: &str, faults: &[Fault]) -> Seen {
    Seen::txt(name.as_str(), text, faults.iter().map(|fault| (fault.start, fault.end))).and(words(faults))
}

/// The beginning of a logo with marks on its faults.
fn drawing(body: &str, faults: &[Fault]) -> Seen {
    let shown: String = body.trim_end().chars().take(SHOWN_MAX).collect();
    Seen::quoted("", &shown, "", faults.iter().map(|fault| (fault.start, fault.end))).and(words(faults))
}

fn words(faults: &[Fault]) -> Seen {
    let mut words: Vec<&str> = faults.iter().map(|fault| fault.message).collect();
    words.dedup();
    words.truncate(WORDS_MAX);
    Seen::text(words.join("\n"))
}
