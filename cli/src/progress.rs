//! What is being waited for, on standard error: one line that is redrawn on a terminal, a line an
//! answer with --verbose.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};

use shared::api::Stage;
use shared::facts::Facts;
use shared::visible::visible;
use shared::{Answer, Case, DomainName, Evidence, Inquiry, Unseen};

use crate::ask::Board;
use crate::style::width;

/// Of all domains of a run.
pub(crate) struct Progress {
    draws: bool,
    verbose: bool,
    /// How many domains there are.
    total: usize,
    finished: Cell<usize>,
    drawn: Cell<bool>,
    /// Of each domain at work: how many answers are in, how many questions are open, and what is waited for since when.
    at_work: RefCell<BTreeMap<DomainName, State>>,
}

type State = (usize, usize, Option<Waiting>);

/// The order makes the longest wait for a conversation the first.
type Waiting = (bool, u64, String);

impl Progress {
    pub(crate) fn new(quiet: bool, verbose: bool, total: usize) -> Self {
        Self {
            draws: std::io::stderr().is_terminal() && !verbose && !quiet,
            verbose,
            total,
            finished: Cell::new(0),
            drawn: Cell::new(false),
            at_work: RefCell::default(),
        }
    }

    /// Tells of a piece of evidence.
    pub(crate) fn answered(&self, case: &Case, evidence: &Evidence) {
        if self.verbose {
            let domain = if self.total > 1 { format!("{}: ", case.domain) } else { String::new() };
            eprintln!("{}", visible(&format!("{domain}{}", told(case, evidence))));
        }
    }

    /// Draws the line anew.
    pub(crate) fn draw(&self, case: &Case, board: &Board, now: u64) {
        if !self.draws {
            return;
        }
        let state = (case.evidence().len(), board.len(), waiting(case, board));
        self.at_work.borrow_mut().insert(case.domain.clone(), state);
        let line: String = visible(&self.line(now)).chars().take(width() - 1).collect();
        eprint!("\r\x1b[2K{line}");
        let _ = std::io::stderr().flush();
        self.drawn.set(true);
    }

    /// This domain is no longer at work.
    pub(crate) fn done(&self, case: &Case) {
        self.at_work.borrow_mut().remove(&case.domain);
        self.finished.set(self.finished.get() + 1);
        self.clear();
    }

    /// Takes the line away.
    pub(crate) fn clear(&self) {
        if self.drawn.replace(false) {
            eprint!("\r\x1b[2K");
            let _ = std::io::stderr().flush();
        }
    }

    /// Of one domain what is open, of several how far they are; and who keeps us waiting.
    fn line(&self, now: u64) -> String {
        let at_work = self.at_work.borrow();
        let (answers, open) = at_work.values().fold((0, 0), |sum, state| (sum.0 + state.0, sum.1 + state.1));
        let far = match self.total {
            1 => format!("{answers} in, {open} open."),
            total => format!("{} of {total} domains, {} at work.", self.finished.get(), at_work.len()),
        };
        let longest = at_work.values().filter_map(|state| state.2.as_ref()).min();
        let Some((_, since, whom)) = longest else {
            return format!("{far} Waiting for nothing.");
        };
        let seconds = now.saturating_sub(*since) / 1000;
        format!("{far} {}", whom.replace("{}", &seconds.to_string()))
    }
}

/// The conversation that has waited longest, else the question; with {} for how long.
fn waiting(case: &Case, board: &Board) -> Option<Waiting> {
    let busy = |stage: Stage| stage != Stage::Queued;
    let longest = board
        .iter()
        .filter(|(_, (stage, _))| busy(*stage))
        .min_by_key(|(inquiry, (_, since))| (matches!(inquiry, Inquiry::Dns { .. }), *since));
    let Some((inquiry, (stage, since))) = longest else {
        let put_off = |inquiry: &&Inquiry| case.due(inquiry) > 0;
        let inquiry = board.keys().find(put_off)?;
        let minutes = (case.due(inquiry) - case.started) / 60_000;
        let text = format!("Put off by {}: coming back {minutes} min after the begin", whom(case, inquiry));
        return Some((true, u64::MAX, text));
    };
    let what = match stage {
        Stage::Queued => "its turn",
        Stage::Connecting => "the connection",
        Stage::Greeting => "its greeting",
        Stage::Reply => "its reply",
        Stage::Answer | Stage::Arrival | Stage::Owner => "the answer",
    };
    let text = format!("Asking {}: waiting {{}} s for {what}", whom(case, inquiry));
    Some((matches!(inquiry, Inquiry::Dns { .. }), *since, text))
}

