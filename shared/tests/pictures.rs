//! The pictures of reports: what they show, and that nothing in them sticks out.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test may read files, and fail

mod support;

use std::path::Path;

use shared::picture::{Picture, Pictures, WIDTH, pictures};
use shared::visible::visible;
use shared::{Inquiry, Report, Unseen, Verdict};
use support::{CAREFUL, Zone, run};

/// Panics if a text or a sign is outside of its picture, or holds what cannot be seen.
fn assert_sound(picture: &Picture) {
    let Picture { title, height, lines, marks, texts, words, .. } = picture;
    assert!(!title.is_empty() && !words.is_empty() && !lines.is_empty(), "{picture:#?}");
    for (x, y, style, text) in texts {
        // Tenths of a unit that a character takes on average, by the style sheet's sizes.
        let wide = match style.as_str() {
            "head" => 80,
            "code" => 70,
            "light" => 60,
            _ => 65,
        };
        let end = x * 10 + u32::try_from(text.chars().count()).unwrap() * wide;
        assert!(end <= WIDTH * 10 && y <= height, "{text:?} at {x}, {y} sticks out of {title}");
    }
    assert!(marks.iter().all(|(x, y, _)| x + 14 <= WIDTH && y + 14 <= *height), "{picture:#?}");
    for text in texts.iter().map(|(.., text)| text).chain([words]) {
        assert_eq!(visible(text), *text, "{title}");
    }
}

fn all(pictures: &Pictures) -> impl Iterator<Item = &Picture> {
    pictures.paths.iter().chain(&pictures.spf).chain(&pictures.time)
}

/// What stands in a picture, in order.
fn texts(picture: &Picture) -> Vec<&str> {
    picture.texts.iter().map(|(.., text)| text.as_str()).collect()
}

#[test]
fn recorded_reports_have_sound_pictures() {
    for (file, paths, spf) in [
        ("frontend/static/examples/saint.json", 2, true),
        ("frontend/static/examples/sinner.json", 3, false),
        ("tests/recorded/unsure.json", 3, true),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
        let report: Report = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let drawn = pictures(&report);
        assert_eq!((drawn.paths.len(), drawn.spf.is_some()), (paths, spf), "{file}");
        all(&drawn).for_each(assert_sound);
        // The words of the time line have every question.
        assert_eq!(drawn.time.unwrap().words.lines().count(), report.evidence.len(), "{file}");
    }
}

fn drawn(zone: &str) -> Pictures {
    let zone = Zone::new(zone);
    let report = run("example.org", &|inquiry| match inquiry {
        Inquiry::Dns { name, record, .. } => Ok(zone.ask(name, *record)),
        Inquiry::Probe { address, .. } if address.to_string() == "198.41.0.26" => Err(Unseen::ConnectTimeout),
        Inquiry::Probe { port: 25, script, .. } => Ok(CAREFUL.answer(script)),
        _ => Err(Unseen::Refused),
    });
    let pictures = pictures(&report);
    all(&pictures).for_each(assert_sound);
    pictures
}

#[test]
fn the_tree_numbers_its_lookups_and_marks_those_too_many() {
    let zone = "
        example.org MX 10 mx1.example.org
        mx1.example.org A 198.41.0.25
        example.org TXT v=spf1 include:a-rather-long-name-of-a-provider.example.net mx -all
        a-rather-long-name-of-a-provider.example.net TXT v=spf1 a:x1.example.net a:x2.example.net include:b.example.net -all
        b.example.net TXT v=spf1 a:y1.example.net a:y2.example.net a:y3.example.net a:y4.example.net a:y5.example.net a:y6.example.net -all
        x1.example.net A 198.41.1.1
        x2.example.net A 198.41.1.2
    ";
    let spf = drawn(zone).spf.unwrap();
    assert_eq!(spf.title, "SPF of example.org: 11 of at most 10 lookups");
    let texts = texts(&spf);
    for text in [
        "include:a-rather-long-name-of-a-provider.",
        "10 lookups with all below",
        "7 lookups with all below",
        "10",
        "mx",
    ] {
        assert!(texts.contains(&text), "{text} is missing in {texts:?}");
    }
    assert!(!texts.contains(&"11"), "{texts:?}");
    // One in the gauge, one at the term.
    assert_eq!(spf.marks.iter().filter(|(.., verdict)| *verdict == Verdict::Mortal).count(), 2);
    assert!(spf.words.contains("include:b.example.net [7]: counted"), "{}", spf.words);
    assert!(drawn("example.org MX 10 mx1.example.org\nexample.org TXT v=spf1 -all").spf.is_none());
}

#[test]
fn the_path_leads_to_every_address() {
    let zone = "
        example.org MX 10 mx1.example.org
        example.org MX 20 mx2.example.org
        mx1.example.org A 198.41.0.25
        mx1.example.org A 198.41.0.26
    ";
    let paths = drawn(zone).paths;
    let [first, second] = paths.as_slice() else { panic!("{paths:#?}") };
    for text in ["example.org", "MX 10", "mx1.example.org", "198.41.0.25", "198.41.0.26", "Port 25"] {
        assert!(texts(first).contains(&text), "{text} is missing in {first:#?}");
    }
    // What was not seen is said to be so, and is no fault.
    assert!(
        first.words.contains("Port 25: not seen. Nothing answered within 10 seconds (untested)"),
        "{}",
        first.words
    );
    assert!(texts(second).contains(&"MX 20") && second.words.contains("An MX target cannot be found"), "{second:#?}");
    assert!(drawn("example.org MX 0 .").paths.is_empty());
}
