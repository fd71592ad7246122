//! Lines for Postfix.

use super::{Fix, Text};

pub(super) const fn text(fix: Fix) -> Option<Text> {
    let (place, lines) = match fix {
        Fix::CloseRelay => (
            "main.cf",
            "mynetworks = 127.0.0.0/8 [::1]/128\n\
             smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination",
        ),
        Fix::RefuseOddRelay => ("main.cf", "allow_percent_hack = no\nswap_bangpath = no\nallow_untrusted_routing = no"),
        Fix::SubmissionNeedsLogin => (
            "master.cf, below the lines that begin with submission and submissions",
            "  -o smtpd_sasl_auth_enable=yes\n  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject",
        ),
        Fix::AuthNeedsTls => (
            "main.cf",
            "smtpd_tls_auth_only = yes\nsmtpd_tls_security_level = may\n\
                 smtpd_tls_chain_files = /etc/ssl/private/{host}.key, /etc/ssl/certs/{host}.pem",
        ),
        Fix::OfferStartTls => (
            "main.cf",
            "smtpd_tls_security_level = may\n\
                 smtpd_tls_chain_files = /etc/ssl/private/{host}.key, /etc/ssl/certs/{host}.pem",
        ),
        Fix::OfferModernTls => (
            "main.cf; look for the same settings in master.cf",
            "# needs OpenSSL 1.0.1 or newer; before Postfix 3.6, write !SSLv2, !SSLv3\n\
             smtpd_tls_protocols = >=TLSv1\nsmtpd_tls_mandatory_protocols = >=TLSv1",
        ),
        Fix::ForgetBeforeTls => (
            "a shell",
            "# mended in Postfix 2.4.16, 2.5.12, 2.6.9, 2.7.3 and 2.8.0\napt-get install --only-upgrade postfix",
        ),
        Fix::OneEnd => (
            "main.cf",
            "# in 3.5.23, 3.6.13, 3.7.9, 3.8.4 and newer\nsmtpd_forbid_bare_newline = yes\n\
             # in all others\nsmtpd_data_restrictions = reject_unauth_pipelining\nsmtpd_discard_ehlo_keywords = chunking",
        ),
        Fix::CloseBackend => (
            "main.cf, and a line for each of the filter's ranges in /etc/postfix/filter.cidr",
            "smtpd_client_restrictions = permit_mynetworks, permit_sasl_authenticated,\n  \
             check_client_access cidr:/etc/postfix/filter.cidr, reject",
        ),
        Fix::UpdateServer => ("a shell", "apt-get update\napt-get install --only-upgrade postfix"),
        Fix::DropOldTls => (
            "master.cf, below each line that begins with submission",
            "  # before Postfix 3.6, write !SSLv2,!SSLv3,!TLSv1,!TLSv1.1\n\
             \x20 -o smtpd_tls_protocols=>=TLSv1.2\n  -o smtpd_tls_mandatory_protocols=>=TLSv1.2",
        ),
        Fix::DropWeakCiphers => (
            "master.cf, below each line that begins with submission",
            "  -o smtpd_tls_exclude_ciphers=eNULL,EXPORT,RC4,DES,3DES,kRSA",
        ),
        Fix::OfferImplicitTls => (
            "master.cf",
            "submissions inet n - y - - smtpd\n  -o syslog_name=postfix/submissions\n  \
             -o smtpd_tls_wrappermode=yes\n  -o smtpd_sasl_auth_enable=yes\n  \
             -o smtpd_relay_restrictions=permit_sasl_authenticated,reject",
        ),
        Fix::RenewCertificate => {
            ("a shell", "# with certbot; let its timer do it from now on\ncertbot renew --deploy-hook 'postfix reload'")
        }
        Fix::TrustedCertificate | Fix::StrongCertificate | Fix::MtaStsCertificates => (
            "a shell, then main.cf",
            "# on each such host, with its own name; port 80 must reach it for a moment\n\
                 certbot certonly --standalone --key-type ecdsa -d {host} --deploy-hook 'postfix reload'\n\n# main.cf\n\
                 smtpd_tls_chain_files = /etc/letsencrypt/live/{host}/privkey.pem, /etc/letsencrypt/live/{host}/fullchain.pem",
        ),
        Fix::LeaveBlocklist => (
            "a shell",
            "# who sent most through a login lately\n\
             grep -oh 'sasl_username=[^ ,]*' /var/log/mail.log* | sort | uniq -c | sort -rn | head\n\
             # what waits to be sent\n\
             postqueue -p | tail -20",
        ),
        Fix::DropNtlm => (
            "main.cf",
            "# Postfix 3.6 and newer; before that, in mech_list of Cyrus SASL or auth_mechanisms of Dovecot\nsmtpd_sasl_mechanism_filter = !external, !ntlm, static:rest",
        ),
        Fix::HideUsers => ("main.cf", "disable_vrfy_command = yes"),
        Fix::ScanMail => (
            "main.cf, and /etc/rspamd/local.d/antivirus.conf",
            "# apt-get install rspamd clamav-daemon\nsmtpd_milters = inet:localhost:11332\nmilter_default_action = tempfail\n\n\
             # /etc/rspamd/local.d/antivirus.conf\nclamav {\n  type = \"clamav\";\n  servers = \"/run/clamav/clamd.ctl\";\n  \
             action = \"reject\";\n  # the whole message: clamd unpacks it, and reads what is inline\n  scan_mime_parts = false;\n}",
        ),
        Fix::RefuseAtOnce => (
            "main.cf",
            "# no content_filter that answers later: a milter answers while the sender waits\nsmtpd_milters = inet:localhost:11332",
        ),
        Fix::LimitRecipients => ("main.cf", "smtpd_recipient_limit = 150\nsmtpd_recipient_overshoot_limit = 1000"),
        Fix::HideVersion => ("main.cf", "smtpd_banner = $myhostname ESMTP"),
        Fix::HideName => ("main.cf", "myhostname = {host}\nsmtpd_banner = $myhostname ESMTP"),
        Fix::HideAddress => (
            "main.cf",
            "# Look for the address in these, and take it out:\nsmtpd_banner = $myhostname ESMTP\n\
             smtpd_reject_footer =",
        ),
        // Behind reject_unauth_destination, so that the exception can never open a relay.
        Fix::AcceptPostmaster => (
            "main.cf, and /etc/aliases",
            "# your other restrictions follow behind these\nsmtpd_recipient_restrictions = permit_mynetworks, permit_sasl_authenticated, \
                 reject_unauth_destination, check_recipient_access inline:{postmaster@{domain}=OK}\n\n\
                 # /etc/aliases, then run newaliases\npostmaster: root",
        ),
        Fix::AcceptAbuse => (
            "/etc/aliases, then run newaliases (virtual domains: the virtual alias map)",
            "abuse: root\n\n# /etc/postfix/virtual, then run postmap\nabuse@{domain} root",
        ),
        Fix::AcceptContact => (
            "/etc/aliases, then run newaliases (virtual domains: the virtual alias map)",
            "# the name that the SOA record gives\nhostmaster: root\n\n# /etc/postfix/virtual, then run postmap\nhostmaster@{domain} root",
        ),
        Fix::AcceptNullSender => (
            "main.cf and its access maps",
            "# Remove what refuses the empty sender, such as a line \"<> REJECT\" in a\n\
             # check_sender_access map, or this, which must be left at its default:\nsmtpd_null_access_lookup_key = <>",
        ),
        Fix::GreetByName => {
            ("main.cf", "# the full name, which leads to the server's address\nsmtp_helo_name = {host}")
        }
        Fix::SignMail | Fix::AlignMail => (
            "main.cf, and /etc/opendkim.conf",
            "# last of all milters, so that nothing changes the mail behind it\n\
             smtpd_milters = inet:localhost:8891\nnon_smtpd_milters = inet:localhost:8891\n\n\
             # /etc/opendkim.conf\nMode s\nSocket inet:8891@localhost\nDomain {domain}\nSelector s1\n\
             KeyFile /etc/opendkim/s1.private\nCanonicalization relaxed/relaxed",
        ),
        Fix::MendForm | Fix::OneAuthor => (
            "main.cf",
            "# for what its own users hand in\nalways_add_missing_headers = yes\nlocal_header_rewrite_clients = permit_mynetworks, permit_sasl_authenticated",
        ),
        Fix::HideHops => (
            "master.cf, below the line that begins with submission, and header_checks",
            "  -o cleanup_service_name=outgoing\n\n# master.cf\noutgoing unix n - - - 0 cleanup\n  \
             -o header_checks=regexp:/etc/postfix/outgoing\n\n\
             # /etc/postfix/outgoing\n/^Received:/ IGNORE\n/^X-Originating-IP:/ IGNORE\n/^X-Mailer:/ IGNORE\n/^User-Agent:/ IGNORE\n/^X-Spam-/ IGNORE",
        ),
        Fix::ScanOutbound => (
            "main.cf",
            "# clamav-milter, for what comes by SMTP and for what programs of the machine hand in\n\
             smtpd_milters = unix:/clamav/clamav-milter.ctl\nnon_smtpd_milters = unix:/clamav/clamav-milter.ctl\n\n\
             # /etc/clamav/clamav-milter.conf\nOnInfected Reject",
        ),
        Fix::LimitSending => (
            // Not in main.cf, where they would hold for port 25 too, and throttle other mail servers.
            "master.cf, below the lines that begin with submission and submissions",
            "  # by address, in the 60 s of anvil_rate_time_unit; by account takes a policy service, such as policyd or rspamd's ratelimit\n\
             \x20 -o smtpd_client_message_rate_limit=10\n  -o smtpd_client_recipient_rate_limit=50",
        ),
        Fix::LimitSize | Fix::RaiseSize | Fix::LowerSize => ("main.cf", "message_size_limit = 52428800"),
        Fix::MxAnswer => {
            ("main.cf and master.cf", "# main.cf\ninet_interfaces = all\n\n# master.cf\nsmtp inet n - y - - smtpd")
        }
        _ => return None,
    };
    Some(Text { place, lines })
}
