//! # dmarc-report-address
//!
//! **Objective.** Reports about forged mail arrive somewhere.
//!
//! **Evidence.** `rua` and `ruf` of the DMARC record that holds for the domain (see dmarc-record).
//! For each host of another organization: whether it agrees to take the reports, by a TXT record
//! with `v=DMARC1` at `<domain of the record>._report._dmarc.<host>`; which organization a host
//! belongs to, by a tree walk.
//!
//! **Outcomes.**
//! - `deliverable`: reports are asked for, and every host is the domain's own or agrees.
//! - `unauthorised`: a host of another organization does not agree, so that no report is sent
//!   there. Venial.
//! - `malformed`: something in `rua` or `ruf` is not `mailto:` and an address. Venial.
//! - `none`: no aggregate report is asked for. A note.
//!
//! **Source.** RFC 9990 (verifying external destinations), RFC 9989 section 4.8, RFC 6068 section 2.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::facts::Facts;
use crate::inquiry::RecordType;
use crate::syntax::dmarc::BAD_ADDRESSES;
use crate::{Finding, Sin};

outcomes! {
    Deliverable = "deliverable", Clean, "DMARC reports have somewhere to go",
        "Receivers report what they saw of mail from this domain, and every address takes such reports.";
    Unauthorised = "unauthorised", Venial, "DMARC reports are not sent to this host",
        "The host belongs to another organization and does not say that it takes reports for this domain, so receivers send none there. Without that rule, anyone could flood it with reports." => AuthoriseReports;
    Malformed = "malformed", Venial, "DMARC reports have an address that is none",
        "Receivers skip what is not mailto: with a mail address, so no reports arrive there." => MendReportAddress;
    None = "none", Note, "No DMARC reports are asked for",
        "Without rua nobody tells you who sends mail in your name, so neither a forger nor a forgotten server of your own is noticed.";
}

pub(super) const CHECK: Check = Check {
    id: "dmarc-report-address",
    sin: Sin::DnsErrors,
    title: "Where DMARC reports go",
    source: "RFC 9990 (verifying external destinations), RFC 9989 section 4.8",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let exists = facts.exists();
    if exists == Ok(false) {
        return Vec::new();
    }
    let untested = |why, subject: &Subject| CHECK.untested(facts, why, subject, Seen::default());
    let record = match facts.dmarc() {
        Ok(Some(record)) => record,
        Ok(None) => return Vec::new(),
        Err(why) => return vec![untested(why, &Subject::Domain)],
    };
    if let (true, Err(why)) = (record.at != *facts.domain(), exists) {
        return vec![untested(why, &Subject::Domain)];
    }
    let says = &record.says;
    let show = |places| Seen::txt(&format!("_dmarc.{}", record.at), &record.text, places);
    let bad: Vec<_> = says
        .faults
        .iter()
        .filter(|fault| BAD_ADDRESSES.contains(&fault.code))
        .map(|fault| (fault.start, fault.end))
        .collect();
    let mut findings = Vec::new();
    if !bad.is_empty() {
        findings.push(CHECK.found(facts, Outcome::Malformed, &Subject::Domain, show(bad)));
    }
    if says.aggregate.is_empty() && findings.is_empty() {
        findings.push(CHECK.found(facts, Outcome::None, &Subject::Domain, show(Vec::new())));
    }
    for host in record.report_hosts() {
        let subject = Subject::Name(host.clone());
        match facts.takes_reports(&record, host) {
            Ok(true) => {}
            Ok(false) => {
                let mut seen = show(Vec::new()).mark(host.as_str());
                if let Some(name) = record.report_name(host)
                    && let Ok(answer) = facts.dns(&name, RecordType::Txt)
                {
                    seen = seen.and(Seen::dns(&name, RecordType::Txt, answer));
                }
                findings.push(CHECK.found(facts, Outcome::Unauthorised, &subject, seen));
            }
            Err(why) => findings.push(untested(why, &subject)),
        }
    }
    if findings.is_empty() {
        findings.push(CHECK.found(facts, Outcome::Deliverable, &Subject::Domain, show(Vec::new())));
    }
    findings
}
