//! The registry of checks: one check, one file.
//!
//! A check's file opens with its specification, then its closed list of outcomes, then the
//! function that judges. Nothing else needs to be edited to add one but the list below.

mod at_hosts;
mod build;
mod mail;
mod recipient;
mod samples;

use crate::facts::Facts;
use crate::finding::{Confidence, Finding, Sin, Verdict};
use crate::remedies::Fix;

macro_rules! registry {
    ($($module:ident),+ $(,)?) => {
        $(mod $module;)+

        /// All checks, by sin and then in the order of the report.
        pub const CHECKS: &[Check] = &[$($module::CHECK),+];

        /// Id and source of all checks: for pages that show findings and must not carry what judges.
        pub const SOURCES: &[(&str, &str)] = &[$(($module::CHECK.id, $module::CHECK.source)),+];

        /// The specification of a check: the text that its file opens with, as Markdown.
        pub fn specification(id: &str) -> Option<String> {
            let source = match id {
                $(_ if id == $module::CHECK.id => include_str!(concat!(stringify!($module), ".rs")),)+
                _ => return None,
            };
            let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
            Some(lines.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect())
        }
    };
}

registry![
    open_relay,
    open_relay_proof,
    submission_auth,
    smtp_cleartext_auth,
    imap_cleartext_login,
    pop3_cleartext_login,
    starttls,
    starttls_injection,
    implicit_tls,
    tls_certificate,
    tls_version,
    tls_cipher,
    mail_srv,
    mx_exists,
    mx_not_cname,
    mx_resolves,
    mx_public_address,
    mx_reachable,
    ipv6,
    greeting_delay,
    ptr_exists,
    ptr_forward_confirmed,
    ptr_generic,
    helo_name,
    spf_record,
    spf_lookup_limit,
    spf_covers_mx,
    spf_breadth,
    dkim_key,
    dmarc_record,
    dmarc_policy,
    dmarc_report_address,
    mta_sts,
    tls_rpt,
    dnssec,
    dane,
    bimi,
    zone_health,
    dangling,
    dnsbl,
    banner_version,
    banner_internal_name,
    banner_internal_address,
    ntlm_disclosure,
    user_enumeration,
    header_disclosure,
    postmaster,
    abuse,
    role_names,
    null_sender,
    inbound_gateway,
    inbound_virus,
    gateway_bypass,
    smtp_smuggling,
    inbound_spam,
    backscatter,
    outbound_mail,
    outbound_virus,
    size_limit,
    recipient_limit,
    error_limit,
    line_limit,
    connection_limit,
    outbound_limits,
];

/// One check.
pub struct Check {
    /// Its name everywhere: file, API, docs page.
    pub id: &'static str,
    /// The sin it belongs to.
    pub sin: Sin,
    /// What it looks at, in a few words; also the headline of an untested finding.
    pub title: &'static str,
    /// Where the rule stands.
    pub source: &'static str,
    /// It needs the domain's consent, or that somebody of the domain does something; so what is untested does not count for
    /// coverage.
    pub consent: bool,
    /// Everything it can say, besides "untested".
    pub outcomes: &'static [Outcome],
    /// What the facts say. No finding: it does not apply to this domain.
    pub judge: fn(&Facts<'_>) -> Vec<Finding>,
}

/// One thing that a check can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Its stable name.
    pub code: &'static str,
    /// What it is worth.
    pub verdict: Verdict,
    /// How sure it is; only for mortal and venial.
    pub confidence: Option<Confidence>,
    /// The headline.
    pub title: &'static str,
    /// What it means and why it matters.
    pub why: &'static str,
    /// What to change; always there for mortal and venial, never for clean.
    pub fix: Option<Fix>,
}

/// What a check says by one of its outcomes.
pub(crate) fn row(check: &str, code: &str) -> Option<&'static Outcome> {
    let check = CHECKS.iter().find(|known| known.id == check)?;
    check.outcomes.iter().find(|outcome| outcome.code == code)
}

