//! The real binary, and a report of a domain without mail.

#![allow(dead_code, reason = "each test file takes what it needs")]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use shared::evidence::{DnsAnswer, Record};
use shared::inquiry::RecordType;
use shared::{Answer, Case, DomainName, Evidence, Inquiry, Report, judge};

pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Runs it with none of its variables set.
pub fn mailsins(arguments: &[&str], input: &str) -> Ran {
    mailsins_with(arguments, input, &[])
}

/// Runs it with these variables.
pub fn mailsins_with(arguments: &[&str], input: &str, variables: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailsins"));
    let ours = std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("MAILSINS_"));
    ours.for_each(|name| {
        command.env_remove(name);
    });
    let mut child = command
        .args(arguments)
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

pub fn name(text: &str) -> DomainName {
    DomainName::new(text).unwrap()
}

/// A parked domain: everything that is asked of it has been answered.
pub fn report(mx: Record) -> Report {
    report_of("h.test", mx, &[])
}

/// The same of this domain, with these texts at it.
pub fn report_of(domain: &str, mx: Record, texts: &[&str]) -> Report {
    let domain = name(domain);
    let mut case = Case::new(domain.clone(), name("us.test"), "n".to_owned(), 1_700_000_000_000);
    let mut add = |record: RecordType, records: Vec<Record>| {
        let answer = Ok(Answer::Dns(DnsAnswer { records, ..DnsAnswer::default() }));
        case.add(Evidence { inquiry: Inquiry::dns(&domain, record), at: case.started, took: 1, answer });
    };
    add(RecordType::Mx, vec![mx]);
    add(RecordType::Txt, texts.iter().map(|text| Record::Txt(vec![(*text).to_owned()])).collect());
    for _ in 0..20 {
        for inquiry in shared::plan(&case) {
            let answer = Ok(Answer::Dns(DnsAnswer::default()));
            case.add(Evidence { inquiry, at: case.started, took: 1, answer });
        }
    }
    judge(&case)
}

/// A folder of a test's own, empty.
pub fn folder(of: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(of);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A DNS server that gives each TXT question the same record, and of other types none.
pub fn resolver(record: &'static str) -> String {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((count, from)) = socket.recv_from(&mut buffer) {
            let question = buffer.get(..count).unwrap();
            // The question ends at the root label, two octets of type and two of class.
            let end = 12 + question.iter().skip(12).position(|octet| *octet == 0).unwrap() + 5;
            let txt = question.get(end - 4..end - 2) == Some(&[0, 16]);
            let mut reply = question.get(..2).unwrap().to_vec();
            reply.extend([0x81, 0x80, 0, 1, 0, u8::from(txt), 0, 0, 0, 0]);
            reply.extend(question.get(12..end).unwrap());
            if txt {
                let length = u8::try_from(record.len()).unwrap();
                reply.extend(b"\xc0\x0c\0\x10\0\x01\0\0\0\x3c\0");
                reply.extend([length + 1, length]);
                reply.extend(record.as_bytes());
            }
            socket.send_to(&reply, from).unwrap();
        }
    });
    address
}
