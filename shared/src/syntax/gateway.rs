//! Filters and providers that take mail in front of the mailboxes: by the names of MX hosts, and by what they say.

/// A filter or provider.
struct Gateway {
    name: &'static str,
    /// Endings of its hosts' names.
    hosts: &'static [&'static str],
    /// What its greeting says, in lower case.
    says: &'static [&'static str],
}

const fn known(name: &'static str, hosts: &'static [&'static str], says: &'static [&'static str]) -> Gateway {
    Gateway { name, hosts, says }
}

/// Those that are met most. A name that is missing here costs a note, nothing else.
const GATEWAYS: &[Gateway] = &[
    known("Proofpoint", &["pphosted.com", "ppe-hosted.com", "ppops.net"], &["proofpoint"]),
    known("Mimecast", &["mimecast.com", "mimecast.co.za", "mimecast-offshore.com"], &["mimecast"]),
    known("Barracuda", &["barracudanetworks.com", "cudamail.com"], &["barracuda"]),
    known("Exchange Online Protection", &["mail.protection.outlook.com", "mx.microsoft"], &[]),
    known("Google", &["google.com", "googlemail.com"], &["gsmtp"]),
    known("Cisco Secure Email", &["iphmx.com"], &["ironport"]),
    known("Sophos Email", &["hydra.sophos.com", "reflexion.net"], &["sophos"]),
    known(
        "Trend Micro Email Security",
        &["tmes.trendmicro.com", "tmes.trendmicro.eu", "in.hes.trendmicro.com"],
        &["trend micro"],
    ),
    known("Symantec Email Security.cloud", &["messagelabs.com"], &["messagelabs"]),
    known("Forcepoint", &["mailcontrol.com"], &["forcepoint"]),
    known("FortiMail", &["fortimailcloud.com"], &["fortimail"]),
    known("Trellix", &["fireeyecloud.com", "fireeyegov.com"], &["fireeye", "trellix"]),
    known("Hornetsecurity", &["hornetsecurity.com", "antispameurope.com"], &["hornetsecurity"]),
    known("N-able Mail Assure", &["antispamcloud.com"], &[]),
    known("AppRiver", &["arsmtp.com"], &[]),
    known("Mailgun", &["mailgun.org"], &["mailgun"]),
    known("Cloudflare Email Routing", &["mx.cloudflare.net", "mxrecord.io"], &[]),
    known("Proxmox Mail Gateway", &[], &["proxmox"]),
    known("rspamd", &[], &["rspamd"]),
];

/// The filter or provider that a host's name belongs to.
pub fn of_name(host: &str) -> Option<&'static str> {
    let is = |ending: &&str| host.strip_suffix(*ending).is_some_and(|head| head.is_empty() || head.ends_with('.'));
    GATEWAYS.iter().find(|gateway| gateway.hosts.iter().any(is)).map(|gateway| gateway.name)
}

/// The filter or provider that a greeting names, and the word that does.
pub fn of_text(text: &str) -> Option<(&'static str, &'static str)> {
    let text = text.to_ascii_lowercase();
    GATEWAYS.iter().find_map(|gateway| Some((gateway.name, *gateway.says.iter().find(|word| text.contains(**word))?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts() {
        for (host, want) in [
            ("mx0a-00112233.pphosted.com", Some("Proofpoint")),
            ("example-org.mail.protection.outlook.com", Some("Exchange Online Protection")),
            ("aspmx.l.google.com", Some("Google")),
            ("google.com", Some("Google")),
            ("mx1.example.org", None),
            ("mx.notgoogle.com", None),
            ("outlook.com", None),
        ] {
            assert_eq!(of_name(host), want, "{host}");
        }
        assert_eq!(of_text("220 mx.google.com ESMTP a1-4 - gsmtp"), Some(("Google", "gsmtp")));
        assert_eq!(of_text("220 mail.example.org ESMTP (Barracuda)"), Some(("Barracuda", "barracuda")));
        assert_eq!(of_text("220 mail.example.org ESMTP Postfix"), None);
    }
}
