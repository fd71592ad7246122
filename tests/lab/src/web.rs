//! nginx, for what a scenario has on the web: its `mta-sts.` and `autoconfig.` hosts; and for hosts that hear of changes.

use crate::scenario::{Certificate, Scenario};
use crate::{ca, exit, process};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Address of the web server.
pub(crate) const ADDRESS: &str = "127.25.0.80";

/// Hosts that take what a site posts of changes; whoever listens at [`HOOK`] hears what comes to them. The second has, by
/// DNS, an address that nobody may be sent to.
pub const HOOKS: [&str; 3] = ["hook.told.consent.test", "hook.inside.consent.test", "hook.numb.consent.test"];

/// Where [`HOOKS`] hand on what they get, in the clear.
pub const HOOK: &str = "127.25.0.80:8025";

/// A copy of the machine's hosts file with the web server's names: for programs that ask the
/// system, not a resolver of their choice.
pub const HOSTS: &str = "/run/mailsins-lab/hosts";

/// Writes the configuration, a certificate for each host and the hosts file, and starts the server.
pub(crate) fn start(state: &Path, files: &Path, scenarios: &[Scenario]) -> Result<()> {
    let mut hosts = fs::read_to_string("/etc/hosts").unwrap_or_default();
    let mut servers = String::new();
    for (name, own) in scenarios.iter().flat_map(Scenario::web) {
        let certificate = ca::certificate(state, &name, Certificate::Good)?;
        hosts += &format!("\n{ADDRESS} {name}");
        servers += &format!("    server {{\n        listen {ADDRESS}:443 ssl;\n        server_name {name};\n");
        if !own.contains("ssl_certificate ") {
            servers += &format!("        ssl_certificate {certificate};\n        ssl_certificate_key {certificate};\n");
        }
        servers += &format!("{own}    }}\n");
    }
    for name in HOOKS {
        let certificate = ca::certificate(state, name, Certificate::Good)?;
        hosts += &format!("\n{ADDRESS} {name}");
        servers += &format!(
            "    server {{\n        listen {ADDRESS}:443 ssl;\n        server_name {name};\n        ssl_certificate {certificate};\n        \
             ssl_certificate_key {certificate};\n        location / {{ proxy_pass http://{HOOK}; proxy_set_header host $host; }}\n    }}\n"
        );
    }
    fs::create_dir_all(state.join("web"))?;
    hosts += &exit::hosts();
    fs::write(state.join("hosts"), hosts + "\n")?;
    let template = fs::read_to_string(files.join("web/nginx.conf")).context("read web/nginx.conf")?;
    let filled = template.replace("{{hosts}}", &servers).replace("{{state}}", &state.to_string_lossy());
    fs::write(state.join("web/nginx.conf"), filled)?;
    process::start(state, "nginx", Command::new("nginx").arg("-c").arg(state.join("web/nginx.conf")))
}
