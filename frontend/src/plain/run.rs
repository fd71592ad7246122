//! The page of active tests: what they do, the record that allows them, the code, the start, and what was sent.

use shared::api::{Run, RunStage, Sent, Statement};
use shared::grant::{Choice, Question, Sample};
use shared::report::timestamp;
use shared::syntax::consent::Word;

use super::{Markup, Plain, document, fill};
use crate::server::Assets;

/// The whole document; without a run the page that begins one. `by` is what records call this site.
pub async fn page(run: Option<&Run>, by: &str, assets: &Assets) -> String {
    let content = match run {
        None => begin(by),
        Some(run) => of(run),
    };
    let script = run.filter(|run| !matches!(run.stage, RunStage::Done | RunStage::Closed)).map(|_| "/run.js");
    let description =
        "Harmless samples of viruses and spam, and other tests that want the consent of a domain's owner.";
    document(Plain { title: "Active tests", description, listed: run.is_none(), script, content }, assets).await
}

const BEGIN: &str = "<h1>Active tests</h1>\
<p class=\"lead\">What only mail can show: whether viruses and spam are stopped, and whether a server that looks like a relay is one. \
These tests send marked messages, and so run only where the domain itself consents.</p>\
<ol><li>Publish this record, with the words that you allow and a mailbox of your own at the domain:<pre>{}</pre>\
It must stand at that very name, alone, and not by a CNAME or a wildcard.</li>\
<li>Name the domain here. One message with a code goes to that mailbox, by way of the domain's own mail servers.</li>\
<li>Type the code back. It opens the tests for a day, on the one address that took the message.</li>\
<li>Start them. A domain has two runs a day. A mail server that stands by for the others is tested where you name it: much spam comes that way.</li></ol>\
<form method=\"post\" action=\"/run\"><p><label>Domain <input name=\"domain\" required autocomplete=\"off\" autocapitalize=\"none\" spellcheck=\"false\"></label> \
<label>Mail server, if not the first that takes it <input name=\"host\" placeholder=\"mx2.example.org\" autocomplete=\"off\" autocapitalize=\"none\" spellcheck=\"false\"></label> \
<button class=\"first\" type=\"submit\">Send the code</button></p></form>\
<h2>What each word allows</h2><dl class=\"reasons\">{}</dl><h2>What the samples are</h2>{}\
<p>To be left alone instead: <code>v=mailsins1; probe=none</code> stops every test, at the domain's name, at those of its mail servers and at those \
of their addresses, and takes the domain's reports down.</p>";

fn begin(by: &str) -> Markup {
    let record =
        format!("_mailsins.example.org. TXT \"v=mailsins1; by={by}; allow=relay,samples,limits; mailbox=postmaster\"");
    let words = Word::ALL.into_iter().filter(|word| word.sends()).map(meaning);
    fill(BEGIN, &[(&record).into(), Markup::all(words).into(), samples().into()])
}

fn meaning(word: Word) -> Markup {
    fill("<dt><code>{}</code></dt><dd>{}</dd>", &[word.name().into(), word.sentence().into()])
}

fn samples() -> Markup {
    let list = Sample::ALL.into_iter().map(|sample| fill("<li>{}</li>", &[sample.words().into()]));
    fill(
        "<p>One message each, to that mailbox: {}A clean one goes first; if that is not taken, no other is sent.</p>",
        &[fill("</p><ul>{}</ul><p>", &[Markup::all(list).into()]).into()],
    )
}

const RUN: &str = "<h1>Active tests of {}</h1><p class=\"lead\" role=\"status\" data-run=\"{}\" data-stage=\"{}\" data-seen=\"{}\">{}</p>{}{}\
<section class=\"plain\" aria-labelledby=\"log\"><h2 id=\"log\">What was sent</h2>{}</section>\
<p><a class=\"btn\" href=\"/run/{}\">Look now</a></p>\
<p class=\"soft\">Keep the link of this page to yourself: whoever has it can do what you can. It is gone after two days.</p>";

fn of(run: &Run) -> Markup {
    let (id, domain) = (run.id.as_str(), run.domain.as_str());
    let stage = stage_name(run.stage);
    // What the script compares with: much can happen before it looks for the first time.
    let seen = format!("{stage} {} {} {}", run.log.len(), run.questions.len(), u8::from(run.trouble.is_some()));
    let mailbox = format!("{}@{domain}", run.mailbox.as_str());
    let trouble = run.trouble.as_ref().map(|why| fill("<p class=\"notice\">{}</p>", &[why.into()])).unwrap_or_default();
    let (lead, body) = match run.stage {
        RunStage::Sending => ("The message with the code is on its way to {}.", Markup::default()),
        RunStage::Code => ("The message with the code for {} is with its server. Type the code here.", code(run)),
        RunStage::Open => ("The code was right. Nothing was sent yet but that message to {}.", start(run)),
        RunStage::Running => ("The tests run; messages go to {}.", questions(run)),
        RunStage::Done => ("The tests of {} are over.", done(run)),
        RunStage::Closed => ("Nothing more is sent to {}.", Markup::default()),
    };
    let lead = lead.replace("{}", &mailbox);
    let log = if run.log.is_empty() {
        fill("<p>Nothing yet.</p>", &[])
    } else {
        fill("<dl class=\"reasons\">{}</dl>", &[Markup::all(run.log.iter().map(sent)).into()])
    };
    let gaps = [
        domain.into(),
        id.into(),
        stage.into(),
        (&seen).into(),
        (&lead).into(),
        trouble.into(),
        body.into(),
        log.into(),
        id.into(),
    ];
    fill(RUN, &gaps)
}

