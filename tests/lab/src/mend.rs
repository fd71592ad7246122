//! Applies the lines of a remedy to a server, as its administrator would: to a copy of its configuration under the
//! lab's state. Then it starts again. The scenario's own files stay as they are.
//!
//! What the lines say goes to the file that the remedy's place names, and from a comment with a file's name on, such
//! as `# /etc/aliases`, to that file. Parameters replace those of the same name, as `postconf -e` does; other lines
//! go to the end. Three comments say otherwise, up to the next comment of these or an empty line:
//!
//! - `# in place of: match from any` stands before lines that replace those that begin so;
//! - `# before: accept` before lines that go before the first one that begins so;
//! - `# at the end of: listen on` before an option that is to be added to each line that begins so, or to replace
//!   there what it was set to.
//!
//! Behind `# up to 2.3` and `# from 2.4` stands what only those versions know.

use crate::postfix::merged;
use crate::process::run;
use crate::scenario::{Kind, all};
use crate::server::Instance;
use crate::{STATE, ca, exim, process, ready, root, scanner, scenario::Certificate};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::Command;

/// What the lab writes for what remedies say: everything of the lab is on this machine, where nobody can be told
/// from strangers by the address.
const STAND_INS: [(&str, &str); 3] =
    [("127.0.0.0/8", "192.0.2.0/24"), ("127.0.0.1", "192.0.2.1"), ("from local", "from src 192.0.2.1")];

/// Starts a server of the running lab again as its scenario has it, changed as `recipe` says: the place in its first
/// line, the lines behind it. Nothing is changed by an empty one. The scenario `consent` stands for the domains of
/// [`scanner`].
///
/// # Errors
/// No such server, lines that fit nowhere, or a server that does not come up with them.
pub(crate) fn mend(scenario: &str, server: &str, recipe: &str) -> Result<()> {
    let (state, files, scenarios) = (Path::new(STATE), root(), all()?);
    let _held = process::hold(state)?;
    if scenario == "consent" {
        return scanner::mend(state, &files, server, recipe);
    }
    let scenario = scenarios.iter().find(|s| s.name == scenario).context("no such scenario")?;
    let server = scenario.servers.iter().find(|s| s.name == server).context("no such server")?;
    let instance = Instance::new(state, &files, scenario, server);
    process::stop(state, &instance.name)?;
    fs::remove_dir_all(&instance.dir).context("remove the instance")?;
    instance.write()?;
    if let Some((place, lines)) = recipe.split_once('\n') {
        let dovecot =
            if server.kind == Kind::Dovecot { run(Command::new("dovecot").arg("--version"))? } else { String::new() };
        for change in changes(place, lines, newer(&dovecot)) {
            change.apply(&instance).with_context(|| format!("{change:?}"))?;
        }
    }
    instance.launch()?;
    ready::wait_for(state, scenario, server).with_context(|| {
        let log = fs::read_to_string(state.join(format!("{}.log", instance.name))).unwrap_or_default();
        let lines: Vec<&str> = log.lines().rev().take(8).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    })
}

/// The lines of a remedy that go to the ends of files, by file.
pub(crate) fn lines(place: &str, lines: &str) -> Vec<(String, String)> {
    changes(place, lines, true).into_iter().map(|change| (change.file, change.lines)).collect()
}

/// Whether this version of Dovecot has the settings of 2.4.
fn newer(version: &str) -> bool {
    let mut parts = version.split('.').map_while(|part| part.parse::<u32>().ok());
    (parts.next(), parts.next()) >= (Some(2), Some(4))
}

/// Lines for one place of one file.
#[derive(Debug, PartialEq)]
struct Change {
    file: String,
    how: How,
    lines: String,
}

#[derive(Debug, Clone, PartialEq)]
enum How {
    Add,
    InPlaceOf(String),
    Before(String),
    AtTheEndOf(String),
}

