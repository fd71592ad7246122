//! Lines for Dovecot.

use super::{Context, Fix, Recipe};

const NAME: &str = "Dovecot";

pub(super) fn recipe(fix: Fix, context: &Context) -> Option<Recipe> {
    let host = &context.host;
    let certificate = |version: &str| match version {
        "2.4" => format!(
            "ssl_server_cert_file = /etc/ssl/certs/{host}.pem\nssl_server_key_file = /etc/ssl/private/{host}.key"
        ),
        _ => format!("ssl_cert = </etc/ssl/certs/{host}.pem\nssl_key = </etc/ssl/private/{host}.key"),
    };
    let lines = match fix {
        Fix::LoginNeedsTls => format!(
            "# up to 2.3\nssl = required\ndisable_plaintext_auth = yes\n{}\n\n# from 2.4\nssl = required\nauth_allow_cleartext = no\n{}",
            certificate("2.3"),
            certificate("2.4")
        ),
        Fix::OfferClientTls => format!(
            "# up to 2.3\nssl = required\n{}\n\n# from 2.4\nssl = required\n{}",
            certificate("2.3"),
            certificate("2.4")
        ),
        Fix::OfferImplicitTls => format!(
            "# up to 2.3\n{}\n\n# from 2.4\n{}\n\n# both\nservice imap-login {{\n  inet_listener imaps {{\n    port = 993\n    ssl = yes\n  }}\n}}\n\
             service pop3-login {{\n  inet_listener pop3s {{\n    port = 995\n    ssl = yes\n  }}\n}}",
            certificate("2.3"),
            certificate("2.4")
        ),
        Fix::HideVersion => {
            "login_greeting = ready\nprotocol sieve {\n  managesieve_implementation_string = ManageSieve\n}".to_owned()
        }
        _ => return None,
    };
    Some(Recipe { software: NAME.to_owned(), place: "/etc/dovecot/local.conf, then doveadm reload".to_owned(), lines })
}
