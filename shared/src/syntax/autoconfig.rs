//! What a domain tells mail programs of its servers: the document of Thunderbird's autoconfig (config-v1.1.xml).
//!
//! Read are the names of hosts and whether TLS is asked for; a program takes the first server of each type.

use roxmltree::{Document, Node, ParsingOptions};

use crate::DomainName;

/// The most nodes that are looked at: such a document has some dozens.
const NODES_MAX: u32 = 2_000;

/// The most servers that are kept.
const SERVERS_MAX: usize = 8;

/// Where the document is: on a host of its own, and on the domain's.
pub const PATHS: [&str; 2] = ["/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml"];

/// A server that the document names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// What is spoken there.
    pub protocol: &'static str,
    /// Its name.
    pub host: DomainName,
    /// Neither TLS from the start nor STARTTLS: programs send the password in the clear.
    pub plain: bool,
}

/// The servers for reading and sending mail, in order; nothing where this is no such document.
pub fn read(text: &str, domain: &DomainName) -> Option<Vec<Server>> {
    // A document type could define entities; no such document needs one.
    let options = ParsingOptions { allow_dtd: false, nodes_limit: NODES_MAX, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text.trim_start_matches('\u{feff}').trim_start(), options).ok()?;
    let root = document.root_element();
    if root.tag_name().name() != "clientConfig" {
        return None;
    }
    let provider = children(root, "emailProvider").next()?;
    let servers = provider.children().filter_map(|node| server(node, domain));
    Some(servers.take(SERVERS_MAX).collect())
}

fn server(node: Node<'_, '_>, domain: &DomainName) -> Option<Server> {
    let protocol = match (node.tag_name().name(), node.attribute("type")?) {
        ("incomingServer", "imap") => "imap",
        ("incomingServer", "pop3") => "pop3",
        ("outgoingServer", "smtp") => "smtp",
        _ => return None,
    };
    let text = |name| children(node, name).next().and_then(|child| child.text()).map(str::trim);
    let host = text("hostname")?.replace("%EMAILDOMAIN%", domain.as_str());
    let host = DomainName::new(&host).ok().filter(|host| host.is_host() && host.labels() > 1)?;
    let plain = text("socketType").is_some_and(|kind| kind.eq_ignore_ascii_case("plain"));
    Some(Server { protocol, host, plain })
}

fn children<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| child.tag_name().name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<Vec<String>> {
        let servers = read(text, &"example.org".parse().unwrap())?;
        let word = |server: &Server| {
            format!("{} {}{}", server.protocol, server.host, if server.plain { " plain" } else { "" })
        };
        Some(servers.iter().map(word).collect())
    }

    fn document(servers: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?>\n<clientConfig version=\"1.1\"><emailProvider id=\"x\">{servers}</emailProvider></clientConfig>"
        )
    }

    #[test]
    fn servers() {
        let of = |kind: &str, host: &str, socket: &str| {
            let side = if kind == "smtp" { "outgoing" } else { "incoming" };
            format!(
                "<{side}Server type=\"{kind}\"><hostname>{host}</hostname><port>1</port><socketType>{socket}</socketType></{side}Server>"
            )
        };
        let rows: &[(String, &[&str])] = &[
            (of("imap", "imap.example.org", "SSL"), &["imap imap.example.org"]),
            (of("pop3", " POP.Example.Org ", "STARTTLS"), &["pop3 pop.example.org"]),
            (of("smtp", "mail.%EMAILDOMAIN%", "plain"), &["smtp mail.example.org plain"]),
            (of("exchange", "mail.example.org", "SSL"), &[]),
            (of("imap", "192.0.2.1:143", "SSL"), &[]),
            (of("imap", "mail", "SSL"), &[]),
            (of("imap", "a_b.example.org", "SSL"), &[]),
            (of("imap", "", "SSL"), &[]),
            ("<incomingServer type=\"imap\"/><x><incomingServer type=\"imap\"/></x>text".to_owned(), &[]),
            (
                of("imap", "a.example.org", "SSL") + &of("imap", "b.example.org", "plain"),
                &["imap a.example.org", "imap b.example.org plain"],
            ),
        ];
        for (servers, want) in rows {
            assert_eq!(said(&document(servers)).unwrap(), *want, "{servers}");
        }
        let marked = format!("\u{feff}\n{}", document(&of("imap", "imap.example", "SSL")));
        assert_eq!(said(&marked).unwrap(), ["imap imap.example"]);
        assert_eq!(said(&document(&of("imap", "a.example.org", "SSL").repeat(9))).unwrap().len(), SERVERS_MAX);
    }

    /// What is no such document, or means harm.
    #[test]
    fn other_documents() {
        let entity = "<!DOCTYPE x [<!ENTITY a \"b\">]>".to_owned() + &document("&a;");
        let outside = "<!DOCTYPE x SYSTEM \"file:///etc/passwd\">".to_owned() + &document("");
        let deep = "<a>".repeat(20_000);
        let many = document(&"<a/>".repeat(20_000));
        for text in ["", "hello", "<html/>", "<clientConfig/>", "<clientConfig>", &entity, &outside, &deep, &many] {
            assert_eq!(said(text), None, "{}", text.get(..40).unwrap_or(text));
        }
    }
}
