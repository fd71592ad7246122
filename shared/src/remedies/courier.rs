//! Lines for Courier's IMAP and POP3 servers.

use super::{Fix, Text};

pub(super) const fn text(fix: Fix) -> Option<Text> {
    match fix {
        // Key and chain are one file to Courier.
        Fix::LoginNeedsTls | Fix::OfferClientTls => Some(Text {
            place: "/etc/courier/imapd-ssl and pop3d-ssl, then restart courier-imap and courier-pop",
            lines: "# the file holds the key, then the certificates\nIMAPDSTARTTLS=YES\nIMAP_TLS_REQUIRED=1\n\
                TLS_CERTFILE=/etc/ssl/private/{host}.pem\n\n\
                # /etc/courier/pop3d-ssl\nPOP3_STARTTLS=YES\nPOP3_TLS_REQUIRED=1\n\
                TLS_CERTFILE=/etc/ssl/private/{host}.pem",
        }),
        Fix::OfferModernTls | Fix::DropOldTls | Fix::DropWeakCiphers => Some(Text {
            place: "/etc/courier/imapd-ssl and pop3d-ssl, then restart courier-imap-ssl and courier-pop-ssl",
            lines: "# Debian's Courier is built with GnuTLS\n\
                TLS_PRIORITY=\"SECURE128:-VERS-TLS1.0:-VERS-TLS1.1:-RSA\"\n\n# /etc/courier/pop3d-ssl\n\
                TLS_PRIORITY=\"SECURE128:-VERS-TLS1.0:-VERS-TLS1.1:-RSA\"",
        }),
        _ => None,
    }
}
