//! `mailsins replay`.

use std::io::Read;

use shared::{POLICY_VERSION, Report, judge};

use crate::args::Replay;
use crate::render::finish;
use crate::{End, refuse};

/// The largest report that is read, in octets.
const REPORT_MAX: u64 = 64 * 1024 * 1024;

pub(crate) fn run(replay: &Replay) -> End {
    let name = replay.file.display().to_string();
    let text = match read(replay) {
        Ok(text) => text,
        Err(error) => return refuse(End::Usage, &format!("{name} can't be read: {error}")),
    };
    let told: Report = match serde_json::from_str(&text) {
        Ok(report) => report,
        Err(error) => return refuse(End::Usage, &format!("{name} is not a mailsins report: {error}")),
    };
    if told.policy_version != POLICY_VERSION {
        eprintln!("judged by policy {POLICY_VERSION}; the report was made under policy {}", told.policy_version);
    }
    finish(&judge(&told.case()), &replay.output)
}

fn read(replay: &Replay) -> std::io::Result<String> {
    let mut text = String::new();
    if replay.file.as_os_str() == "-" {
        std::io::stdin().take(REPORT_MAX).read_to_string(&mut text)?;
    } else {
        std::fs::File::open(&replay.file)?.take(REPORT_MAX).read_to_string(&mut text)?;
    }
    Ok(text)
}
