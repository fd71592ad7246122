//! nginx as a proxy of mail servers, of which nothing is behind it: nobody can log in. Which servers there are, and what they say, is
//! the scenario's.

use crate::process;
use crate::server::Instance;
use anyhow::{Context, Result};
use std::fs;
use std::process::Command;

/// Its part that knows mail, of a Debian package of its own.
pub(crate) const MODULE: &str = "/usr/lib/nginx/modules/ngx_mail_module.so";

/// Writes the instance's configuration.
pub(crate) fn write(instance: &Instance<'_>) -> Result<()> {
    fs::create_dir_all(instance.dir.join("etc"))?;
    let servers = instance.own("nginx", "mail.conf").context("no nginx/<name>/mail.conf")?;
    let text = format!(
        "daemon off;\npid {{{{dir}}}}/nginx.pid;\nerror_log stderr notice;\nworker_processes 1;\nload_module {MODULE};\n\
         events {{ worker_connections 64; }}\nmail {{\n    server_name {{{{host}}}};\n    auth_http 127.0.0.1:9/;\n\
         ssl_certificate {{{{certificate}}}};\n    ssl_certificate_key {{{{certificate}}}};\n{servers}}}\n"
    );
    fs::write(instance.dir.join("etc/nginx.conf"), instance.fill(&text)?)?;
    Ok(())
}

/// Starts an instance whose configuration is written.
pub(crate) fn launch(instance: &Instance<'_>) -> Result<()> {
    let config = instance.dir.join("etc/nginx.conf");
    process::start(instance.state, &instance.name, Command::new("nginx").arg("-c").arg(config))
}
