//! The peers that mean harm (probe/tests/hostile), met by the site: its Worker must come to the end of each in time and within
//! memory, tell the truth of it, and serve the next request.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

#[path = "../../../probe/tests/hostile/certificates.rs"]
mod certificates;
#[path = "../../../probe/tests/hostile/lines.rs"]
mod lines;
#[path = "../../../probe/tests/hostile/peer.rs"]
mod peer;
#[path = "../../../probe/tests/hostile/row.rs"]
mod row;
#[path = "../../../probe/tests/hostile/smtp.rs"]
mod smtp;
#[path = "../../../probe/tests/hostile/tls.rs"]
mod tls;
mod world;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use mailsins_lab::workerd::Workerd;
use mailsins_tests::Site;
use shared::inquiry::Script;
use shared::{DomainName, Evidence, Inquiry, Options, Report, Unseen, Verdict};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use peer::Act::{Good, Say};
use peer::Peer;
use row::{End, Row, Time, end_of};
use world::{Wire, World};

/// How far behind its deadline a conversation may end, in milliseconds, besides what one with a careful server takes at the
/// same time: a busy machine is slow for all.
const LATE_MAX: u64 = 2_000;

/// The most octets by which workerd may grow for one peer.
const MEMORY_MAX: u64 = 20 * 1024 * 1024;

/// Those of whom the most comes: they are also met one by one. Each comes to its end at once.
const LARGE: [&str; 7] = [
    "greets in a line of 10 MB",
    "replies without end",
    "replies in a line of 1 MB",
    "shows 1 MB",
    "shows a chain of 100",
    "announces 4 GB and sends them",
    "has a line of 10 MB in its list",
];

/// How many scans run at once.
const AT_ONCE: usize = 6;

/// So many peers are met at once.
const PEERS_AT_ONCE: u64 = AT_ONCE as u64 * 8;

/// Which reply comes before which command depends on the network here.
const RACING: [&str; 3] =
    ["says 250 for ever, unasked", "takes everyone for ever, unasked", "says 550 for ever, unasked"];

/// A domain of some peers, all of one sort.
struct Group {
    domain: String,
    /// Names of hosts that are no mail exchangers.
    hosts: Vec<DomainName>,
    /// The last one is careful.
    peers: Vec<(Ipv4Addr, Row)>,
}

