//! What servers' greetings disclose. The hosts are made up, the shapes are those of the world.
//!
//! `tests/banners/*.txt`: a greeting a line: protocol, what it discloses (p product, v version, o
//! system, n internal name, a internal address, - nothing), product, version, text; tabs between.

use shared::disclosure::{Protocol, told};

const DEVELOPED: &str = include_str!("banners/developed.txt");
const UNSEEN: &[&str] = &[
    include_str!("banners/unseen.txt"),
    include_str!("banners/unseen2.txt"),
    include_str!("banners/unseen3.txt"),
    include_str!("banners/unseen4.txt"),
    include_str!("banners/unseen5.txt"),
    include_str!("banners/unseen6.txt"),
    include_str!("banners/unseen7.txt"),
    include_str!("banners/unseen8.txt"),
    include_str!("banners/unseen9.txt"),
    include_str!("banners/unseen10.txt"),
    include_str!("banners/unseen11.txt"),
    include_str!("banners/unseen12.txt"),
    include_str!("banners/unseen13.txt"),
    include_str!("banners/unseen14.txt"),
    include_str!("banners/unseen15.txt"),
    include_str!("banners/unseen16.txt"),
    include_str!("banners/unseen17.txt"),
    include_str!("banners/unseen18.txt"),
    include_str!("banners/unseen19.txt"),
    include_str!("banners/unseen20.txt"),
    include_str!("banners/unseen21.txt"),
    include_str!("banners/unseen22.txt"),
    include_str!("banners/unseen23.txt"),
    include_str!("banners/unseen24.txt"),
    include_str!("banners/unseen25.txt"),
    include_str!("banners/unseen26.txt"),
];
const NOTHING: &[&str] =
    &[include_str!("banners/nothing.txt"), include_str!("banners/nothing2.txt"), include_str!("banners/nothing3.txt")];

/// All rows that are judged otherwise than they should be.
fn misses(table: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for row in table.lines().filter(|row| !row.is_empty() && !row.starts_with('#')) {
        let fields: Vec<&str> = row.split('\t').collect();
        let &[protocol, letters, product, version, text] = fields.as_slice() else {
            wrong.push(format!("{row}: not five fields"));
            continue;
        };
        let protocol = match protocol {
            "smtp" => Protocol::Smtp,
            "imap" => Protocol::Imap,
            _ => Protocol::Pop3,
        };
        let got = told(protocol, text);
        let letter = |name: &&str| match *name {
            "product" => 'p',
            "version" => 'v',
            "os" => 'o',
            "internal-name" => 'n',
            _ => 'a',
        };
        let told: String = got.discloses().iter().map(letter).collect();
        let told = if told.is_empty() { "-" } else { &told };
        let shown = |field: &Option<String>| field.clone().unwrap_or("-".to_owned());
        let got_fields = (told, shown(&got.product), shown(&got.version));
        if (got_fields.0, got_fields.1.as_str(), got_fields.2.as_str()) != (letters, product, version) {
            wrong.push(format!("{text}\n    want {letters} {product} {version}\n    got  {got_fields:?} {:?}", got.os));
        }
        for span in &got.spans {
            assert!(text.get(span.start..span.end).is_some_and(|part| !part.is_empty()), "{text}: {span:?}");
        }
    }
    wrong
}

#[test]
fn greetings_disclose_what_they_disclose() {
    let wrong = misses(DEVELOPED);
    assert!(wrong.is_empty(), "{} misses:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn harmless_greetings_disclose_nothing() {
    let wrong: Vec<String> = NOTHING.iter().flat_map(|table| misses(table)).collect();
    assert!(wrong.is_empty(), "{} false leaks:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn unseen_greetings() {
    let wrong: Vec<String> = UNSEEN.iter().flat_map(|table| misses(table)).collect();
    assert!(wrong.is_empty(), "{} misses:\n{}", wrong.len(), wrong.join("\n"));
}
