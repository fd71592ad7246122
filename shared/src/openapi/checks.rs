//! The list of checks, for programs.

use schemars::JsonSchema;
use serde::Serialize;

use crate::checks::CHECKS;
use crate::{Confidence, POLICY_VERSION, Sin, Verdict};

/// The checks, in the order of a report.
#[derive(Serialize, JsonSchema)]
pub struct CheckList {
    /// The policy that they are of.
    pub policy_version: u32,
    /// The checks.
    pub checks: Vec<Check>,
}

/// A check.
#[derive(Serialize, JsonSchema)]
pub struct Check {
    /// Its stable name, as `check` in a finding.
    pub id: &'static str,
    /// The sin that it belongs to.
    pub sin: Sin,
    /// What it looks at.
    pub title: &'static str,
    /// Where the rule stands.
    pub source: &'static str,
    /// All that it can say; besides, each can be untested.
    pub outcomes: Vec<Outcome>,
}

/// What a check can say.
#[derive(Serialize, JsonSchema)]
pub struct Outcome {
    /// Its stable name, as `outcome` in a finding.
    pub outcome: &'static str,
    /// What it is worth.
    pub verdict: Verdict,
    /// How sure it is; only for mortal and venial.
    pub confidence: Option<Confidence>,
    /// The headline.
    pub title: &'static str,
    /// What it means.
    pub why: &'static str,
}

/// The list.
pub fn check_list() -> CheckList {
    let outcome = |outcome: &crate::checks::Outcome| Outcome {
        outcome: outcome.code,
        verdict: outcome.verdict,
        confidence: outcome.confidence,
        title: outcome.title,
        why: outcome.why,
    };
    let check = |check: &crate::checks::Check| Check {
        id: check.id,
        sin: check.sin,
        title: check.title,
        source: check.source,
        outcomes: check.outcomes.iter().map(outcome).collect(),
    };
    CheckList { policy_version: POLICY_VERSION, checks: CHECKS.iter().map(check).collect() }
}
