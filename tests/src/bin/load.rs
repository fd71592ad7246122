//! `./x load`: hundreds of scans at once on one workerd, thousands of badges, and a soak. Prints latencies, what the
//! targets got, and memory.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use futures_util::future::join_all;
use mailsins_tests::faults::{complete, forms, is_whole};
use mailsins_tests::served::Served;
use mailsins_tests::wire::{connections, wire};
use mailsins_tests::{Site, setting};
use reqwest::Method;
use shared::api::{Drive, Published, ScanState};
use shared::{Inquiry, Unseen};
use tokio::process::Command;

/// Domains of the lab whose scans are short, and those at one host that takes two seconds to greet.
const DOMAINS: [&str; 20] = [
    "saint",
    "sinner",
    "quiet",
    "papers",
    "keys",
    "lax",
    "certs",
    "quirks",
    "relics",
    "monk",
    "nun",
    "foreign",
    "tenant",
    "vouched",
    "wide",
    "trinity",
    "nobounce",
    "implicit",
    "halfdown",
    "untrusted",
];

/// How many read badges at once.
const READERS: usize = 50;

/// What the soak has going at once: scans, publications with a deletion, reads.
const SOAK: [usize; 3] = [4, 2, 4];

/// Memory of ours that may come on top in the soak's last quarter, in MB: what is under way at the moment differs.
const GROWTH_MAX: f64 = 16.0;

/// How often memory is looked at.
const LOOK: Duration = Duration::from_secs(15);

/// How long one scan may be waited for where so many run.
const PATIENCE: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> Result<()> {
    let (mut scans, mut reads, mut minutes) = (300, 5000, 20.0);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let number = arguments.next().and_then(|text| text.parse::<f64>().ok());
        let number = number.with_context(|| format!("{argument} wants a number"))?;
        match argument.as_str() {
            "--scans" => scans = number as usize,
            "--reads" => reads = number as usize,
            "--minutes" => minutes = number,
            other => bail!("there is no {other}"),
        }
    }
    let folder = PathBuf::from(setting("MAILSINS_FOLDER")?);
    let watched = Command::new(setting("MAILSINS_X")?).args(["lab", "watch"]).status().await?;
    ensure!(watched.success(), "nobody watches the wire");
    // Hosts get as much rest as in production; that the day's share of a network is kept is another test's.
    let vars = ["LAB_REST:production".to_owned(), "NETWORK_CAP:10000".to_owned()];
    let mut served = Served::start(&folder.join("load"), &vars).await?;
    let site = served.direct()?;
    let published = crowd(&served, &site, scans).await?;
    badges(&site, &published, reads).await?;
    served.kill()?;
    if minutes > 0.0 {
        let mut served = Served::start(&folder.join("soak"), &[]).await?;
        soak(&served, &served.direct()?, Duration::from_secs_f64(minutes * 60.0)).await?;
        served.kill()?;
    }
    Ok(())
}

/// How long requests took, in milliseconds.
#[derive(Default)]
struct Times(Vec<f64>);

impl Times {
    fn add(&mut self, begun: Instant) {
        self.0.push(begun.elapsed().as_secs_f64() * 1000.0);
    }

    fn print(mut self, what: &str) {
        self.0.sort_by(f64::total_cmp);
        let at = |share: f64| self.0.get(((self.0.len() as f64 - 1.0) * share) as usize).copied().unwrap_or_default();
        println!("{what:<28}{:>7}{:>10.1}{:>10.1}{:>10.1}{:>10.1}", self.0.len(), at(0.5), at(0.9), at(0.99), at(1.0));
    }
}

/// What one scan came to.
struct Scanned {
    state: ScanState,
    begin: f64,
    polls: Vec<f64>,
    publish: f64,
    again: usize,
    whole: Instant,
    published: Published,
}

