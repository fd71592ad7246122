//! `mailsins replay`.

use shared::{POLICY_VERSION, judge};

use crate::args::Replay;
use crate::checked::Subject;
use crate::outcomes::Outcomes;
use crate::{End, refuse, reports};

pub(crate) fn run(replay: &Replay) -> End {
    let told = match reports::read(&replay.file) {
        Ok(told) => told,
        Err(why) => return refuse(End::Usage, &why),
    };
    let subjects: Vec<_> = told.iter().map(|report| Subject::of(report.domain.clone())).collect();
    let mut outcomes = match Outcomes::new(&replay.output, &subjects) {
        Ok(outcomes) => outcomes,
        Err(why) => return refuse(End::Usage, &why),
    };
    let mut policies: Vec<u32> = told.iter().map(|report| report.policy_version).collect();
    policies.sort_unstable();
    policies.dedup();
    for policy in policies.into_iter().filter(|policy| *policy != POLICY_VERSION && !replay.output.quiet) {
        eprintln!("judged by policy {POLICY_VERSION}; the report was made under policy {policy}");
    }
    for (report, subject) in told.into_iter().zip(subjects) {
        outcomes.add(subject, Ok(judge(&report.case())));
    }
    outcomes.end()
}
