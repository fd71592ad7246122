//! The messages: who asked for them, what they are, and how to stop them, in plain words. Nothing in them is foreign text but
//! names that were read as names.

use shared::DomainName;
use shared::outbound::message::date_text;

use crate::Identity;

/// What is an end to some, and none by RFC 5321 section 2.3.8 and 4.1.1.4: CVE-2023-51764, -51765, -51766.
pub(super) const LOOK_ALIKES: [&str; 5] = ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r"];

/// Who writes to whom, for whom, and when.
pub(super) struct Letter<'a> {
    pub(super) identity: &'a Identity,
    /// The recipient's address.
    pub(super) to: &'a str,
    /// The checked domain, whose owner asked for it.
    pub(super) domain: &'a DomainName,
    /// What tells this message from others.
    pub(super) id: &'a str,
    /// In milliseconds since 1970.
    pub(super) now: u64,
}

impl Letter<'_> {
    /// The proof of a relay, up to the dot that ends it.
    pub(super) fn relay(&self, peer: &str) -> String {
        let Self { domain, .. } = self;
        self.message(
            "relay",
            &format!(
                "This message shows whether the mail server at {peer} carries mail from\r\n\
                 strangers to strangers. It is for an address of ours that is used once."
            ),
            &format!("Take the word relay out of the record at _mailsins.{domain}"),
        ) + "."
    }

    /// A message that holds what looks like its end, with another message behind each.
    pub(super) fn smuggling(&self) -> String {
        let Self { identity, to, domain, .. } = self;
        let mut text = self.message(
            "end of a message",
            "This message holds lines that only look like the end of a message, with\r\n\
             commands behind them. Seeing them below is right. If a second message came,\r\n\
             the server took one of them for the end, and others can send mail in\r\n\
             your users' names that way.",
            &format!("Take the word limits out of the record at _mailsins.{domain}"),
        );
        for look_alike in LOOK_ALIKES {
            text += &format!(
                "An end?{look_alike}MAIL FROM:<{}>\r\nRCPT TO:<{to}>\r\nDATA\r\n\
                 From: <{}>\r\nTo: <{to}>\r\nSubject: mailsins test: a second message, which must not be there\r\n\r\n",
                identity.sender, identity.sender,
            );
        }
        text + "."
    }

    fn message(&self, subject: &str, what: &str, stop: &str) -> String {
        let Self { identity, to, domain, id, now } = self;
        let Identity { sender, letter, .. } = identity;
        let link = &letter.link;
        let ours = sender.rsplit('@').next().unwrap_or_default();
        let date = date_text(*now);
        let unsubscribe = if link.is_empty() { String::new() } else { format!("List-Unsubscribe: <{link}>\r\n") };
        format!(
            "From: mailsins <{sender}>\r\nTo: <{to}>\r\nSubject: mailsins test: {subject}\r\nDate: {date}\r\n\
             Message-ID: <{id}@{ours}>\r\nAuto-Submitted: auto-generated\r\n{unsubscribe}MIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=us-ascii\r\n\r\n\
             {what}\r\n\r\n\
             Whoever runs {domain} asked for it, by a record in its DNS\r\nand with a code that was sent there.\r\n\r\n\
             What else is sent, and the results: {link}\r\nTo stop it: {stop},\r\nor publish \"v=mailsins1; probe=none\" there.\r\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_formed() {
        let identity = Identity::at(&DomainName::new("us.test").unwrap());
        let domain = DomainName::new("h.test").unwrap();
        let letter = Letter { identity: &identity, to: "me@h.test", domain: &domain, id: "id", now: 0 };
        let relay = letter.relay("192.0.2.1");
        assert!(relay.ends_with("\r\n.") && relay.replace("\r\n", "").chars().all(|c| (' '..='~').contains(&c)));
        assert!(relay.split("\r\n").all(|line| line.len() <= 78), "{relay}");
        let (header, body) = relay.split_once("\r\n\r\n").unwrap();
        for field in ["From", "To", "Date", "Message-ID", "Subject", "Auto-Submitted"] {
            assert_eq!(header.matches(&format!("\r\n{field}: ")).count() + usize::from(field == "From"), 1, "{field}");
        }
        assert!(body.contains("h.test asked") && body.contains("results: ") && body.contains("To stop it"));
        let smuggling = letter.smuggling();
        assert_eq!(smuggling.matches("\r\n.\r\n").count(), 0, "only the real end is one");
        assert_eq!(smuggling.matches("\r\nDATA\r\n").count(), LOOK_ALIKES.len());
        assert!(smuggling.ends_with("\r\n."));
    }
}
