//! Lines for Courier's IMAP and POP3 servers.

use super::{Context, Fix, Recipe};

const NAME: &str = "Courier";

pub(super) fn recipe(fix: Fix, context: &Context) -> Option<Recipe> {
    if !matches!(fix, Fix::LoginNeedsTls | Fix::OfferClientTls) {
        return None;
    }
    // Key and chain are one file to Courier.
    let file = format!("TLS_CERTFILE=/etc/ssl/private/{}.pem", context.host);
    Some(Recipe {
        software: NAME.to_owned(),
        place: "/etc/courier/imapd-ssl and pop3d-ssl, then restart courier-imap and courier-pop".to_owned(),
        lines: format!(
            "# the file holds the key, then the certificates\nIMAPDSTARTTLS=YES\nIMAP_TLS_REQUIRED=1\n{file}\n\n\
             # /etc/courier/pop3d-ssl\nPOP3_STARTTLS=YES\nPOP3_TLS_REQUIRED=1\n{file}"
        ),
    })
}
