//! Lines for Exim: options of the main section, as in its one configuration file or in that which Debian makes it from.

use super::{Fix, Text, alias};

macro_rules! with_tls {
    ($lines:literal) => {
        concat!(
            $lines,
            "tls_advertise_hosts = *\ntls_certificate = /etc/ssl/certs/{host}.pem\ntls_privatekey = /etc/ssl/private/{host}.key"
        )
    };
}

pub(super) const fn text(fix: Fix) -> Option<Text> {
    let lines = match fix {
        Fix::CloseRelay => {
            "# name only domains that you are a backup MX for\ndomainlist relay_to_domains =\n\
             hostlist relay_from_hosts = <; 127.0.0.1 ; ::1"
        }
        Fix::RefuseOddRelay => "percent_hack_domains =",
        Fix::AuthNeedsTls => with_tls!("auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}\n"),
        Fix::OfferStartTls => with_tls!(""),
        Fix::OfferImplicitTls => with_tls!("daemon_smtp_ports = 25 : 465 : 587\ntls_on_connect_ports = 465\n"),
        Fix::DropOldTls => {
            "# Debian's Exim is built with GnuTLS; one with OpenSSL: openssl_options = +no_tlsv1 +no_tlsv1_1\n\
             tls_require_ciphers = NORMAL:-VERS-TLS1.0:-VERS-TLS1.1"
        }
        Fix::HideVersion => "smtp_banner = $primary_hostname ESMTP",
        Fix::HideName => "primary_hostname = {host}\nsmtp_banner = $primary_hostname ESMTP",
        Fix::GreetByName => "# the full name, which leads to the server's address\nprimary_hostname = {host}",
        Fix::LimitSending => {
            "# in acl_check_rcpt, before: accept authenticated = *\n\
             defer authenticated = *\n  ratelimit = 200 / 1h / per_rcpt / $authenticated_id\n  message = Too many recipients, try again later"
        }
        Fix::LimitSize | Fix::RaiseSize | Fix::LowerSize => "message_size_limit = 50M",
        Fix::AcceptPostmaster | Fix::AcceptAbuse => return Some(alias(fix)),
        _ => return None,
    };
    let place = "/etc/exim4/exim4.conf.template, its main section; then update-exim4.conf and a restart";
    Some(Text { place, lines })
}
