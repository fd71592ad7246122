//! What is sent by consent, per script and server behaviour, and where it stops.

use shared::DomainName;
use shared::evidence::{Exchange, Purpose, SmtpSession, Step, Variant};
use shared::grant::Token;
use shared::inquiry::Script;
use shared::local_part::LocalPart;

use super::super::{Dialogue, beside};
use crate::Identity;
use crate::dialogue::{Dialogue as _, Event};
use shared::Unseen;

const NOW: u64 = 1_700_000_000_000;

/// What a server answers to a line that is the n-th of its kind: a reply, "!" to close, several with "|" between them.
type Server<'a> = &'a dyn Fn(&str, usize) -> String;

fn name(text: &str) -> DomainName {
    DomainName::new(text).unwrap()
}

fn token() -> Token {
    Token::of("nonce", "x")
}

/// Holds the conversation; gives the lines that were sent, messages as one.
fn converse(script: &Script, server: Server<'_>) -> (Vec<String>, Result<SmtpSession, Unseen>) {
    let identity = Identity::at(&name("us.test"));
    let mut dialogue = Dialogue::new(script, &identity, "nonce", "192.0.2.1".parse().unwrap()).refusals_left(0);
    let (mut sent, mut now, mut coming) = (Vec::<String>::new(), NOW, vec![server("", 0)]);
    let mut data = false;
    loop {
        match dialogue.next(now) {
            Event::Send { bytes, .. } => {
                let text = String::from_utf8(bytes).unwrap();
                let lines: Vec<String> =
                    if data { vec![text.clone()] } else { text.split_terminator("\r\n").map(str::to_owned).collect() };
                for line in lines {
                    let kind = line.split_once(['<', ' ']).map_or(line.as_str(), |(kind, _)| kind).to_owned();
                    let before = sent.iter().filter(|sent| sent.starts_with(&kind)).count();
                    let answer = if data { server("(message)", before) } else { server(&line, before) };
                    data = answer.starts_with("354");
                    coming.extend(answer.split('|').map(str::to_owned));
                    sent.push(line);
                }
            }
            Event::Wait { until, .. } if coming.is_empty() => {
                now = until;
                dialogue.timed_out(now);
            }
            Event::Wait { .. } => match coming.remove(0).as_str() {
                "!" => dialogue.ended(Unseen::Closed),
                reply => dialogue.received(format!("{reply}\r\n").as_bytes(), now),
            },
            Event::StartTls { .. } => panic!("nobody offers it"),
            Event::Done => return (sent, dialogue.finish()),
        }
    }
}

/// 220, 250, 354 and 221 where they belong, but for lines that begin like this.
fn but<'a>(rules: &'a [(&'a str, &'a str)]) -> impl Fn(&str, usize) -> String + 'a {
    move |line, _| {
        let rule = rules.iter().find(|(start, _)| !start.is_empty() && line.starts_with(start));
        let usual = match line {
            "" => "220 mx.h.test ESMTP",
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            "XMAILSINS" => "500 what?",
            _ => "250 mx.h.test",
        };
        rule.map_or(usual, |(_, reply)| reply).to_owned()
    }
}

fn verbs(sent: &[String]) -> Vec<&str> {
    sent.iter().map(|line| line.split(['\r', ' ']).next().unwrap_or_default()).collect()
}

