//! Which facts a case still lacks.
//!
//! Each file names what one subject needs, given what is known. Nothing waits for a round to end:
//! what the evidence makes askable is asked.

mod active;
mod bimi;
mod blocklists;
mod clients;
mod dane;
mod dangling;
mod dkim;
mod dmarc;
mod dnssec;
mod hosts;
mod limits;
mod mail;
mod mta_sts;
mod route;
mod spf;
mod tls_rpt;
mod zone;

pub use active::way;

use crate::case::INQUIRIES_MAX;
use crate::facts::Facts;
use crate::{Case, Inquiry};

/// The inquiries that can be asked now and have no evidence yet, sorted. Empty: the case is
/// complete.
pub fn plan(case: &Case) -> Vec<Inquiry> {
    if case.cancelled {
        return Vec::new();
    }
    let facts = Facts::new(case);
    let mut wanted = Vec::new();
    route::wants(&facts, &mut wanted);
    spf::wants(&facts, &mut wanted);
    dkim::wants(&facts, &mut wanted);
    dmarc::wants(&facts, &mut wanted);
    dnssec::wants(&facts, &mut wanted);
    dane::wants(&facts, &mut wanted);
    zone::wants(&facts, &mut wanted);
    blocklists::wants(&facts, &mut wanted);
    dangling::wants(&facts, &mut wanted);
    mta_sts::wants(&facts, &mut wanted);
    tls_rpt::wants(&facts, &mut wanted);
    bimi::wants(&facts, &mut wanted);
    hosts::wants(&facts, &mut wanted);
    clients::wants(&facts, &mut wanted);
    mail::wants(&facts, &mut wanted);
    active::wants(&facts, &mut wanted);
    limits::wants(&facts, &mut wanted);
    let mut open = open(case, wanted);
    open.truncate(INQUIRIES_MAX.saturating_sub(case.evidence().len()));
    open
}

/// What has no evidence yet, sorted, each once.
fn open(case: &Case, mut wanted: Vec<Inquiry>) -> Vec<Inquiry> {
    wanted.retain(|inquiry| case.get(inquiry).is_none());
    wanted.sort();
    wanted.dedup();
    wanted
}