fn whom(case: &Case, inquiry: &Inquiry) -> String {
    match inquiry {
        Inquiry::Dns { name, record, .. } => format!("DNS for {record} of {name}"),
        Inquiry::Probe { address, port, .. } => {
            let facts = Facts::new(case);
            let (hosts, _) = facts.hosts();
            let clients = facts.clients().0.iter().map(|client| &client.host);
            let name = hosts.iter().chain(clients).find(|host| host.address == *address).map(|host| host.name());
            format!("{} on port {port}", name.unwrap_or(&address.to_string()))
        }
        Inquiry::Fetch { .. } | Inquiry::Arrival { .. } | Inquiry::Owner { .. } | Inquiry::Mail => inquiry.to_string(),
    }
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn replies(number: usize, broke: Option<Unseen>) -> String {
    let broke = broke.map(|why| format!(", then: {why}")).unwrap_or_default();
    format!("{}{broke}", count(number, "reply", "replies"))
}

fn told(case: &Case, evidence: &Evidence) -> String {
    let result = match &evidence.answer {
        Ok(Answer::Dns(answer)) if answer.nxdomain => "does not exist".to_owned(),
        Ok(Answer::Dns(answer)) => count(answer.records.len(), "record", "records"),
        Ok(Answer::Smtp(session)) => {
            replies(session.exchanges.iter().filter(|e| e.reply.is_some()).count(), session.broke)
        }
        Ok(Answer::Lines(session)) => {
            replies(session.exchanges.iter().filter(|e| e.reply.is_some()).count(), session.broke)
        }
        Ok(Answer::Hello(hello)) => hello.answer.text(),
        Ok(Answer::Fetch(fetched)) => format!("status {}", fetched.status),
        Ok(Answer::NotFetched(fault)) => fault.sentence().to_owned(),
        Ok(Answer::Mail(mail)) => count(mail.shown.len(), "finding", "findings"),
        Ok(Answer::Arrived(_)) => "looked for".to_owned(),
        Ok(Answer::Stated(choice)) => choice.words().to_owned(),
        Err(why) => why.to_string(),
    };
    format!("{}, {} ms: {result}", whom(case, &evidence.inquiry), evidence.took)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::evidence::{DnsAnswer, Record, Target};
    use shared::inquiry::{RecordType, Script};

    #[test]
    fn names_what_it_waits_for() {
        let name = |text: &str| DomainName::new(text).unwrap();
        let mut case = Case::new(name("h.test"), name("us.test"), "n".into(), 0);
        case.admit_private = true;
        let mut add = |inquiry: Inquiry, record: Record| {
            let answer = Ok(Answer::Dns(DnsAnswer { records: vec![record], ..DnsAnswer::default() }));
            case.add(Evidence { inquiry, at: 0, took: 7, answer });
        };
        let exchange = Target::Name(name("mx1.h.test"));
        add(Inquiry::dns(&name("h.test"), RecordType::Mx), Record::Mx { preference: 1, exchange });
        add(Inquiry::dns(&name("mx1.h.test"), RecordType::A), Record::A([127, 0, 0, 2].into()));
        let address = "127.0.0.2".parse().unwrap();
        let probe = Inquiry::Probe { address, port: 25, host: None, script: Script::SmtpSurvey };
        let dns = Inquiry::dns(&name("h.test"), RecordType::Txt);
        type Open<'a> = &'a [(&'a Inquiry, Stage, u64)];
        let rows: &[(Open, &str)] = &[
            (&[], "Waiting for nothing."),
            (&[(&dns, Stage::Answer, 1000)], "Asking DNS for TXT of h.test: waiting 12 s for the answer"),
            (
                &[(&dns, Stage::Answer, 0), (&probe, Stage::Greeting, 1000)],
                "Asking mx1.h.test on port 25: waiting 12 s for its greeting",
            ),
        ];
        for (open, want) in rows {
            let board = open.iter().map(|(inquiry, stage, since)| ((*inquiry).clone(), (*stage, *since))).collect();
            let progress = Progress { draws: true, ..Progress::new(false, false, 1) };
            progress.draw(&case, &board, 13_500);
            assert_eq!(progress.line(13_500), format!("2 in, {} open. {want}", open.len()));
            let several = Progress { draws: true, ..Progress::new(false, false, 3) };
            several.draw(&case, &board, 13_500);
            assert_eq!(several.line(13_500), format!("0 of 3 domains, 1 at work. {want}"));
            several.done(&case);
            assert_eq!(several.line(13_500), "1 of 3 domains, 0 at work. Waiting for nothing.");
        }
        let evidence = Evidence { inquiry: probe, at: 0, took: 9, answer: Err(shared::Unseen::Refused) };
        assert_eq!(told(&case, &evidence), "mx1.h.test on port 25, 9 ms: The connection was refused.");
    }
}
