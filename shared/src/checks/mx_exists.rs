//! # mx-exists
//!
//! **Objective.** The world knows where mail for the domain goes, or that it takes none.
//!
//! **Evidence.** The MX records of the domain; without one, its addresses.
//!
//! **Outcomes.**
//! - `present`: there are MX records.
//! - `null-mx`: one MX record with target "." and preference 0: the domain takes no mail and says
//!   so properly.
//! - `broken-null-mx`: a target "." beside other MX records. Mortal: senders may take either.
//! - `null-mx-preference`: a lone target "." with another preference than 0. Venial.
//! - `implicit`: no MX record, but an address, to which mail is then sent. Venial.
//! - `takes-no-mail`: neither MX nor address. Venial: a Null MX would say so.
//! - `no-domain`: the domain does not exist. A note.
//!
//! **Source.** RFC 5321 section 5.1, RFC 7505 section 3.

use super::build::{Seen, Subject};
use super::{Check, outcomes};
use crate::evidence::{Record, Target};
use crate::facts::{Facts, Route};
use crate::inquiry::RecordType;
use crate::{Finding, Sin};

outcomes! {
    Present = "present", Clean, "Mail has an address to go to",
        "MX records name the hosts that take mail for this domain.";
    NullMx = "null-mx", Clean, "Takes no mail, and says so properly",
        "A Null MX tells the world that this domain takes no mail, so nobody waits for a bounce.";
    BrokenNullMx = "broken-null-mx", Mortal, "A Null MX beside other MX records",
        "One record says that the domain takes no mail and another says where it goes. Senders may believe either, so mail is lost." => MendNullMx;
    NullMxPreference = "null-mx-preference", Venial, "A Null MX with a preference",
        "A Null MX must have preference 0. Some senders do not recognise it otherwise." => MendNullMx;
    Implicit = "implicit", Venial, "No MX record: mail goes to the web server's address",
        "Without an MX record, mail is sent to the domain's own address. That works only if a mail server runs there, and many receivers distrust such a domain." => PublishMx;
    TakesNoMail = "takes-no-mail", Venial, "Takes no mail, but does not say so",
        "There is neither an MX record nor an address, so mail cannot be delivered, yet senders keep trying for days. A Null MX ends that, and keeps others from sending in your name." => PublishNullMx;
    NoDomain = "no-domain", Note, "There is no such domain",
        "DNS knows no domain of this name. Check the spelling; a domain registered minutes ago may take a while to appear.";
}

pub(super) const CHECK: Check = Check {
    id: "mx-exists",
    sin: Sin::DnsErrors,
    title: "Where mail goes",
    source: "RFC 5321 section 5.1, RFC 7505 section 3",
    consent: false,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    let domain = facts.domain();
    let (route, mx) = match (facts.route(), facts.dns(domain, RecordType::Mx)) {
        (Ok(route), Ok(mx)) => (route, mx),
        (Err(why), _) | (_, Err(why)) => return vec![CHECK.untested(facts, why, &Subject::Domain, Seen::default())],
    };
    let mut seen = Seen::dns(domain, RecordType::Mx, mx);
    let outcome = match route {
        // RFC 7505 section 3: the Null MX must be alone, with preference 0.
        Route::Mx(targets) if targets.iter().any(|(_, target)| *target == Target::Root) => {
            seen = seen.mark(" .");
            Outcome::BrokenNullMx
        }
        Route::Mx(_) => Outcome::Present,
        Route::Null if mx.records.iter().any(|record| matches!(record, Record::Mx { preference: 1.., .. })) => {
            Outcome::NullMxPreference
        }
        Route::Null => Outcome::NullMx,
        Route::Implicit => {
            for family in [RecordType::A, RecordType::Aaaa] {
                if let Ok(answer) = facts.dns(domain, family) {
                    seen = seen.and(Seen::dns(domain, family, answer));
                }
            }
            Outcome::Implicit
        }
        Route::Nowhere => Outcome::TakesNoMail,
        Route::NoDomain => Outcome::NoDomain,
    };
    vec![CHECK.found(facts, outcome, &Subject::Domain, seen)]
}