/// A variant of a check's closed list of outcomes.
trait Row: Copy {
    /// What the variant says.
    fn row(self) -> &'static Outcome;
}

/// A check's closed list of outcomes: an enum whose variants are rows of a table, and `ROWS`.
///
/// `Variant = "code", Verdict [suspected], "headline", "why" [=> Fix];`
macro_rules! outcomes {
    ($($variant:ident = $code:literal, $verdict:ident $($suspected:ident)?, $title:literal, $why:literal $(=> $fix:ident)?;)+) => {
        #[derive(Clone, Copy)]
        enum Outcome {
            $($variant,)+
        }

        crate::checks::rows! {
            $($code, $verdict $($suspected)?, $title, $why $(=> $fix)?;)+
        }

        impl crate::checks::Row for Outcome {
            #[expect(clippy::indexing_slicing, reason = "a row for each variant, in the same order")]
            fn row(self) -> &'static crate::checks::Outcome {
                &TABLE[self as usize]
            }
        }
    };
}
use outcomes;

/// The table alone, of a check that takes over by name what was found elsewhere.
macro_rules! rows {
    ($($code:literal, $verdict:ident $($suspected:ident)?, $title:literal, $why:literal $(=> $fix:ident)?;)+) => {
        static TABLE: [crate::checks::Outcome; [$($code),+].len()] = [$(crate::checks::Outcome {
            code: $code,
            verdict: crate::finding::Verdict::$verdict,
            confidence: crate::checks::rows!(@confidence $verdict $($suspected)?),
            title: $title,
            why: $why,
            fix: crate::checks::rows!(@fix $($fix)?),
        }),+];

        const ROWS: &[crate::checks::Outcome] = &TABLE;
    };
    (@confidence Mortal) => { Some(crate::finding::Confidence::Proved) };
    (@confidence Venial) => { Some(crate::finding::Confidence::Proved) };
    (@confidence $verdict:ident suspected) => { Some(crate::finding::Confidence::Suspected) };
    (@confidence $verdict:ident) => { None };
    (@fix) => { None };
    (@fix $fix:ident) => { Some(crate::remedies::Fix::$fix) };
}
use rows;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_keeps_its_promises() {
        for check in CHECKS {
            let text = specification(check.id).unwrap();
            assert!(
                text.starts_with(&format!("# {}\n", check.id)),
                "{}: the file opens with its specification",
                check.id
            );
            for part in ["**Objective.**", "**Evidence.**", "**Outcomes.**", "**Source.**"] {
                assert!(text.contains(part), "{}: {part} is missing", check.id);
            }
            for outcome in check.outcomes {
                assert!(
                    text.contains(&format!("`{}`", outcome.code)),
                    "{}: {} is not explained",
                    check.id,
                    outcome.code
                );
                let bad = matches!(outcome.verdict, Verdict::Mortal | Verdict::Venial);
                assert_eq!(outcome.confidence.is_some(), bad, "{} {}", check.id, outcome.code);
                let (must, may) = (bad, outcome.verdict != Verdict::Clean);
                assert!(
                    outcome.fix.map_or(!must, |_| may),
                    "{} {}: a remedy, and only where something is to mend",
                    check.id,
                    outcome.code
                );
                assert_ne!(outcome.verdict, Verdict::Untested, "{}: untested has reasons, not outcomes", check.id);
            }
        }
        let mut ids: Vec<_> = CHECKS.iter().map(|check| check.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), CHECKS.len());
    }

    /// Every outcome with its verdict. A change here is a change of policy: bump POLICY_VERSION.
    #[test]
    fn outcome_table() {
        let mut table = format!("policy {}\n", crate::POLICY_VERSION);
        for check in CHECKS {
            for outcome in check.outcomes {
                let sure = match outcome.confidence {
                    Some(Confidence::Suspected) => " suspected",
                    _ => "",
                };
                table += &format!("{} {}: {}{sure}\n", check.id, outcome.code, outcome.verdict);
            }
        }
        insta::assert_snapshot!(table);
    }
}
