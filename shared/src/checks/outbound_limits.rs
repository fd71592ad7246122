//! # outbound-limits
//!
//! **Objective.** One account or machine cannot send without end.
//!
//! **Evidence.** What whoever sent a mail to a one-time address at /mailtest states there of the domain's servers. Nobody
//! can see it from outside without sending a flood.
//!
//! **Outcomes.**
//! - `limited`: there is a limit on what one user, account or machine may send in a time.
//! - `none`: there is none.
//! - Untested where nobody said.
//!
//! **Source.** M3AAWG, Sender Best Common Practices; RFC 5321 section 4.5.3.1 leaves limits to the server.

use super::{Check, rows};
use crate::facts::Facts;
use crate::{Finding, Sin, Unseen};

rows! {
    "limited", Clean, "What one user may send is limited, as stated",
        "An account that was taken over is stopped before the whole server is on blocklists.";
    "none", Venial, "Nothing limits what one user may send, as stated",
        "One stolen password is enough to send spam until the server is on every blocklist." => LimitSending;
}

pub(super) const CHECK: Check = Check {
    id: "outbound-limits",
    sin: Sin::NoLimits,
    title: "Limits on what users send",
    source: "M3AAWG Sender Best Common Practices",
    consent: true,
    outcomes: ROWS,
    judge,
};

fn judge(facts: &Facts<'_>) -> Vec<Finding> {
    CHECK.of_mail(facts, Unseen::NotSaid)
}