/// So many scans, begun at once.
async fn crowd(served: &Served, site: &Site, count: usize) -> Result<Vec<Published>> {
    let begun = Instant::now();
    let before = served.memory()?;
    // Half of them are of domains whose mail goes to one host.
    let domain = |number: usize| match number % 2 {
        0 => format!("{}.test", DOMAINS.get(number / 2 % DOMAINS.len()).copied().unwrap_or("saint")),
        _ => format!("l{number}.crowd.trinity.test"),
    };
    let all = join_all((0..count).map(|number| scan(site, domain(number)))).await;
    let all: Vec<Scanned> = all.into_iter().collect::<Result<_>>().context("a scan was lost")?;
    let took = begun.elapsed();
    println!("{count} scans at once: all ended and were published after {:.1} s", took.as_secs_f32());
    println!(
        "memory of the Worker's process: {} MB before, {} MB after; of that ours: {} MB of WebAssembly, {} MB of JavaScript\n",
        before >> 20,
        served.memory()? >> 20,
        served.instance()? >> 20,
        served.heap().await? >> 20
    );

    println!("{:<28}{:>7}{:>10}{:>10}{:>10}{:>10}", "ms", "count", "median", "90 %", "99 %", "most");
    let (mut begins, mut polls, mut publishes, mut ends) = <(Times, Times, Times, Times)>::default();
    for scanned in &all {
        begins.0.push(scanned.begin);
        polls.0.extend(&scanned.polls);
        publishes.0.push(scanned.publish);
        ends.0.push((scanned.whole - begun).as_secs_f64() * 1000.0);
    }
    begins.print("beginning a scan");
    polls.print("reading how it stands");
    publishes.print("publishing it");
    ends.print("from begin to report");

    let again: usize = all.iter().map(|scanned| scanned.again).sum();
    println!("asked again, since workerd reset the connection: {again}");
    let mut unseen: BTreeMap<&str, usize> = BTreeMap::new();
    // Each question, and whether anybody has an answer to it.
    let mut asked: BTreeMap<SocketAddr, BTreeMap<String, bool>> = BTreeMap::new();
    for piece in all.iter().flat_map(|scanned| &scanned.state.evidence) {
        if let Err(why) = &piece.evidence.answer {
            *unseen.entry(why.code()).or_default() += 1;
        }
        if let Inquiry::Probe { address, port, .. } = &piece.evidence.inquiry {
            let question = serde_json::to_string(&piece.evidence.inquiry)?;
            *asked.entry(SocketAddr::new(*address, *port)).or_default().entry(question).or_default() |=
                piece.evidence.answer.is_ok();
        }
    }
    println!("\nunseen, of all evidence: {unseen:?}");
    ensure!(!unseen.contains_key(Unseen::Failed.code()), "something of ours failed");

    let turns = wire("127.25.").await?;
    let counts = connections(&turns)?;
    let (mut all_in_all, mut most) = (0, (0, None));
    for (socket, count) in &counts {
        // What was answered rests for ten minutes, what failed for one.
        let again = took.as_secs() as usize / 60;
        let questions = asked.get(socket).into_iter().flatten();
        let may: usize = questions.map(|(_, answered)| if *answered { 1 } else { 1 + again }).sum();
        ensure!(*count <= may, "{socket} got {count} connections for {may} different questions");
        all_in_all += count;
        most = most.max((*count, Some(*socket)));
    }
    println!(
        "targets: {} addresses and ports got {all_in_all} connections, one at a time each, none for what was answered before; \
         most: {} at {:?}\n",
        counts.len(),
        most.0,
        most.1
    );
    let published: Vec<Published> = all.into_iter().map(|scanned| scanned.published).collect();
    for report in &published {
        is_whole(site, report).await.with_context(|| report.id.clone())?;
    }
    Ok(published)
}

async fn scan(site: &Site, domain: String) -> Result<Scanned> {
    let start = Instant::now();
    let again = AtomicUsize::new(0);
    let id = persistently(&again, || site.begin(&domain, Drive::Server)).await.with_context(|| domain.clone())?.id;
    let ms = |since: Instant| since.elapsed().as_secs_f64() * 1000.0;
    let (begin, mut polls) = (ms(start), Vec::new());
    let state = loop {
        let asked = Instant::now();
        let state = persistently(&again, || site.state(&id)).await;
        polls.push(ms(asked));
        match state {
            Ok(state) if state.complete => break state,
            Ok(_) => {}
            // Whoever polls may ask once more.
            Err(error) => ensure!(ms(asked) > 29_000.0, "{error:#}"),
        }
        ensure!(start.elapsed() < PATIENCE, "the scan of {domain} does not end");
        tokio::time::sleep(Duration::from_secs(2)).await;
    };
    let asked = Instant::now();
    let published = persistently(&again, || site.publish(&id)).await?;
    Ok(Scanned { state, begin, polls, publish: ms(asked), again: again.into_inner(), whole: Instant::now(), published })
}

