//! The session runner over an in-memory stream, on a clock that runs as fast as nothing happens.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

use std::time::Duration;

use mailsins_probe::dialogue::Talk;
use mailsins_probe::session::run;
use mailsins_probe::smtp::Dialogue;
use mailsins_probe::tls::Authorities;
use mailsins_probe::{Clock, Identity};
use shared::api::Stage;
use shared::evidence::{SmtpSession, Step};
use shared::inquiry::Script;
use shared::{Answer, DomainName, Unseen};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, duplex};
use tokio::time::{Instant, sleep};

struct Tokio(Instant);

impl Clock for Tokio {
    fn now(&self) -> u64 {
        1_000_000 + u64::try_from(self.0.elapsed().as_millis()).unwrap()
    }
    fn sleep(&self, for_: Duration) -> impl Future<Output = ()> {
        sleep(for_)
    }
}

/// What the server does at a command; the last one is for all further ones.
#[derive(Clone, Copy)]
enum Act {
    Say(&'static str),
    Wait(u64, &'static str),
    Drip,
    Silence,
    Hang,
    Flood,
}

async fn serve(stream: DuplexStream, acts: &[Act]) {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    let (last, _) = acts.split_last().unwrap();
    for act in acts.iter().chain(std::iter::repeat(last)) {
        match act {
            Act::Say(text) => stream.write_all(format!("{text}\r\n").as_bytes()).await.unwrap(),
            Act::Wait(seconds, text) => {
                sleep(Duration::from_secs(*seconds)).await;
                let _ = stream.write_all(format!("{text}\r\n").as_bytes()).await;
            }
            Act::Drip => loop {
                sleep(Duration::from_secs(1)).await;
                if stream.write_all(b"2").await.is_err() {
                    return;
                }
            },
            Act::Flood => while stream.write_all(b"250-x\r\n").await.is_ok() {},
            Act::Silence => {}
            Act::Hang => return,
        }
        line.clear();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
    }
}

async fn talk(acts: &[Act]) -> (Result<SmtpSession, Unseen>, Vec<Stage>, u64) {
    let identity = Identity::at(&DomainName::new("us.test").unwrap());
    let dialogue = Dialogue::new(&Script::SmtpSurvey, &identity, "n", "192.0.2.1".parse().unwrap());
    let clock = Tokio(Instant::now());
    let mut stages = Vec::new();
    let (ours, theirs) = duplex(256);
    let ours = async {
        let result = run(ours, dialogue, &clock, &Authorities::default(), |stage| stages.push(stage)).await;
        (result, clock.now() - 1_000_000)
    };
    let ((result, took), ()) = tokio::join!(ours, serve(theirs, acts));
    (result, stages, took)
}

/// How many exchanges there are and why it broke off, or why there is no session.
type Want = Result<(usize, Option<Unseen>), Unseen>;

#[tokio::test(start_paused = true)]
async fn sessions() {
    use Act::*;
    let hello = Say("220 mx.test");
    let ok = Say("250 mx.test");
    // Exchanges and why it broke; the most seconds that it may take.
    let rows: &[(&str, &[Act], Want, u64)] = &[
        ("whole", &[hello, ok], Ok((9, None)), 0),
        ("a greeting after 59 s", &[Wait(59, "220 mx.test"), ok], Ok((9, None)), 59),
        ("a greeting after 61 s", &[Wait(61, "220 mx.test"), ok], Err(Unseen::GreetingTimeout), 61),
        ("silent", &[Silence], Err(Unseen::GreetingTimeout), 62),
        ("closes at once", &[Hang], Err(Unseen::Closed), 0),
        ("drips its greeting", &[Drip], Err(Unseen::Garbled), 6),
        ("silent at EHLO", &[hello, Silence], Ok((2, Some(Unseen::ReplyTimeout))), 32),
        ("closes at HELP", &[hello, ok, Hang], Ok((3, Some(Unseen::Closed))), 0),
        ("floods", &[hello, Flood], Ok((2, Some(Unseen::Overlong))), 2),
        (
            "slow all the way",
            &[Wait(50, "220 mx.test"), Wait(29, "250 mx.test")],
            Ok((3, Some(Unseen::OutOfTime))),
            110,
        ),
        ("closes instead of QUIT's reply", &[hello, ok, ok, ok, ok, ok, ok, ok, Hang], Ok((9, None)), 0),
    ];
    for (name, acts, want, seconds) in rows {
        let (result, stages, took) = talk(acts).await;
        let got = result.map(|session| (session.exchanges.len(), session.broke));
        assert_eq!(got, *want, "{name}");
        assert!(took <= seconds * 1000, "{name}: {took} ms");
        let greeted = want.is_ok();
        let all = [Stage::Greeting, Stage::Reply];
        assert_eq!(stages, all[..if greeted { 2 } else { 1 }], "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn delay_of_the_greeting_is_kept() {
    let (session, ..) = talk(&[Act::Wait(40, "220 mx.test"), Act::Say("250 mx.test")]).await;
    let session = session.unwrap();
    assert_eq!(session.step(Step::Greeting).unwrap().took, 40_000);
    assert_eq!(session.step(Step::Ehlo).unwrap().took, 0);
}

#[tokio::test(start_paused = true)]
async fn one_loop_for_all_protocols() {
    use Act::*;
    let capability = Say("* CAPABILITY LOGINDISABLED\r\na1 OK");
    let rows: &[(Script, &[Act], Want, u64)] = &[
        (Script::ImapSurvey, &[Say("* OK"), capability, Say("* BYE\r\na2 OK")], Ok((3, None)), 0),
        (Script::ImapSurvey, &[Say("* OK"), capability, Silence], Ok((3, None)), 7),
        (Script::ImapSurvey, &[Say("* OK"), Silence], Ok((2, Some(Unseen::ReplyTimeout))), 32),
        (Script::ImapSurvey, &[Wait(61, "* OK")], Err(Unseen::GreetingTimeout), 61),
        (Script::PopSurvey, &[Say("+OK"), Say("+OK\r\nSTLS\r\n."), Say("+OK")], Ok((3, None)), 0),
        (Script::PopSurvey, &[Hang], Err(Unseen::Closed), 0),
        (Script::SieveSurvey, &[Say("\"SIEVE\" \"\"\r\nOK"), Say("OK")], Ok((2, None)), 0),
    ];
    for (script, acts, want, seconds) in rows {
        let identity = Identity::at(&DomainName::new("us.test").unwrap());
        let talk = Talk::new(script, &identity, "n", "192.0.2.1".parse().unwrap());
        let clock = Tokio(Instant::now());
        let (ours, theirs) = duplex(256);
        let authorities = Authorities::default();
        let (answer, ()) = tokio::join!(run(ours, talk, &clock, &authorities, |_| ()), serve(theirs, acts));
        let got = answer.map(|answer| match answer {
            Answer::Lines(session) => (session.exchanges.len(), session.broke),
            other => panic!("{other:?}"),
        });
        assert_eq!(got, *want, "{script:?}");
        assert!(clock.now() - 1_000_000 <= seconds * 1000 + 2_000, "{script:?}");
    }
}
