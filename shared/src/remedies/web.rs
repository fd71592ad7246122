//! Files for a web server.

use super::{Context, Fix, Recipe};

const NAME: &str = "Policy file";
const LOGO: &str = "SVG file";

/// A logo's frame; or the MTA-STS policy for the domain's own MX hosts: first one that only asks for reports, then
/// the one that protects (RFC 8461 section 3.2).
pub(super) fn recipes(fix: Fix, context: &Context) -> Vec<Recipe> {
    let file = |software: &str, place, lines| Recipe {
        software: software.to_owned(),
        place: context.fill(place),
        lines: context.fill(lines),
    };
    match fix {
        Fix::TlsInAutoconfig => vec![file(
            "Autoconfig",
            "config-v1.1.xml, the first of its sort; the same with pop3 and 995, and as outgoingServer with smtp and 465",
            "<incomingServer type=\"imap\">\n  <hostname>imap.{domain}</hostname>\n  <port>993</port>\n  \
             <socketType>SSL</socketType>\n</incomingServer>",
        )],
        Fix::BimiLogo => vec![file(LOGO, "around the drawing", FRAME)],
        Fix::MtaStsServe | Fix::MtaStsNameHosts if !context.targets.is_empty() => vec![
            file(
                NAME,
                "https://mta-sts.{domain}/.well-known/mta-sts.txt, as text/plain, at first",
                "version: STSv1\nmode: testing\n{mx lines}max_age: 86400",
            ),
            file(
                NAME,
                "https://mta-sts.{domain}/.well-known/mta-sts.txt, as text/plain, once TLS reports show no failures; then change the record's id too",
                "version: STSv1\nmode: enforce\n{mx lines}max_age: 1209600",
            ),
        ],
        _ => Vec::new(),
    }
}

/// What a logo must have around its drawing (draft-svg-tiny-ps-abrotman).
const FRAME: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.2\" baseProfile=\"tiny-ps\" viewBox=\"0 0 64 64\">\n  \
    <title>{domain}</title>\n  <!-- paths, shapes and gradients only -->\n</svg>";
