//! Files for a web server.

use super::{Context, Fix, Recipe};

const NAME: &str = "Policy file";
const LOGO: &str = "SVG file";

/// A logo's frame; or the MTA-STS policy for the domain's own MX hosts: first one that only asks for reports, then
/// the one that protects (RFC 8461 section 3.2).
pub(super) fn recipes(fix: Fix, context: &Context) -> Vec<Recipe> {
    if fix == Fix::BimiLogo {
        return vec![logo(context)];
    }
    if !matches!(fix, Fix::MtaStsServe | Fix::MtaStsNameHosts) || context.targets.is_empty() {
        return Vec::new();
    }
    let hosts: String = context.targets.iter().map(|host| format!("mx: {host}\n")).collect();
    let file = |mode: &str, age: u32, when: &str| Recipe {
        software: NAME.to_owned(),
        place: format!("https://mta-sts.{}/.well-known/mta-sts.txt, as text/plain{when}", context.domain),
        lines: format!("version: STSv1\nmode: {mode}\n{hosts}max_age: {age}"),
    };
    vec![
        file("testing", 86_400, ", at first"),
        file("enforce", 1_209_600, ", once TLS reports show no failures; then change the record's id too"),
    ]
}

/// What a logo must have around its drawing (draft-svg-tiny-ps-abrotman).
fn logo(context: &Context) -> Recipe {
    let title = &context.domain;
    Recipe {
        software: LOGO.to_owned(),
        place: "around the drawing".to_owned(),
        lines: format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.2\" baseProfile=\"tiny-ps\" viewBox=\"0 0 64 64\">\n  <title>{title}</title>\n  <!-- paths, shapes and gradients only -->\n</svg>"
        ),
    }
}