/// As the API has it, too.
const fn stage_name(stage: RunStage) -> &'static str {
    match stage {
        RunStage::Sending => "sending",
        RunStage::Code => "code",
        RunStage::Open => "open",
        RunStage::Running => "running",
        RunStage::Done => "done",
        RunStage::Closed => "closed",
    }
}

fn code(run: &Run) -> Markup {
    let tries = run.tries_left.to_string();
    fill(
        "<form method=\"post\" action=\"/run/{}\"><p><label>Code <input name=\"code\" required autocomplete=\"one-time-code\" spellcheck=\"false\"></label> \
         <button class=\"first\" type=\"submit\">Open the tests</button></p></form><p class=\"soft\">It can be tried {} times.</p>",
        &[(&run.id).into(), (&tries).into()],
    )
}

fn start(run: &Run) -> Markup {
    let address = run.address.map(|address| address.to_string()).unwrap_or_default();
    let words = Markup::all(run.allow.iter().copied().map(meaning));
    let samples = if run.allow.contains(&Word::Samples) { samples() } else { Markup::default() };
    fill(
        "<p>These tests go to {} and nowhere else, together with an ordinary check of the domain. The record is read once more before they begin.</p>\
         <dl class=\"reasons\">{}</dl>{}\
         <form method=\"post\" action=\"/run/{}\"><p><button class=\"first\" type=\"submit\" name=\"start\" value=\"1\">Start</button></p></form>",
        &[(&address).into(), words.into(), samples.into(), (&run.id).into()],
    )
}

/// What the owner is asked, as a form of its own each, so that one can be answered when it is known.
fn questions(run: &Run) -> Markup {
    if run.questions.is_empty() {
        return Markup::default();
    }
    let forms = run.questions.iter().map(|question| {
        let Question::Where(sample) = question;
        let button = |place: Choice| {
            let value = place_name(place);
            fill(
                "<button type=\"submit\" name=\"{}\" value=\"{}\">{}</button> ",
                &[sample.name().into(), value.into(), place.words().into()],
            )
        };
        fill(
            "<form method=\"post\" action=\"/run/{}\"><p><strong>{}</strong><br>{}</p></form>",
            &[(&run.id).into(), sample.words().into(), Markup::all(Choice::PLACES.map(button)).into()],
        )
    });
    fill(
        "<section class=\"plain\" aria-labelledby=\"where\"><h2 id=\"where\">Where did they go?</h2>\
         <p>The server took these. Only you can say where they are now; the report says that it is your word. There is a quarter of an hour for it, \
         and what is not said stays untested.</p>{}</section>",
        &[Markup::all(forms).into()],
    )
}

fn done(run: &Run) -> Markup {
    let link =
        run.report.as_ref().map(|url| fill("<p><a class=\"btn first\" href=\"{}\">The report</a></p>", &[url.into()]));
    let key = run.delete_key.as_ref().map(|key| fill("<p>The key that deletes it: <code>{}</code></p>", &[key.into()]));
    Markup::all([link, key].into_iter().flatten())
}

fn sent(sent: &Sent) -> Markup {
    let at = timestamp(sent.at);
    fill(
        "<dt>{}, to {}: {}</dt><dd><pre>{}</pre></dd>",
        &[(&at).into(), (&sent.address.to_string()).into(), (&sent.what).into(), (&sent.answer).into()],
    )
}

/// What a field of the form says: the name of a sample, and of a place.
pub fn statement(name: &str, value: &str) -> Option<Statement> {
    let sample = Sample::ALL.into_iter().find(|sample| sample.name() == name)?;
    let choice = Choice::PLACES.into_iter().find(|place| place_name(*place) == value)?;
    Some(Statement { question: Question::Where(sample), choice })
}

const fn place_name(place: Choice) -> &'static str {
    match place {
        Choice::Inbox => "inbox",
        Choice::Junk => "junk",
        Choice::Quarantine => "quarantine",
        Choice::Nowhere => "nowhere",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test may fail
mod tests {
    use super::*;

    /// Or it would load itself anew for ever.
    #[test]
    fn the_script_finds_in_the_page_what_the_api_says() {
        for stage in ["sending", "code", "open", "running", "done", "closed"] {
            let sent = r#"{"at":1,"address":"198.41.0.25","what":"a message","answer":"250 ok"}"#;
            let json = format!(
                r#"{{"id":"x","domain":"example.org","mailbox":"me","allow":[],"stage":"{stage}","trouble":"x","tries_left":5,
                    "until":1,"questions":[{{"where":"control"}}],"log":[{sent},{sent}]}}"#
            );
            let run: Run = serde_json::from_str(&json).unwrap();
            let said = serde_json::to_value(&run).unwrap();
            let length = |field: &str| said.get(field).unwrap().as_array().unwrap().len();
            let trouble = u8::from(said.get("trouble").is_some());
            let seen = format!(
                "{} {} {} {trouble}",
                said.get("stage").unwrap().as_str().unwrap(),
                length("log"),
                length("questions")
            );
            assert_eq!(seen, format!("{stage} 2 1 1"));
            assert!(of(&run).0.contains(&format!("data-seen=\"{seen}\"")), "{stage}");
        }
    }
}
