//! Lines for OpenSMTPD since 6.4.

use super::{ALIASES, Fix, Text, alias};

pub(super) const fn text(fix: Fix) -> Option<Text> {
    let lines = match fix {
        Fix::CloseRelay => {
            "# in place of: match from any for any\nmatch from local for any action \"relay\"\n\
             match auth from any for any action \"relay\""
        }
        Fix::OfferStartTls => {
            "# before: listen on\npki {host} cert \"/etc/ssl/certs/{host}.pem\"\npki {host} key \"/etc/ssl/private/{host}.key\"\n\
             # at the end of: listen on\ntls pki {host}"
        }
        Fix::HideName => "# at the end of: listen on\n# (and take out any other hostname there)\nhostname {host}",
        Fix::LimitSending => {
            "# of one message and session; a rate takes a filter\nsmtp limit max-rcpt 100\nsmtp limit max-mails 100"
        }
        Fix::LimitSize | Fix::RaiseSize | Fix::LowerSize => "smtp max-message-size \"50M\"",
        Fix::AcceptPostmaster => {
            let lines = "# whoever reads mail to postmaster@{domain}\npostmaster: root\n\n\
                 # /etc/smtpd.conf, with the name of your own action\n\
                 match from any for domain { \"{domain}\", \"{host}\" } action \"local\"";
            return Some(Text { place: ALIASES, lines });
        }
        Fix::AcceptAbuse => return Some(alias(fix)),
        _ => return None,
    };
    Some(Text { place: "/etc/smtpd.conf, then restart smtpd", lines })
}