#[test]
fn a_proof_goes_as_far_as_the_server_does() {
    let script =
        |variant| Script::RelayProof { domain: name("h.test"), sink: name("sink.test"), variant, token: token() };
    let to = format!("{}@sink.test", token().as_str());
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);
    let rows: &[Row<'_>] = &[
        ("taken", &[], &["EHLO", "MAIL", "RCPT", "DATA", "From:", "QUIT"]),
        ("refused at MAIL", &[("MAIL", "550 no")], &["EHLO", "MAIL", "QUIT"]),
        ("refused at RCPT", &[("RCPT", "554 relay access denied")], &["EHLO", "MAIL", "RCPT", "QUIT"]),
        ("refused at DATA", &[("DATA", "554 no valid recipients")], &["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]),
        ("refused at the end", &[("(message)", "554 5.7.1 no")], &["EHLO", "MAIL", "RCPT", "DATA", "From:", "QUIT"]),
        ("greets with 554", &[("EHLO", "554 no")], &["EHLO", "QUIT"]),
    ];
    for (what, rules, want) in rows {
        let (sent, session) = converse(&script(Some(Variant::Plain)), &but(rules));
        assert_eq!(verbs(&sent), *want, "{what}");
        assert!(session.is_ok(), "{what}");
    }
    let (sent, session) = converse(&script(Some(Variant::LocalSender)), &but(&[]));
    assert_eq!(sent[1..3], ["MAIL FROM:<postmaster@h.test>".to_owned(), format!("RCPT TO:<{to}>")]);
    assert!(sent[4].contains(&format!("\r\nTo: <{to}>\r\n")) && sent[4].ends_with("\r\n.\r\n"), "{}", sent[4]);
    let session = session.unwrap();
    let told = session.step(Step::Message).unwrap();
    assert_eq!(told.sent, format!("({} octets)", sent[4].len()), "what it says is not kept");
    assert_eq!(session.broke, None);
    let odd = converse(&script(Some(Variant::PercentDomain)), &but(&[])).0;
    assert_eq!(odd[2], format!("RCPT TO:<{}%sink.test@h.test>", token().as_str()));
    // The server gave no name, so there is nothing to send.
    let nameless = |line: &str, n| if line.is_empty() { "220 [192.0.2.1]".to_owned() } else { but(&[])(line, n) };
    assert_eq!(verbs(&converse(&script(Some(Variant::PercentServer)), &nameless).0), ["EHLO", "QUIT"]);
    let straight = converse(&script(None), &but(&[])).0;
    assert_eq!(straight[1..3], ["MAIL FROM:<probe@us.test>".to_owned(), format!("RCPT TO:<{to}>")]);
}

#[test]
fn other_ways_in_two_halves() {
    let script = |rest| Script::RelayVariants { domain: name("h.test"), rest };
    let mut asked = Vec::new();
    for rest in [false, true] {
        let (sent, session) = converse(&script(rest), &but(&[("RCPT", "550 5.7.1 relaying denied")]));
        let session = session.unwrap();
        assert!(!sent.iter().any(|line| line == "DATA"));
        let refused = session.exchanges.iter().filter(|e| e.reply.as_ref().is_some_and(|r| r.code >= 400)).count();
        assert!(refused <= 10, "{refused} refusals");
        assert!(!session.spared, "what was asked for is not spared for courtesy");
        asked.extend(session.exchanges.iter().filter_map(|e| match e.step {
            Step::Rcpt(Purpose::Relay(variant)) => Some(variant),
            _ => None,
        }));
    }
    asked.sort_unstable();
    let mut want = Variant::ALL[1..].to_vec();
    want.sort_unstable();
    assert_eq!(asked, want);
    // One that is taken has its control.
    let percent = |line: &str, n: usize| match line {
        l if l.starts_with("RCPT TO:<relaytest%us.test@h.test") => "250 ok".to_owned(),
        l if l.starts_with("RCPT") => "550 5.1.1 no such user".to_owned(),
        l => but(&[])(l, n),
    };
    let session = converse(&script(false), &percent).1.unwrap();
    assert!(session.step(Step::Rcpt(Purpose::RelayControl(Variant::PercentDomain))).is_some());
}

#[test]
fn recipients_up_to_a_hundred_and_one() {
    let script = Script::RecipientLimit { domain: name("h.test") };
    let taken = |session: &SmtpSession| {
        let is_taken =
            |e: &&Exchange| matches!(e.step, Step::Rcpt(_)) && e.reply.as_ref().is_some_and(|r| r.code < 400);
        session.exchanges.iter().filter(is_taken).count()
    };
    let limited = |limit: usize, pipelining: bool| {
        move |line: &str, n: usize| match line {
            l if l.starts_with("RCPT") && n >= limit => "452 4.5.3 Error: too many recipients".to_owned(),
            l if l.starts_with("EHLO") && pipelining => "250-mx.h.test\r\n250 PIPELINING".to_owned(),
            l => but(&[])(l, n),
        }
    };
    for pipelining in [true, false] {
        for (limit, want, asked_max) in [(1000, 101, 101), (100, 100, 105), (20, 20, 25), (3, 3, 6)] {
            let (sent, session) = converse(&script, &limited(limit, pipelining));
            let asked = sent.iter().filter(|line| line.starts_with("RCPT")).count();
            assert_eq!(taken(&session.unwrap()), want, "{limit}");
            assert!(asked <= asked_max, "{limit}: {asked} were asked");
            assert!(!sent.iter().any(|line| line == "DATA"));
            assert_eq!(sent[sent.len() - 2..], ["RSET", "QUIT"]);
        }
    }
    // Only names that are taken are repeated; if none is, it ends.
    let some = but(&[("RCPT TO:<noc", "550 5.1.1 no"), ("RCPT TO:<security", "550 5.1.1 no")]);
    let (sent, session) = converse(&script, &some);
    assert_eq!(taken(&session.unwrap()), 101);
    assert_eq!(sent.iter().filter(|line| line.starts_with("RCPT TO:<noc")).count(), 1);
    let (sent, _) = converse(&script, &but(&[("RCPT", "550 5.1.1 no")]));
    assert_eq!(sent.iter().filter(|line| line.starts_with("RCPT")).count(), 6);
}

#[test]
fn errors_lines_and_connections() {
    let count = |sent: &[String]| sent.iter().filter(|line| *line == "XMAILSINS").count();
    let (sent, session) = converse(&Script::ErrorLimit, &but(&[]));
    assert_eq!((count(&sent), session.unwrap().broke), (25, None));
    let tired = |line: &str, n| {
        if line == "XMAILSINS" && n == 4 { "421 4.7.0 too many errors".to_owned() } else { but(&[])(line, n) }
    };
    let (sent, session) = converse(&Script::ErrorLimit, &tired);
    assert_eq!((count(&sent), session.unwrap().broke), (5, Some(Unseen::TryLater)));

    let (sent, session) = converse(&Script::LineLimit, &but(&[("NOOP x", "500 line too long")]));
    assert_eq!((sent[1].len() + 2, sent[2].as_str(), sent.len()), (4000, "NOOP", 4));
    assert_eq!(session.unwrap().step(Step::LongLine).unwrap().sent, "(4000 octets)");

    let (sent, session) = converse(&Script::ConnectionLimit, &but(&[]));
    assert_eq!(verbs(&sent), ["EHLO", "QUIT"], "held, and then QUIT");
    let first = session.clone();
    let late = |line: &str, n| if line.is_empty() { "421 too many".to_owned() } else { but(&[])(line, n) };
    let other = converse(&Script::ConnectionLimit, &late).1;
    let together = beside(vec![first, session, other, Err(Unseen::Refused)]).unwrap();
    let codes: Vec<_> = together
        .exchanges
        .iter()
        .filter(|e| e.step == Step::Beside)
        .map(|e| e.reply.as_ref().map(|r| r.code))
        .collect();
    assert_eq!(codes, [Some(220), Some(421), None]);
    assert_eq!(beside(vec![Err(Unseen::Refused)]), Err(Unseen::Refused));
}

#[test]
fn what_ends_a_message() {
    let script = Script::Smuggling { domain: name("h.test"), mailbox: LocalPart::new("test").unwrap(), token: token() };
    let within = |session: &SmtpSession| -> Vec<u16> {
        let kept = session.exchanges.iter().filter(|e| e.step == Step::Smuggled);
        kept.filter_map(|e| e.reply.as_ref().map(|reply| reply.code)).collect()
    };
    let (sent, session) = converse(&script, &but(&[]));
    assert_eq!(verbs(&sent), ["EHLO", "MAIL", "RCPT", "DATA", "From:", "QUIT"]);
    assert!(within(&session.unwrap()).is_empty());
    let open = but(&[("(message)", "250 one|250 from|250 to|354 go on|250 two")]);
    let session = converse(&script, &open).1.unwrap();
    assert_eq!((within(&session), session.broke), (vec![250, 250, 354, 250], None));
    assert!(session.exchanges.last().is_some_and(|last| last.step == Step::Quit && last.reply.is_some()));
    let refused = but(&[("(message)", "521 5.5.2 bare <LF> received")]);
    assert!(within(&converse(&script, &refused).1.unwrap()).is_empty());
    // A server that never stops is left alone.
    let endless = "250 ok|".repeat(200) + "250 ok";
    let session = converse(&script, &but(&[("(message)", &endless)])).1.unwrap();
    assert!(within(&session).len() <= 60);
}

#[test]
fn past_the_filter() {
    let script = Script::Gateway { domain: name("h.test"), mailbox: LocalPart::new("test").unwrap() };
    let (sent, _) = converse(&script, &but(&[]));
    assert_eq!(sent[1..], ["MAIL FROM:<probe@us.test>", "RCPT TO:<test@h.test>", "RSET", "QUIT"]);
    let (sent, _) = converse(&script, &but(&[("RCPT", "550 5.7.51 restricted")]));
    assert_eq!(verbs(&sent), ["EHLO", "MAIL", "RCPT", "QUIT"]);
}
