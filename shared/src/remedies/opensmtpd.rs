//! Lines for OpenSMTPD since 6.4.

use super::{Context, Fix, Recipe};

const NAME: &str = "OpenSMTPD";

pub(super) fn recipe(fix: Fix, context: &Context) -> Option<Recipe> {
    let Context { domain, host, .. } = context;
    let lines = match fix {
        Fix::CloseRelay => "# in place of: match from any for any\nmatch from local for any action \"relay\"\n\
             match from auth for any action \"relay\""
            .to_owned(),
        Fix::OfferStartTls => format!(
            "# before: listen on\npki {host} cert \"/etc/ssl/certs/{host}.pem\"\npki {host} key \"/etc/ssl/private/{host}.key\"\n\
             # at the end of: listen on\ntls pki {host}"
        ),
        Fix::HideName => {
            format!("# at the end of: listen on\n# (and take out any other hostname there)\nhostname {host}")
        }
        Fix::LimitSize | Fix::RaiseSize | Fix::LowerSize => "smtp max-message-size \"50M\"".to_owned(),
        Fix::AcceptPostmaster => {
            let mut recipe = super::alias(NAME, fix, domain);
            recipe.lines += &format!(
                "\n\n# /etc/smtpd.conf, with the name of your own action\nmatch from any for domain {{ \"{domain}\", \"{host}\" }} action \"local\""
            );
            return Some(recipe);
        }
        Fix::AcceptAbuse => return Some(super::alias(NAME, fix, domain)),
        _ => return None,
    };
    Some(Recipe { software: NAME.to_owned(), place: "/etc/smtpd.conf, then restart smtpd".to_owned(), lines })
}
