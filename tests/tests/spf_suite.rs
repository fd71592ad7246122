//! The published test suite of RFC 7208, through `check_host`. `./x test` fetches it: it is the
//! file `rfc7208-tests.yml` of pyspf's source distribution.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, ensure};
use mailsins_tests::setting;
use serde_json::Value;
use shared::evidence::{DnsAnswer, Record, Target};
use shared::inquiry::RecordType;
use shared::spf::{Lookup, Outcome, Query, check_host, mailbox};
use shared::{DomainName, Unseen};

/// How many tests the suite holds.
const TESTS: usize = 203;

/// Tests that we answer otherwise than the suite, each with the RFC's text that lets us. None.
const EXCEPTIONS: &[(&str, &str)] = &[];

type Zone = BTreeMap<String, Vec<Value>>;

#[test]
fn the_published_suite() -> Result<()> {
    let text = fs::read_to_string(setting("MAILSINS_SPF_SUITE")?)?;
    let scenarios: Vec<Value> = serde_saphyr::from_multiple(&text)?;
    let (mut count, mut failures) = (0, Vec::new());
    for scenario in &scenarios {
        let records = |list: &Value| list.as_array().cloned().unwrap_or_default();
        let zone = scenario["zonedata"].as_object().context("no zonedata")?;
        let zone: Zone = zone.iter().map(|(name, list)| (name.to_ascii_lowercase(), records(list))).collect();
        for (name, test) in scenario["tests"].as_object().context("no tests")? {
            count += 1;
            if let Err(why) = one(test, &zone)
                && !EXCEPTIONS.iter().any(|(exception, _)| exception == name)
            {
                failures.push(format!("{} / {name}: {why:#}", scenario["description"]));
            }
        }
    }
    println!("{} of {count} pass", count - failures.len());
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    ensure!(count == TESTS, "{count} tests instead of {TESTS}");
    Ok(())
}

/// Answers one question after the other until there is a result.
fn one(test: &Value, zone: &Zone) -> Result<()> {
    let word = |key: &str| test[key].as_str();
    let (sender, helo) = (word("mailfrom").unwrap_or(""), word("helo").unwrap_or(""));
    let query = Query {
        ip: word("host").context("no host")?.parse()?,
        domain: mailbox(sender, helo).1,
        sender,
        helo,
        receiver: "",
        now: 1_795_000_000,
    };
    let mut known: BTreeMap<(String, RecordType), Option<DnsAnswer>> = BTreeMap::new();
    let evaluation = loop {
        let outcome = check_host(&query, &|name, record| match known.get(&(name.to_owned(), record)) {
            Some(Some(answer)) => Lookup::Known(answer),
            Some(None) => Lookup::Unseen(Unseen::DnsTimeout),
            None => Lookup::Missing,
        });
        match outcome {
            Outcome::Done(evaluation) => break evaluation,
            Outcome::Lacks(lacks) => {
                ensure!(!lacks.is_empty(), "it lacks nothing, and yet has no result");
                for (name, record) in lacks {
                    let answer = answer(zone, &name, record)?;
                    ensure!(known.insert((name, record), answer).is_none(), "it asks twice");
                }
            }
        }
    };
    let result = evaluation.result.word();
    let allowed: Vec<&str> = match &test["result"] {
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    ensure!(allowed.contains(&result), "{result} instead of {allowed:?} ({:?})", evaluation.problem);
    if let Some(explanation) = word("explanation") {
        // DEFAULT is what a receiver says of its own accord.
        let ours = evaluation.explanation.as_deref().unwrap_or("DEFAULT");
        ensure!(ours == explanation, "explanation {ours:?} instead of {explanation:?}");
    }
    Ok(())
}

/// What the zone answers; nothing for a time-out.
fn answer(zone: &Zone, asked: &str, record: RecordType) -> Result<Option<DnsAnswer>> {
    let mut answer = DnsAnswer::default();
    let mut at = asked.to_ascii_lowercase();
    let mut seen = BTreeSet::new();
    while let Some(alias) = zone.get(&at).into_iter().flatten().find_map(|entry| entry["CNAME"].as_str()) {
        if !seen.insert(at.clone()) {
            break;
        }
        at = alias.trim_end_matches('.').to_ascii_lowercase();
        answer.aliases.push(DomainName::new(&at)?);
    }
    let Some(entries) = zone.get(&at) else {
        answer.nxdomain = true;
        return Ok(Some(answer));
    };
    // Records of the type SPF stand for TXT records where there are none of these.
    let kind = record.to_string();
    let of = |kind: &str| entries.iter().filter_map(|e| e.get(kind)).cloned().collect::<Vec<_>>();
    let mut data = of(&kind);
    if record == RecordType::Txt && data.is_empty() {
        data = of("SPF");
    }
    data.retain(|data| data.as_str() != Some("NONE"));
    if data.is_empty() && entries.iter().any(|entry| entry.as_str() == Some("TIMEOUT")) {
        return Ok(None);
    }
    for data in data {
        answer.records.push(read(record, &data).with_context(|| format!("{asked} {record} {data}"))?);
    }
    Ok(Some(answer))
}

fn read(record: RecordType, data: &Value) -> Result<Record> {
    let target = |data: &Value| {
        let name = data.as_str().unwrap_or("");
        match DomainName::new(name) {
            Ok(name) => Target::Name(name),
            Err(_) if name.is_empty() => Target::Root,
            Err(_) => Target::Odd(name.to_owned()),
        }
    };
    let text = data.as_str().unwrap_or("");
    Ok(match record {
        RecordType::A => Record::A(text.parse()?),
        RecordType::Aaaa => Record::Aaaa(text.parse()?),
        RecordType::Ptr => Record::Ptr(target(data)),
        RecordType::Mx => {
            Record::Mx { preference: u16::try_from(data[0].as_u64().unwrap_or(0))?, exchange: target(&data[1]) }
        }
        RecordType::Txt => Record::Txt(match data {
            Value::Array(strings) => strings.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => vec![text.to_owned()],
        }),
        RecordType::Ns | RecordType::Soa | RecordType::Tlsa | RecordType::Srv | RecordType::Spf => {
            anyhow::bail!("SPF asks for no {record}")
        }
    })
}
