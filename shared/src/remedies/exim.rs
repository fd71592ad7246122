//! Lines for Exim: options of the main section, as in its one configuration file or in that which Debian makes it from.

use super::{Context, Fix, Recipe};

const NAME: &str = "Exim";

pub(super) fn recipe(fix: Fix, context: &Context) -> Option<Recipe> {
    let Context { domain, host, .. } = context;
    let tls = || {
        format!(
            "tls_advertise_hosts = *\ntls_certificate = /etc/ssl/certs/{host}.pem\ntls_privatekey = /etc/ssl/private/{host}.key"
        )
    };
    let lines = match fix {
        Fix::CloseRelay => "# name only domains that you are a backup MX for\ndomainlist relay_to_domains =\n\
             hostlist relay_from_hosts = <; 127.0.0.1 ; ::1"
            .to_owned(),
        Fix::RefuseOddRelay => "percent_hack_domains =".to_owned(),
        Fix::AuthNeedsTls => {
            format!("auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}\n{}", tls())
        }
        Fix::OfferStartTls => tls(),
        Fix::OfferImplicitTls => format!("daemon_smtp_ports = 25 : 465 : 587\ntls_on_connect_ports = 465\n{}", tls()),
        Fix::DropOldTls => {
            "# Debian's Exim is built with GnuTLS; one with OpenSSL: openssl_options = +no_tlsv1 +no_tlsv1_1\n\
             tls_require_ciphers = NORMAL:-VERS-TLS1.0:-VERS-TLS1.1"
                .to_owned()
        }
        Fix::HideVersion => "smtp_banner = $primary_hostname ESMTP".to_owned(),
        Fix::HideName => format!("primary_hostname = {host}\nsmtp_banner = $primary_hostname ESMTP"),
        Fix::LimitSize | Fix::RaiseSize | Fix::LowerSize => "message_size_limit = 50M".to_owned(),
        Fix::AcceptPostmaster | Fix::AcceptAbuse => return Some(super::alias(NAME, fix, domain)),
        _ => return None,
    };
    let place = "/etc/exim4/exim4.conf.template, its main section; then update-exim4.conf and a restart";
    Some(Recipe { software: NAME.to_owned(), place: place.to_owned(), lines })
}