/// Its name.
const CAREFUL: &str = "is careful";

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_bears_them() -> Result<()> {
    let (exchangers, readers) = rows();
    let count = exchangers.len() + readers.len();
    let groups = groups(exchangers, ('d', 70, 7)).into_iter().chain(groups(readers, ('e', 85, 4)));

    let site = Site::new()?;
    let port = site.origin.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).context("the site's port")?;
    let memory = Arc::new(Workerd::of(port)?);
    // What a first scan needs is needed by all.
    site.scan("nullmx.test").await?;
    let before = memory.resident();
    let (peak, over) = (Arc::new(AtomicU64::new(before)), Arc::new(AtomicBool::new(false)));
    let watch = {
        let (memory, peak, over) = (Arc::clone(&memory), Arc::clone(&peak), Arc::clone(&over));
        tokio::spawn(async move {
            while !over.load(Ordering::Relaxed) {
                peak.fetch_max(memory.resident(), Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        })
    };

    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut runs = Vec::new();
    for group in groups {
        let turns = Arc::clone(&turns);
        runs.push(tokio::spawn(async move {
            let _turn = turns.acquire().await?;
            scan(&group).await.with_context(|| group.domain.clone())
        }));
    }
    let mut wrong = Vec::new();
    for run in runs {
        wrong.extend(run.await??);
    }
    over.store(true, Ordering::Relaxed);
    watch.await?;
    let grown = peak.load(Ordering::Relaxed).saturating_sub(before);
    println!("{count} peers; workerd held {} MB before, {} MB more at its peak", before >> 20, grown >> 20);
    wrong.extend(one_by_one(&memory).await?);
    ensure!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    ensure!(count >= 40, "only {count} peers");
    ensure!(grown <= MEMORY_MAX * PEERS_AT_ONCE, "workerd grew by {grown} octets");
    ensure!(site.get("/").await?.status().is_success(), "the next request is not served");
    site.scan("nullmx.test").await.context("the next scan")?;
    Ok(())
}

/// How much more workerd holds at its peak while each of the largest is met by itself.
async fn one_by_one(memory: &Workerd) -> Result<Vec<String>> {
    let (exchangers, readers) = rows();
    let large = |rows: Vec<Row>, place| {
        groups(rows.into_iter().filter(|row| LARGE.contains(&row.name)).collect(), place).into_iter()
    };
    let groups: Vec<Group> = large(exchangers, ('d', 70, 1)).chain(large(readers, ('e', 85, 1))).collect();
    ensure!(groups.len() >= LARGE.len(), "only {} of the largest", groups.len());
    // What was heard at these addresses before is served no more (the lab's rest).
    tokio::time::sleep(Duration::from_secs(16)).await;
    let mut wrong = Vec::new();
    for group in groups {
        let name = group.peers.first().map_or("", |(_, row)| row.name);
        let before = memory.resident();
        let mut peak = before;
        let mut scan = std::pin::pin!(scan(&group));
        wrong.extend(loop {
            tokio::select! {
                done = &mut scan => break done?,
                () = tokio::time::sleep(Duration::from_millis(20)) => peak = peak.max(memory.resident()),
            }
        });
        let grown = peak.saturating_sub(before);
        println!("{:>7} KB more  {name}", grown >> 10);
        if grown > MEMORY_MAX {
            wrong.push(format!("{name}: workerd grew by {grown} octets"));
        }
    }
    Ok(wrong)
}

/// All peers: those who take mail, and those where people read it.
fn rows() -> (Vec<Row>, Vec<Row>) {
    let mut exchangers = [smtp::greetings(), smtp::replies(), smtp::flights()].concat_rows();
    exchangers.extend([tls::handshakes(), tls::certificates_of_all_sorts(), tls::inside()].concat_rows());
    // Nobody asks for recipients inside TLS where it failed before.
    exchangers.retain(|row| row.tls.is_none() || matches!(row.script, Script::SmtpSurvey));
    let readers = [lines::imap(), lines::pop(), lines::sieve()].concat_rows();
    (exchangers, readers)
}

trait Rows {
    fn concat_rows(self) -> Vec<Row>;
}

impl<const N: usize> Rows for [Vec<Row>; N] {
    fn concat_rows(self) -> Vec<Row> {
        self.into_iter().flatten().collect()
    }
}

/// Peers side by side: the patient ones first, so that the rest goes on beside them.
fn groups(mut rows: Vec<Row>, (letter, network, size): (char, u8, usize)) -> Vec<Group> {
    rows.sort_by_key(|row| std::cmp::Reverse(seconds(row)));
    let mut groups = Vec::new();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let number = u8::try_from(groups.len() + 1).unwrap();
        let domain = format!("{letter}{number}.peers.test");
        let careful = match letter {
            'd' => row::row(CAREFUL, Script::SmtpSurvey, vec![Say("220 mx.h.test ESMTP"), Good(99)], Ok((9, None))),
            _ => row::row(CAREFUL, Script::ImapSurvey, vec![Say("* OK hi"), Good(99)], Ok((4, None))),
        };
        let addresses = (1..).map(|at| Ipv4Addr::new(127, 25, network + number, at));
        let peers: Vec<_> = addresses.zip(rows.by_ref().take(size).chain([careful])).collect();
        let names = (1..=peers.len()).map(|at| DomainName::new(&format!("p{at}.{domain}")).unwrap());
        let hosts = if letter == 'e' { names.collect() } else { Vec::new() };
        groups.push(Group { domain, hosts, peers });
    }
    groups
}

const fn seconds(row: &Row) -> u64 {
    match row.time {
        Time::At(seconds) | Time::By(seconds) => seconds,
    }
}

