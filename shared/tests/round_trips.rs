//! Every shape that goes over the wire is the same again when it is read: the API's, evidence, and options. By serde_json, and by
//! the reader that browsers have (`shared::json`). Reports and differences are in `properties.rs`.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test may read files, and fail")]

use std::fmt::Debug;
use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::api::{
    Arrived, Ask, Asking, BatchScan, BatchState, ConsentRefusal, ConsentState, Done, Drive, End, FileTest, MailTest,
    MailTestWord, NewBatch, NewScan, Numbered, Problem, Progress, Published, RecordFault, SampleTest, Scan, ScanState,
    Stage, Summary, TestFile,
};
use shared::evidence::{DnsAnswer, Fetched, Record, Target};
use shared::inquiry::RecordType;
use shared::outbound::Said;
use shared::syntax::consent::Word;
use shared::{Answer, DomainName, Evidence, Inquiry, Options, Report, Unseen, Verdict};

/// The shape is the same again, twice over: what was written from it is the same text.
fn keeps<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    let again: T = serde_json::from_str(&text).unwrap();
    assert_eq!(&again, value, "{text}");
    assert_eq!(serde_json::to_string(&again).unwrap(), text);
    let by_tree: Option<T> = shared::json::read(&text);
    assert_eq!(by_tree.as_ref(), Some(value), "{text}");
    // In between, as the platform's own stores keep it.
    let tree = serde_json::to_value(value).unwrap();
    assert_eq!(&serde_json::from_value::<T>(tree).unwrap(), value);
}

/// Any text: quotes, controls, what is not in the basic plane.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[ -~]{0,40}", Just("\u{0}\"\\\u{7f}\u{2028}\u{10ffff}</script>".to_owned())]
}

fn name() -> impl Strategy<Value = DomainName> {
    "[a-z0-9_]{1,12}(\\.[a-z0-9][a-z0-9-]{0,10}[a-z0-9]){1,4}"
        .prop_filter_map("a name", |text| DomainName::new(&text).ok())
}

/// Milliseconds, as far as a double counts them.
fn moment() -> impl Strategy<Value = u64> {
    0..(1_u64 << 53)
}

fn options() -> impl Strategy<Value = Options> {
    (vec("[a-z0-9]{1,8}", 0..4), vec(name(), 0..3)).prop_map(|(selectors, hosts)| {
        let json = serde_json::json!({ "selectors": selectors, "hosts": hosts });
        serde_json::from_value(json).unwrap()
    })
}

/// What servers of the lab answered: each kind of evidence there is.
fn recorded() -> Vec<Evidence> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let files =
        ["frontend/static/examples/saint.json", "frontend/static/examples/sinner.json", "tests/recorded/unsure.json"];
    let report = |file| serde_json::from_str::<Report>(&fs::read_to_string(root.join(file)).unwrap()).unwrap();
    files.into_iter().flat_map(|file| report(file).evidence).collect()
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let dns = (name(), text(), any::<u16>()).prop_map(|(name, text, preference)| {
        let records = vec![
            Record::Txt(vec![text.clone(), String::new()]),
            Record::Mx { preference, exchange: Target::Odd(text.clone()) },
            Record::Ptr(Target::Name(name.clone())),
        ];
        let answer = Answer::Dns(DnsAnswer { records, ..DnsAnswer::default() });
        (Inquiry::dns(&name, RecordType::Txt), Ok(answer))
    });
    let fetched = (name(), text(), text(), any::<u16>()).prop_map(|(name, kind, body, status)| {
        let answer = Fetched::new(status, kind.as_bytes(), Some(kind.as_bytes()), body.as_bytes());
        (Inquiry::dns(&name, RecordType::A), Ok(Answer::Fetch(answer)))
    });
    let unseen = (name(), 0..Unseen::ALL.len())
        .prop_map(|(name, which)| (Inquiry::dns(&name, RecordType::Mx), Err(*Unseen::ALL.get(which).unwrap())));
    let made_up = (prop_oneof![dns, fetched, unseen], moment(), any::<u32>());
    let made_up = made_up.prop_map(|((inquiry, answer), at, took)| Evidence { inquiry, at, took, answer });
    prop_oneof![made_up, proptest::sample::select(recorded())]
}

fn summary() -> impl Strategy<Value = Summary> {
    (text(), 0_u32..=10_000).prop_map(|(why, coverage)| Summary {
        grade: None,
        points: f64::from(coverage) / 100.0,
        coverage: f64::from(coverage) / 10_000.0,
        why,
        sins: Vec::new(),
    })
}

