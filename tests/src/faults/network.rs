//! Resolvers and the exit to port 25, behind relays that fail them: dead, silent, slow, cut short, changed on the way, and
//! lying; one, the other, and both.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use mailsins_lab::exit;
use shared::Verdict;

use super::{Row, accusations, is_whole};
use crate::relay::{Manner, Relay};
use crate::served::Served;
use crate::{SCAN_LIMIT, says};

/// A domain without a fault: whatever is held against it is made up.
const CLEAN: &str = "saint.test";

/// What a resolver may say that isn't so: something that is no DNS, and a message that answers nothing that was asked.
const LOGIN_PAGE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello";
const OTHER_ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\nContent-Length: 44\r\n\r\n\
    \0\0\x81\x80\0\x01\0\x01\0\0\0\0\x05other\x04test\0\0\x01\0\x01\xc0\x0c\0\x01\0\x01\0\0\x0e\x10\0\x04\x01\x02\x03\x04";

/// What an exit may say that isn't so: yes to everything at once, and that it is a mail server.
const ALWAYS_YES: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";
const IS_SMTP: &[u8] = b"220 mx1.saint.test ESMTP Sendmail 5.61\r\n";

/// What each of the two resolvers and the exit does; whether nothing may be missing then.
type Weather = (&'static str, [Manner; 3], bool);

const SECOND: Duration = Duration::from_secs(1);

const WEATHERS: [Weather; 16] = {
    use Manner::{Cut, Dead, Flipped, Honest, Says, Silent, Slow};
    [
        ("first resolver dead", [Dead, Honest, Honest], true),
        ("first resolver answers half", [Cut(60), Honest, Honest], true),
        ("first resolver is a login page", [Says(LOGIN_PAGE), Honest, Honest], true),
        ("first resolver answers otherwise", [Says(OTHER_ANSWER), Honest, Honest], true),
        ("resolvers slow", [Slow(SECOND), Slow(SECOND), Honest], true),
        ("both resolvers dead", [Dead, Dead, Honest], false),
        ("both resolvers silent", [Silent, Silent, Honest], false),
        ("both resolvers answer otherwise", [Says(OTHER_ANSWER), Says(OTHER_ANSWER), Honest], false),
        ("exit dead", [Honest, Honest, Dead], false),
        ("exit silent", [Honest, Honest, Silent], false),
        ("exit slow", [Honest, Honest, Slow(SECOND)], false),
        ("exit hangs up within the greeting", [Honest, Honest, Cut(60)], false),
        ("exit changes what is said", [Honest, Honest, Flipped(20)], false),
        ("exit says yes to everything", [Honest, Honest, Says(ALWAYS_YES)], false),
        ("exit says it is a mail server", [Honest, Honest, Says(IS_SMTP)], false),
        ("resolvers and exit slow, one answers half", [Cut(60), Slow(SECOND), Slow(SECOND)], false),
    ]
};

/// What a bit on the way can make of a conversation, which nobody can tell from the server's own words.
const CHANGED: &str = "exit changes what is said";

/// All of it, by a site of its own in this folder.
pub async fn run(folder: &Path) -> Result<Vec<Row>> {
    let resolver = format!("{}:8053", mailsins_lab::RESOLVER).parse()?;
    let relays =
        [Relay::to(resolver).await?, Relay::to(resolver).await?, Relay::to("127.25.0.82:3128".parse()?).await?];
    let [first, second, out] = &relays;
    let vars = [
        format!("RESOLVERS:http://127.0.0.1:{}/dns-query,http://127.0.0.1:{}/second", first.port, second.port),
        format!("PROBE_EGRESS:{}", exit::HTTP.replace("127.25.0.82:3128", &format!("127.0.0.1:{}", out.port))),
        "LAB_PORT_25:prohibited".to_owned(),
    ];
    let mut served = Served::start(folder, &vars).await?;
    let (_, good) = served.site.scan(CLEAN).await.context("with nothing wrong")?;
    ensure!(accusations(&good).is_empty() && good.grade.is_some(), "{:#?}", says(&good));
    let mut rows = Vec::new();
    for (number, (name, manners, whole)) in WEATHERS.into_iter().enumerate() {
        // What a host said before is said again for a while; it is another day each time.
        served.wrong(&format!("clock={}", (number as u64 + 1) * 3_600_000)).await?;
        for (relay, manner) in relays.iter().zip(manners) {
            relay.be(manner);
        }
        let begun = Instant::now();
        let seen = async {
            let (published, report) = served.site.scan(CLEAN).await?;
            let took = begun.elapsed();
            ensure!(took < SCAN_LIMIT, "{took:?}");
            let bad = accusations(&report);
            // A resolver or an exit that changes words is believed: it is the operator's own choice.
            ensure!(bad.is_empty() || name == CHANGED, "accused without a reason: {bad:?}");
            ensure!(!whole || says(&report) == says(&good), "it does not say what it says with nothing wrong");
            for relay in &relays {
                relay.be(Manner::Honest);
            }
            is_whole(&served.site, &published).await?;
            let untested = report.findings.iter().filter(|finding| finding.verdict == Verdict::Untested).count();
            let letter = report.grade.map_or("no letter", |grade| grade.letter());
            Ok(format!("{letter}, {untested} untested, {} accusations, {:.1} s", bad.len(), took.as_secs_f32()))
        }
        .await;
        relays.iter().for_each(|relay| relay.be(Manner::Honest));
        let promised = match name {
            CHANGED => "the scan ends in time; what is published is what was heard",
            _ => "the scan ends in time; nobody is accused of what was not seen",
        };
        rows.push(Row::new(name, promised, seen));
    }
    served.kill()?;
    Ok(rows)
}