fn changes(place: &str, lines: &str, newer: bool) -> Vec<Change> {
    let first = |text: &str| text.split([' ', ',']).next().unwrap_or_default().to_owned();
    let (mut file, mut how, mut other_version) = (first(place), How::Add, false);
    let mut changes: Vec<Change> = Vec::new();
    for line in lines.lines() {
        let comment = line.trim_start().strip_prefix("# ");
        let named = |head: &str| comment.and_then(|text| text.strip_prefix(head)).map(str::to_owned);
        if let Some(text) = named("in place of: ") {
            how = How::InPlaceOf(text);
        } else if let Some(text) = named("before: ") {
            how = How::Before(text);
        } else if let Some(text) = named("at the end of: ") {
            how = How::AtTheEndOf(text);
        } else if let Some(text) = comment {
            if text.starts_with("/etc/") || text.starts_with("main.cf") {
                (file, how) = (first(text), How::Add);
            } else if text.starts_with("up to ") || text.starts_with("from ") {
                other_version = text.starts_with("from ") != newer;
            }
        } else if line.trim().is_empty() {
            how = How::Add;
        } else if !other_version {
            match changes.last_mut().filter(|last| last.file == file && last.how == how) {
                Some(last) => last.lines += &format!("{line}\n"),
                None => changes.push(Change { file: file.clone(), how: how.clone(), lines: format!("{line}\n") }),
            }
        }
    }
    changes
}

impl Change {
    fn apply(&self, instance: &Instance<'_>) -> Result<()> {
        let etc = instance.dir.join("etc");
        let file = match self.file.as_str() {
            "/etc/dovecot/local.conf" => instance.dir.join("dovecot.conf"),
            "/etc/exim4/exim4.conf.template" => instance.dir.join("exim.conf"),
            "main.cf" => etc.join("main.cf"),
            file => etc.join(file.strip_prefix("/etc/").context("the place is no file")?),
        };
        let mut lines = self.lines.clone();
        for (said, meant) in STAND_INS {
            lines = lines.replace(said, meant);
        }
        certificates(instance, &lines)?;
        lines = lines.replace("/etc/", &format!("{}/", etc.display()));
        fs::create_dir_all(file.parent().context("the place is no file")?)?;
        // What isn't there is made: a map of its own.
        let text = fs::read_to_string(&file).unwrap_or_default();
        fs::write(&file, self.changed(&text, &lines, instance.server.kind)?)?;
        Ok(())
    }

    fn changed(&self, text: &str, lines: &str, kind: Kind) -> Result<String> {
        let (How::InPlaceOf(head) | How::Before(head) | How::AtTheEndOf(head)) = &self.how else {
            return match (kind, self.file.as_str()) {
                (_, "main.cf") => Ok(merged(text, lines)),
                (Kind::Exim, "/etc/exim4/exim4.conf.template") => exim::set(text, lines),
                _ => Ok(format!("{text}\n{lines}")),
            };
        };
        let (mut changed, mut met) = (String::new(), false);
        for line in text.lines() {
            if !line.trim_start().starts_with(head.as_str()) {
                changed += &format!("{line}\n");
                continue;
            }
            match &self.how {
                How::AtTheEndOf(_) => changed += &format!("{} {}\n", without(line, lines), lines.trim()),
                How::InPlaceOf(_) if met => {}
                How::InPlaceOf(_) => changed += lines,
                _ if met => changed += &format!("{line}\n"),
                _ => changed += &format!("{lines}{line}\n"),
            }
            met = true;
        }
        if !met {
            bail!("no line begins with {head:?}");
        }
        Ok(changed)
    }
}

/// A line without the option, and its value, that `addition` begins with.
fn without(line: &str, addition: &str) -> String {
    let option = addition.split_whitespace().next();
    let (mut kept, mut words) = (Vec::new(), line.split_whitespace());
    while let Some(word) = words.next() {
        if Some(word) == option {
            words.next();
        } else {
            kept.push(word);
        }
    }
    kept.join(" ")
}

