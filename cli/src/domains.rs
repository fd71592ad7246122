//! Which domains are meant: those of the command line, and those of a file.

use std::collections::BTreeSet;
use std::path::Path;

use shared::domain::{Typed, read_typed};

use crate::checked::Subject;
use crate::reports::text;

/// The largest file of domains that is read, in octets.
const FILE_MAX: u64 = 4 * 1024 * 1024;

/// Each domain once, in the order of naming, and notes on what was made of them. An error is a sentence for people that
/// names all that are no domains.
pub(crate) fn read(named: &[String], from: Option<&Path>) -> Result<(Vec<Subject>, Vec<String>), String> {
    let mut typed: Vec<(String, Option<(String, usize)>)> = named.iter().map(|text| (text.clone(), None)).collect();
    if let Some(file) = from {
        let name = file.display().to_string();
        for (line, number) in text(file, FILE_MAX)?.lines().zip(1..) {
            let domain = line.split('#').next().unwrap_or_default().trim();
            if !domain.is_empty() {
                // Standard input has no lines to point to.
                typed.push((domain.to_owned(), (name != "-").then(|| (name.clone(), number))));
            }
        }
    }
    let (mut subjects, mut notes, mut faults, mut known) = (Vec::new(), Vec::new(), Vec::new(), BTreeSet::new());
    for (text, line) in typed {
        match domain(&text) {
            Ok(Typed { domain, note }) => {
                notes.extend(note);
                if known.insert(domain.clone()) {
                    subjects.push(Subject { domain, line });
                }
            }
            Err(why) => {
                let place = line.map(|(file, number)| format!("{file}, line {number}: ")).unwrap_or_default();
                faults.push(format!("{place}{why}"));
            }
        }
    }
    match (faults.is_empty(), subjects.is_empty()) {
        (true, false) => Ok((subjects, notes)),
        (true, true) => Err("no domain is named. Try: mailsins check example.org".to_owned()),
        (false, _) => Err(format!("{}. Try: mailsins check example.org", faults.join("\n"))),
    }
}

/// What a person typed. An error is a sentence for people, without a full stop.
pub(crate) fn domain(text: &str) -> Result<Typed, String> {
    read_typed(text, |host| idna::domain_to_ascii_strict(host).ok())
        .map_err(|why| format!("{text} can't be checked: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_domain_once_and_in_order() {
        let file = std::env::temp_dir().join(format!("mailsins-domains-{}.txt", std::process::id()));
        std::fs::write(&file, "# ours\nb.test\n\n  me@a.test  # by mail\nB.test\r\n").unwrap();
        let (subjects, notes) = read(&["c.test".to_owned(), "https://c.test/".to_owned()], Some(&file)).unwrap();
        let got: Vec<_> =
            subjects.iter().map(|s| (s.domain.as_str(), s.line.as_ref().map(|(_, number)| *number))).collect();
        assert_eq!(got, [("c.test", None), ("b.test", Some(2)), ("a.test", Some(4))]);
        assert_eq!(notes.len(), 2, "{notes:?}");

        std::fs::write(&file, "a.test\nlocalhost\n192.0.2.1\n").unwrap();
        let why = read(&[], Some(&file)).unwrap_err();
        assert!(why.contains("line 2: localhost can't be checked") && why.contains("line 3: 192.0.2.1"), "{why}");
        std::fs::write(&file, "# none\n").unwrap();
        assert!(read(&[], Some(&file)).unwrap_err().contains("no domain is named"));
        std::fs::remove_file(&file).unwrap();
        assert!(read(&[], Some(&file)).unwrap_err().contains("can't be read"));
    }
}
