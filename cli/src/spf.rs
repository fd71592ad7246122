//! `mailsins spf`.

use std::collections::HashMap;
use std::io::Write as _;

use futures_util::future::join_all;
use probe::Clock;
use serde_json::json;
use shared::evidence::DnsAnswer;
use shared::inquiry::RecordType;
use shared::spf::{Evaluation, LOOKUPS_MAX, Lookup, Outcome, Query, VOIDS_MAX, check_host, outline};
use shared::visible::visible;
use shared::{DomainName, Unseen};

use crate::args::Spf;
use crate::clock::Wall;
use crate::formats::escaped;
use crate::resolver::{NO_RESOLVER, Resolver};
use crate::{End, refuse};

/// What came of each question.
type Answers = HashMap<(String, RecordType), Result<DnsAnswer, Unseen>>;

pub(crate) fn run(spf: &Spf) -> End {
    let ascii = |text: &str| if text.is_ascii() { Some(text.to_owned()) } else { idna::domain_to_ascii(text).ok() };
    let domain =
        match ascii(&spf.domain).ok_or(shared::domain::BadName::BadCharacter).and_then(|text| DomainName::new(&text)) {
            Ok(domain) => domain,
            Err(why) => {
                let message =
                    format!("{} has no SPF record: {why}. Try: mailsins spf example.org --ip 192.0.2.25", spf.domain);
                return refuse(End::Usage, &message);
            }
        };
    let servers = spf.resolvers.servers();
    if servers.is_empty() {
        return refuse(End::Unable, NO_RESOLVER);
    }
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(End::Unable, &error.to_string()),
    };
    let sender = spf.sender.clone().unwrap_or_else(|| format!("postmaster@{domain}"));
    let query = Query {
        ip: spf.ip,
        domain: domain.as_str(),
        sender: &sender,
        helo: spf.helo.as_deref().unwrap_or(domain.as_str()),
        receiver: "",
        now: Wall::start().now() / 1000,
    };
    let (evaluation, answers) = runtime.block_on(evaluate(&query, &Resolver::new(servers)));
    runtime.shutdown_background();
    let ours = |why: &Unseen| matches!(why, Unseen::ResolverFailed | Unseen::DnsTimeout);
    if let Some(why) = evaluation.unseen.filter(ours)
        && answers.values().all(Result::is_err)
    {
        return refuse(
            End::Unable,
            &format!("{domain} could not be looked up. {why} Name another resolver with --resolver."),
        );
    }
    let text = match spf.json {
        true => escaped(&format!("{:#}", in_json(&evaluation))),
        false => in_words(&evaluation, &query),
    };
    // A reader that has seen enough and closed the pipe is no failure.
    let _ = writeln!(std::io::stdout(), "{text}");
    End::Clean
}

/// Asks what is lacking, all of it at once, until there is a result.
async fn evaluate(query: &Query<'_>, resolver: &Resolver) -> (Evaluation, Answers) {
    let mut answers = Answers::new();
    loop {
        let outcome = check_host(query, &|name, record| match answers.get(&(name.to_owned(), record)) {
            Some(Ok(answer)) => Lookup::Known(answer),
            Some(Err(why)) => Lookup::Unseen(*why),
            None => Lookup::Missing,
        });
        let lacks = match outcome {
            Outcome::Done(evaluation) => return (evaluation, answers),
            Outcome::Lacks(lacks) => lacks,
        };
        let ask = |(name, record): (String, RecordType)| async move {
            let answer = match DomainName::odd(&name) {
                Ok(known) => resolver.look_up(&known, record, false).await,
                Err(_) => Err(Unseen::Failed),
            };
            ((name, record), answer)
        };
        answers.extend(join_all(lacks.into_iter().map(ask)).await);
    }
}

fn in_json(evaluation: &Evaluation) -> serde_json::Value {
    json!({
        "result": evaluation.result.word(),
        "lookups": evaluation.lookups,
        "voids": evaluation.voids,
        "explanation": evaluation.explanation,
        "tree": evaluation.tree,
    })
}

fn in_words(evaluation: &Evaluation, query: &Query<'_>) -> String {
    let Evaluation { result, lookups, voids, .. } = evaluation;
    let mut lines = vec![format!("{result}: {} for {}", query.ip, query.domain)];
    lines.extend(evaluation.problem.iter().map(|problem| format!("because {problem}")));
    lines.extend(evaluation.explanation.iter().map(|text| format!("explanation: {text}")));
    lines.push(format!("lookups: {lookups} of {LOOKUPS_MAX}; without an answer: {voids} of {VOIDS_MAX}"));
    let tree = outline(&evaluation.tree);
    lines.extend(tree.lines().map(|line| format!("  {line}")));
    lines.iter().map(|line| visible(line)).collect::<Vec<_>>().join("\n")
}