fn state() -> impl Strategy<Value = ScanState> {
    let ids = ("[0-9a-f]{64}", "[0-9a-f]{16}", name(), name());
    let moments = (moment(), moment(), any::<[bool; 3]>());
    (ids, moments, options(), vec(evidence(), 0..4), vec(name(), 0..3)).prop_map(
        |(
            (id, nonce, domain, probe_domain),
            (started, now, [admit_private, cancelled, complete]),
            options,
            evidence,
            blocklists,
        )| {
            let inquiries: Vec<Inquiry> = evidence.iter().map(|piece| piece.inquiry.clone()).collect();
            let stages = [Stage::Queued, Stage::Connecting, Stage::Greeting, Stage::Reply, Stage::Answer];
            let asking = inquiries.iter().zip(stages);
            ScanState {
                id,
                domain,
                options,
                probe_domain,
                nonce,
                started,
                now,
                admit_private,
                blocklists,
                grant: None,
                mail: false,
                cancelled,
                asking: asking.map(|(inquiry, stage)| Asking { inquiry: inquiry.clone(), since: now, stage }).collect(),
                evidence: (1..).zip(evidence).map(|(seq, evidence)| Numbered { seq, evidence }).collect(),
                inquiries,
                complete,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn scans(domain in text(), options in options(), server in any::<bool>(), max_age in option::of(any::<u32>()), state in state(), summary in option::of(summary())) {
        let drive = if server { Drive::Server } else { Drive::Client };
        let mailtest = server.then(|| domain.clone());
        keeps(&NewScan { domain, options, drive, max_age, mailtest });
        keeps(&Ask { inquiries: state.inquiries.clone() });
        state.evidence.iter().for_each(keeps);
        state.asking.iter().for_each(keeps);
        state.inquiries.iter().for_each(keeps);
        keeps(&state);
        keeps(&End { cancelled: server, summary: summary.clone() });
        keeps(&Done { cancelled: server });
        // A browser reads less of the same texts.
        let whole = Scan { state: state.clone(), summary };
        keeps(&whole);
        let text = serde_json::to_string(&whole).unwrap();
        prop_assert_eq!(shared::json::read::<ScanState>(&text), Some(state));
    }

    #[test]
    fn reports(id in "[0-9a-f]{32}", url in text(), badge in text(), delete_key in option::of("[0-9a-f]{32}"), detail in text(), status in 400_u16..600, evidence in vec(evidence(), 0..3)) {
        keeps(&Published { id, url, badge, delete_key });
        let inquiries = evidence.into_iter().map(|piece| piece.inquiry).collect();
        keeps(&Problem { kind: "/problems/x".to_owned(), title: detail.clone(), status, detail, inquiries, door: None });
    }

    #[test]
    fn batches(domains in vec(text(), 0..5), options in options(), id in option::of("[0-9a-f]{64}"), name in name(), created in moment(), summary in option::of(summary()), which in 0_usize..5) {
        keeps(&NewBatch { domains, options: options.clone() });
        let all = [Progress::Waiting, Progress::Running, Progress::Published, Progress::Failed, Progress::NotBegun];
        let progress = *all.get(which).unwrap();
        let scan = BatchScan { domain: name, progress, scan: id.clone(), report: id.clone(), url: id.clone(), badge: None, summary };
        keeps(&scan);
        keeps(&BatchState { id: id.clone().unwrap_or_default(), created, options, complete: which > 1, delete_key: id, scans: vec![scan] });
    }

    #[test]
    fn consent_and_mail(domain in name(), foreign in text(), more in option::of(text()), faults in vec((text(), any::<u32>()), 0..3), words in proptest::sample::subsequence(Word::ALL.to_vec(), 0..5), at in moment()) {
        let fault = |(text, place): (String, u32)| RecordFault { code: text.clone(), message: text, start: place as usize, end: place as usize };
        let refusal = ConsentRefusal { code: foreign.clone(), detail: foreign.clone(), faults: faults.into_iter().map(fault).collect() };
        keeps(&ConsentState {
            domain: domain.clone(),
            name: foreign.clone(),
            by: domain,
            records: vec![foreign.clone(); 2],
            opted_out: at % 2 == 0,
            allow: words,
            mailbox: more.clone(),
            notify: Some("https://hook.a.example/".to_owned()),
            notify_key: None,
            refusal: Some(refusal),
            example: foreign.clone(),
        });
        let said = Said {
            check: foreign.clone(),
            outcome: foreign.clone(),
            verdict: Verdict::Venial,
            title: foreign.clone(),
            seen: foreign.clone(),
            change: more.clone(),
        };
        let arrived = Arrived {
            at,
            sender: foreign.clone(),
            author: foreign.clone(),
            client: more.clone(),
            size: at,
            said: vec![said],
            header: foreign.clone(),
        };
        let eicar = FileTest { sent: Some(at), came: None };
        let sample = SampleTest { address: foreign.clone(), eicar, gtube: FileTest::default(), bare: Some(at) };
        let limited = more.as_ref().map(String::is_empty);
        keeps(&MailTestWord { sent: more.as_ref().map(|_| TestFile::Gtube), limited });
        keeps(&MailTest {
            id: foreign.clone(),
            address: foreign,
            expires: at,
            arrived: Some(arrived),
            sample: Some(sample),
            limited,
            of: more,
        });
    }
}

/// What the lab's servers said, by itself: all kinds of evidence are there.
#[test]
fn recorded_evidence() {
    let all = recorded();
    all.iter().for_each(keeps);
    let kinds = [
        all.iter().any(|piece| piece.answer.is_err()),
        all.iter().any(|piece| matches!(piece.answer, Ok(Answer::Dns(_)))),
        all.iter().any(|piece| matches!(piece.answer, Ok(Answer::Fetch(_)))),
        all.iter().any(|piece| piece.smtp().is_some()),
    ];
    assert_eq!(kinds, [true; 4]);
}
