//! Reports as they are stored, and as anybody may hand them in to be judged again.

use serde_json::Value;
use shared::report::Basis;
use shared::{Answer, Case, Inquiry, Options, Report};

use crate::source::Source;
use crate::worlds::sound;

/// A real report, in which values were changed, dropped, doubled or put elsewhere.
pub fn mutated(data: &[u8]) {
    static REPORT: std::sync::OnceLock<Value> = std::sync::OnceLock::new();
    let read = || serde_json::from_str(include_str!("../../tests/recorded/unsure.json")).unwrap_or_default();
    let mut report: Value = REPORT.get_or_init(read).clone();
    let mut source = Source(data);
    while !source.is_empty() {
        change(&mut report, &mut source);
    }
    judged(&report.to_string());
}

/// Any text.
pub fn json(data: &[u8]) {
    let text = shared::visible::from_bytes(data);
    judged(&text);
    if let Some(answer) = shared::json::read::<Answer>(&text) {
        crate::worlds::keeps(&answer);
    }
    if let Ok(inquiry) = serde_json::from_str::<Inquiry>(&text) {
        let again = serde_json::to_string(&inquiry).unwrap_or_default();
        assert_eq!(serde_json::from_str::<Inquiry>(&again).ok(), Some(inquiry));
    }
    let _ = serde_json::from_str::<Options>(&text);
}

/// Judging a foreign report again gives one that is sound, whatever is in it.
fn judged(text: &str) {
    let basis = serde_json::from_str::<Basis>(text).ok().map(Basis::case);
    let other: Option<Case> = shared::json::read::<Basis>(text).map(Basis::case);
    if let Some(case) = &basis {
        sound(case);
        // The browser's reader takes no array for a struct; else both read the same.
        assert!(other.is_none() || other == basis, "two readings of {text}");
    }
    if let Ok(report) = serde_json::from_str::<Report>(text) {
        let _ = shared::report::markdown(&report);
    }
}

/// Goes down into the tree as the input says, and changes what is there.
fn change(value: &mut Value, source: &mut Source<'_>) {
    let stop = source.byte();
    let at = usize::from(source.byte());
    match value {
        Value::Object(map) if !map.is_empty() && stop < 0xe0 => {
            let key = map.keys().nth(at % map.len()).cloned().unwrap_or_default();
            if stop % 16 == 15 {
                map.remove(&key);
            } else if let Some(inner) = map.get_mut(&key) {
                change(inner, source);
            }
        }
        Value::Array(list) if !list.is_empty() && stop < 0xe0 => {
            let at = (at + usize::from(stop % 4) * 64) % list.len();
            match stop % 16 {
                13 => drop(list.remove(at)),
                14 => list.push(list[at].clone()),
                15 => list.swap(0, at),
                _ => change(&mut list[at], source),
            }
        }
        _ => *value = leaf(value, at, source),
    }
}

fn leaf(was: &Value, choice: usize, source: &mut Source<'_>) -> Value {
    match choice % 8 {
        0 => Value::Null,
        1 => u64::MAX.into(),
        2 => i64::MIN.into(),
        3 => u32::from(source.number()).into(),
        4 => was.as_bool().is_none_or(|is| !is).into(),
        5 => source.text().into(),
        6 => format!("{}{}", was.as_str().unwrap_or_default(), source.text()).into(),
        _ => was.as_str().unwrap_or_default().chars().rev().collect::<String>().into(),
    }
}