/// Makes the keys and certificates that the lines name, where they name them.
fn certificates(instance: &Instance<'_>, lines: &str) -> Result<()> {
    let ca = instance.state.join("ca");
    for path in lines.split([' ', ',', '"', '=', '<', '\n']).filter_map(|word| word.strip_prefix("/etc/ssl/")) {
        let (folder, file) = path.split_once('/').context("a file in a folder")?;
        let (host, _) = file.rsplit_once('.').context("a file name with an ending")?;
        let whole = fs::read_to_string(ca::certificate(instance.state, host, Certificate::Good)?)?;
        let text = match (folder, file.ends_with(".key")) {
            (_, true) => fs::read_to_string(ca.join(format!("{host}.key")))?,
            // Key and chain in one.
            ("private", false) => whole,
            _ => fs::read_to_string(ca.join(format!("{host}.crt")))? + &fs::read_to_string(ca.join("ca.pem"))?,
        };
        let place = instance.dir.join("etc/ssl").join(folder);
        fs::create_dir_all(&place)?;
        let place = place.join(file);
        fs::write(&place, text)?;
        run(Command::new("chmod").arg("600").arg(&place))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_where_they_say() {
        let change = |file: &str, how, lines: &str| Change { file: file.into(), how, lines: lines.into() };
        for (place, lines, expected) in [
            ("main.cf", "a = 1\nb = 2", vec![change("main.cf", How::Add, "a = 1\nb = 2\n")]),
            (
                "main.cf, and /etc/aliases",
                "# your own\na = 1\n\n# /etc/aliases, then run newaliases\npostmaster: root",
                vec![change("main.cf", How::Add, "a = 1\n"), change("/etc/aliases", How::Add, "postmaster: root\n")],
            ),
            (
                "/etc/smtpd.conf",
                "# in place of: match from any\nmatch x\n\nb\n# at the end of: listen on\n tls",
                vec![
                    change("/etc/smtpd.conf", How::InPlaceOf("match from any".into()), "match x\n"),
                    change("/etc/smtpd.conf", How::Add, "b\n"),
                    change("/etc/smtpd.conf", How::AtTheEndOf("listen on".into()), " tls\n"),
                ],
            ),
            ("/x", "# up to 2.3\na\n\n# from 2.4\nb", vec![change("/x", How::Add, "a\n")]),
        ] {
            assert_eq!(changes(place, lines, false), expected, "{lines}");
        }
        assert!(!newer("2.3.19.1 (9b53102964)") && newer("2.4.1-4 (abc)") && !newer(""));
    }

    #[test]
    fn changes_change_what_they_name() {
        let text = "listen on a\nmatch from any 1\nmatch from any 2\nend\n";
        let head = "match from any".to_owned();
        for (how, expected) in [
            (How::Add, "listen on a\nmatch from any 1\nmatch from any 2\nend\n\nNEW\n"),
            (How::InPlaceOf(head.clone()), "listen on a\nNEW\nend\n"),
            (How::Before(head.clone()), "listen on a\nNEW\nmatch from any 1\nmatch from any 2\nend\n"),
            (How::AtTheEndOf(head), "listen on a\nmatch from any 1 NEW\nmatch from any 2 NEW\nend\n"),
        ] {
            let change = Change { file: "/etc/smtpd.conf".into(), how, lines: String::new() };
            assert_eq!(change.changed(text, "NEW\n", Kind::Opensmtpd).unwrap(), expected, "{change:?}");
        }
        assert_eq!(without("listen on a hostname b tls", "hostname c"), "listen on a tls");
        let change = Change { file: "/x".into(), how: How::Before("nothing".into()), lines: String::new() };
        assert!(change.changed(text, "NEW\n", Kind::Opensmtpd).is_err());
    }
}
