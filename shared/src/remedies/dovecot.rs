//! Lines for Dovecot.

use super::{Fix, Text};

/// The same in the words of either version, with a certificate.
macro_rules! of_both {
    ($before:literal, $since:literal $(, $both:literal)?) => {
        concat!(
            "# up to 2.3\n", $before, "ssl_cert = </etc/ssl/certs/{host}.pem\nssl_key = </etc/ssl/private/{host}.key\n\n\
             # from 2.4\n", $since, "ssl_server_cert_file = /etc/ssl/certs/{host}.pem\n\
             ssl_server_key_file = /etc/ssl/private/{host}.key",
            $("\n\n# both\n", $both)?
        )
    };
}

pub(super) const fn text(fix: Fix) -> Option<Text> {
    let lines = match fix {
        Fix::LoginNeedsTls => {
            of_both!("ssl = required\ndisable_plaintext_auth = yes\n", "ssl = required\nauth_allow_cleartext = no\n")
        }
        Fix::OfferClientTls => of_both!("ssl = required\n", "ssl = required\n"),
        Fix::OfferImplicitTls => of_both!(
            "",
            "",
            "service imap-login {\n  inet_listener imaps {\n    port = 993\n    ssl = yes\n  }\n}\n\
             service pop3-login {\n  inet_listener pop3s {\n    port = 995\n    ssl = yes\n  }\n}"
        ),
        Fix::HideVersion => {
            "login_greeting = ready\nprotocol sieve {\n  managesieve_implementation_string = ManageSieve\n}\n\n\
             # up to 2.3\nimap_id_send = name *"
        }
        Fix::LimitSending => {
            "# of one message; the rate is for the server behind it to limit\nsubmission_max_recipients = 100"
        }
        // APOP's timestamp names the host.
        Fix::HideName => "# without apop\nauth_mechanisms = plain login\nlogin_greeting = ready",
        Fix::DropNtlm => "auth_mechanisms = plain login",
        Fix::DropOldTls => "ssl_min_protocol = TLSv1.2",
        Fix::DropWeakCiphers => "ssl_cipher_list = HIGH:!aNULL:!kRSA:!3DES",
        _ => return None,
    };
    Some(Text { place: "/etc/dovecot/local.conf, then doveadm reload", lines })
}