/// What is not as it should be.
async fn scan(group: &Group) -> Result<Vec<String>> {
    let mut servers = Vec::new();
    for (address, row) in &group.peers {
        let listener = TcpListener::bind((*address, port(&row.script))).await.context("listening there needs root")?;
        servers.push(tokio::spawn(serve(listener, row.script.clone(), row.acts.clone())));
    }
    let options = Options { hosts: group.hosts.clone(), ..Options::default() };
    let report = Site::new()?.scan_with(&group.domain, options).await;
    servers.iter().for_each(tokio::task::JoinHandle::abort);
    let (_, report) = report?;
    let slowness = group.peers.last().and_then(|(address, row)| piece(&report, *address, &row.script));
    let slowness = u64::from(slowness.context("nobody asked the careful server")?.took);
    Ok(group.peers.iter().flat_map(|(address, row)| judged(&report, (*address, row), slowness)).collect())
}

/// The peer is met in one conversation. Before the recipients a careful server says of itself what it can do; whoever comes
/// once more finds the door shut.
async fn serve(listener: TcpListener, script: Script, acts: Vec<peer::Act>) {
    let careful = vec![Say("220 mx.h.test ESMTP"), Good(99)];
    let mut parts = match script {
        Script::SmtpRecipients { .. } => vec![acts, careful],
        _ => vec![acts],
    };
    let mut playing = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let Some(acts) = parts.pop() else { continue };
        let script = script.clone();
        playing.spawn(async move { Peer::new(Wire::new(stream), &World, &script, None).play(&acts).await });
    }
}

const fn port(script: &Script) -> u16 {
    match script {
        Script::ImapSurvey => 143,
        Script::PopSurvey => 110,
        Script::SieveSurvey => 4190,
        _ => 25,
    }
}

fn judged(report: &Report, (address, row): (Ipv4Addr, &Row), slowness: u64) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expect = |is: bool, what: String| {
        if !is {
            wrong.push(format!("{} ({address}): {what}", row.name));
        }
    };
    let Some(piece) = piece(report, address, &row.script) else {
        return vec![format!("{} ({address}): nobody asked", row.name)];
    };
    println!("{:>7} ms  {}", piece.took, row.name);
    // Without TLS the row is of a client that does not want any; this one does where it is offered.
    let certain = !RACING.contains(&row.name) && (row.tls.is_some() || !matches!(row.end, Ok((_, None))));
    let end = end_of(&piece.answer);
    let limit = if certain { seconds(row) } else { seconds(row).max(30) + 30 };
    // Whoever hears an octet a second is late himself.
    let paced = row.acts.iter().any(|act| matches!(act, peer::Act::HearSlowly(_)));
    let latest = limit * 1000 + LATE_MAX + slowness + if paced { 10_000 } else { 0 };
    expect(u64::from(piece.took) <= latest, format!("{} ms, a careful server {slowness} ms", piece.took));
    if certain {
        expect(alike(end) == alike(row.end), format!("{end:?}, not {:?}", row.end));
        if let (Ok(answer), true) = (&piece.answer, row.tls.is_some()) {
            (row.look)(answer);
        }
    }
    let here = format!(", {address}, port {}", port(&row.script));
    for finding in report.findings.iter().filter(|finding| finding.subject.ends_with(&here)) {
        let what = format!("{}/{}", finding.check, finding.outcome);
        // Some of the peers say STARTTLS or STLS and know nothing of TLS.
        let untrue = ["starttls/mx-fails", "starttls/imap-fails", "starttls/pop3-fails"];
        let seen = row.accused.contains(&what.as_str()) || row.tls.is_none() && untrue.contains(&what.as_str());
        expect(finding.verdict < Verdict::Venial || seen, format!("accused of {what}"));
        let praised = finding.verdict == Verdict::Clean && finding.check != "mx-reachable";
        expect(!(praised && piece.answer.is_err()), format!("praised for {what}"));
    }
    wrong
}

/// What came of the conversation that a peer is made for.
fn piece<'a>(report: &'a Report, at: Ipv4Addr, wanted: &Script) -> Option<&'a Evidence> {
    report.evidence.iter().find(|piece| {
        matches!(&piece.inquiry, Inquiry::Probe { address, port: on, script, .. }
            if *address == at && *on == port(wanted) && std::mem::discriminant(script) == std::mem::discriminant(wanted))
    })
}

/// The platform does not tell a reset from an end.
const fn alike(end: End) -> End {
    match end {
        Err(Unseen::Reset) => Err(Unseen::Closed),
        Ok((exchanges, Some(Unseen::Reset))) => Ok((exchanges, Some(Unseen::Closed))),
        other => other,
    }
}