/// Sends a request again whose connection workerd reset, as it does where two cores have so much to do. Beginning twice is one
/// scan more; publishing twice is publishing once.
async fn persistently<T, F: Future<Output = Result<T>>>(again: &AtomicUsize, send: impl Fn() -> F) -> Result<T> {
    let is_reset = |error: &anyhow::Error| {
        error.downcast_ref::<reqwest::Error>().is_some_and(|error| error.is_request() && !error.is_timeout())
    };
    loop {
        match send().await {
            Err(error) if again.load(Ordering::Relaxed) < 20 && is_reset(&error) => {
                again.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            other => return other,
        }
    }
}

/// Badges, read by many at once: each is what it was the first time.
async fn badges(site: &Site, published: &[Published], reads: usize) -> Result<()> {
    let mut paths = Vec::new();
    for report in published {
        let [_, _, _, svg, json, _] = forms(report)?;
        paths.extend([svg, json]);
    }
    let (paths, next) = (Arc::new(paths), Arc::new(AtomicUsize::new(0)));
    let begun = Instant::now();
    let readers = (0..READERS).map(|_| {
        let (paths, next, origin) = (Arc::clone(&paths), Arc::clone(&next), site.origin.clone());
        tokio::spawn(async move {
            let site = Site::on(origin)?;
            let (mut times, mut seen) = (Times::default(), BTreeMap::new());
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let path = paths.get(number % paths.len()).context("no badge")?;
                if number >= reads {
                    return anyhow::Ok((times, seen));
                }
                let begun = Instant::now();
                let text = site.get(path).await?.error_for_status()?.text().await?;
                times.add(begun);
                let first = seen.entry(path.clone()).or_insert_with(|| text.clone());
                ensure!(*first == text, "{path} changed");
            }
        })
    });
    let (mut times, mut texts) = (Times::default(), BTreeMap::new());
    for reader in join_all(readers).await {
        let (some, seen) = reader??;
        times.0.extend(some.0);
        for (path, text) in seen {
            ensure!(*texts.entry(path.clone()).or_insert_with(|| text.clone()) == text, "{path} differs");
        }
    }
    let took = begun.elapsed().as_secs_f64();
    println!("{:<28}{:>7}{:>10}{:>10}{:>10}{:>10}", "ms", "count", "median", "90 %", "99 %", "most");
    times.print("reading a badge");
    println!("{READERS} at once: {:.0} badges a second, none refused\n", reads as f64 / took);
    Ok(())
}

/// What people do, for a while; memory is written down. What is ours may not grow: the WebAssembly's and the
/// isolate's heap. The process has the local stand-ins for storage besides.
async fn soak(served: &Served, site: &Site, length: Duration) -> Result<()> {
    let over = Arc::new(AtomicBool::new(false));
    let [scanned, wrote, read] = [(); 3].map(|()| Arc::new(AtomicUsize::new(0)));
    let mut tasks = Vec::new();
    let mut worker = |task: usize, done: &Arc<AtomicUsize>, kind: usize| {
        let (over, done, origin) = (Arc::clone(&over), Arc::clone(done), site.origin.clone());
        tasks.push(tokio::spawn(async move {
            let site = Site::on(origin)?;
            let kept = site.publish(&complete(&site).await?.id).await?;
            let mut turn = task;
            while !over.load(Ordering::Relaxed) {
                match kind {
                    0 => {
                        let domain = DOMAINS.get(turn % DOMAINS.len()).copied().unwrap_or("saint");
                        let scan = scan(&site, format!("{domain}.test")).await?;
                        is_whole(&site, &scan.published).await?;
                        turn += SOAK[0];
                    }
                    1 => {
                        let report = site.publish(&complete(&site).await?.id).await?;
                        let path = format!("/api/v1/reports/{}", report.id);
                        let key = report.delete_key.context("a key")?;
                        let gone = site.send_with(Method::DELETE, &path, ("mailsins-delete-key", &key)).await?;
                        ensure!(gone.status().is_success(), "{}", gone.status());
                        tokio::time::sleep(Duration::from_millis(500)).await;
                    }
                    _ => {
                        is_whole(&site, &kept).await?;
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
                done.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        }));
    };
    for (kind, (count, done)) in SOAK.into_iter().zip([&scanned, &wrote, &read]).enumerate() {
        (0..count).for_each(|task| worker(task, done, kind));
    }
    println!(
        "soak of {:.0} minutes; memory in MB by minute: WebAssembly, JavaScript, all of the process",
        length.as_secs_f64() / 60.0
    );
    let begun = Instant::now();
    let mut samples: Vec<f64> = Vec::new();
    let mut next = 0;
    while begun.elapsed() < length {
        let minute = begun.elapsed().as_secs_f64() / 60.0;
        let (instance, heap) = (served.instance()? as f64 / 1e6, served.heap().await? as f64 / 1e6);
        samples.push(instance + heap);
        if minute as usize >= next {
            println!("{minute:>5.0}{instance:>8.1}{heap:>8.1}{:>8.0}", served.memory()? as f64 / 1e6);
            next += 1;
        }
        if let Some(ended) = tasks.iter().position(tokio::task::JoinHandle::is_finished) {
            tasks.swap_remove(ended).await??;
            bail!("a client of the soak ended early");
        }
        tokio::time::sleep(LOOK).await;
    }
    over.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await??;
    }
    // Garbage comes and goes: what is left is the least of many looks.
    let least = |part: &[f64]| part.iter().copied().fold(f64::INFINITY, f64::min);
    let last = samples.split_off(samples.len() * 3 / 4);
    let before = least(samples.get(samples.len() * 2 / 3..).unwrap_or_default());
    let grown = least(&last) - before;
    println!(
        "{} scans, {} reports published and deleted, {} times all forms of one read, nothing lost",
        scanned.load(Ordering::Relaxed),
        wrote.load(Ordering::Relaxed),
        read.load(Ordering::Relaxed)
    );
    println!(
        "ours, at the least: {before:.1} MB in the third quarter, {grown:+.1} MB in the last; {GROWTH_MAX:.0} MB are allowed"
    );
    ensure!(grown < GROWTH_MAX, "memory grows");
    Ok(())
}
