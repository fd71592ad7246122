//! What is being waited for, on standard error: one line that is redrawn on a terminal, a line an
//! answer with --verbose.

use std::io::{IsTerminal, Write};

use shared::api::Stage;
use shared::facts::Facts;
use shared::visible::visible;
use shared::{Answer, Case, Evidence, Inquiry, Unseen};

use crate::ask::Board;
use crate::style::width;

pub(crate) struct Progress {
    draws: bool,
    verbose: bool,
    drawn: bool,
}

impl Progress {
    pub(crate) fn new(verbose: bool) -> Self {
        Self { draws: std::io::stderr().is_terminal() && !verbose, verbose, drawn: false }
    }

    /// Tells of a piece of evidence.
    pub(crate) fn answered(&self, case: &Case, evidence: &Evidence) {
        if self.verbose {
            eprintln!("{}", visible(&told(case, evidence)));
        }
    }

    /// Draws the line anew.
    pub(crate) fn draw(&mut self, case: &Case, board: &Board, now: u64) {
        if !self.draws {
            return;
        }
        let line = format!("{} in, {} open. {}", case.evidence().len(), board.len(), waiting(case, board, now));
        let line: String = visible(&line).chars().take(width() - 1).collect();
        eprint!("\r\x1b[2K{line}");
        let _ = std::io::stderr().flush();
        self.drawn = true;
    }

    /// Takes the line away.
    pub(crate) fn clear(&mut self) {
        if std::mem::take(&mut self.drawn) {
            eprint!("\r\x1b[2K");
            let _ = std::io::stderr().flush();
        }
    }
}

/// The conversation that has waited longest, else the question.
fn waiting(case: &Case, board: &Board, now: u64) -> String {
    let busy = |stage: Stage| stage != Stage::Queued;
    let longest = board
        .iter()
        .filter(|(_, (stage, _))| busy(*stage))
        .min_by_key(|(inquiry, (_, since))| (matches!(inquiry, Inquiry::Dns { .. }), *since));
    let Some((inquiry, (stage, since))) = longest else {
        return "Waiting for nothing.".to_owned();
    };
    let seconds = now.saturating_sub(*since) / 1000;
    let what = match stage {
        Stage::Queued => "its turn",
        Stage::Connecting => "the connection",
        Stage::Greeting => "its greeting",
        Stage::Reply => "its reply",
        Stage::Answer => "the answer",
    };
    format!("Asking {}: waiting {seconds} s for {what}", whom(case, inquiry))
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
        Inquiry::Fetch { url } => url.to_string(),
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
        Ok(Answer::Fetch(fetched)) => format!("status {}", fetched.status),
        Ok(Answer::NotFetched(fault)) => fault.sentence().to_owned(),
        Err(why) => why.to_string(),
    };
    format!("{}, {} ms: {result}", whom(case, &evidence.inquiry), evidence.took)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::DomainName;
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
            assert_eq!(waiting(&case, &board, 13_500), *want);
        }
        let evidence = Evidence { inquiry: probe, at: 0, took: 9, answer: Err(shared::Unseen::Refused) };
        assert_eq!(told(&case, &evidence), "mx1.h.test on port 25, 9 ms: The connection was refused.");
    }
}
