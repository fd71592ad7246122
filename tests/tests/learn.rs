//! The pages to read, and what leads search engines to them.

use anyhow::{Result, ensure};
use mailsins_tests::Site;
use reqwest::Method;
use shared::checks::CHECKS;

#[tokio::test]
async fn pages_to_read_know_their_address() -> Result<()> {
    let site = Site::new()?;
    let checks = CHECKS.iter().map(|check| format!("/checks/{}", check.id));
    for path in ["/about".to_owned(), "/checks".to_owned()].into_iter().chain(checks) {
        let page = site.send(Method::GET, &path, None).await?;
        let status = page.status();
        ensure!(page.headers().get("content-type").is_some_and(|kind| kind == "text/html; charset=utf-8"), "{path}");
        ensure!(!page.headers().contains_key("x-robots-tag"), "{path} may be found");
        let policy = page.headers().get("content-security-policy").and_then(|policy| policy.to_str().ok());
        ensure!(policy.is_some_and(|policy| policy.contains("default-src 'none'")), "{path}");
        let text = page.text().await?;
        let canonical = format!("<link rel=\"canonical\" href=\"{}{path}\">", site.origin);
        ensure!(status == 200 && text.contains(&canonical) && !text.contains("{{"), "{status} {path}: {text}");
    }
    Ok(())
}

/// Who finds the probe in a log can write to somebody.
#[tokio::test]
async fn operators_are_told_whom_to_write_to() -> Result<()> {
    let text = Site::new()?.send(Method::GET, "/about", None).await?.text().await?;
    let contact = format!("abuse@{0} or postmaster@{0}", mailsins_lab::PROBE_DOMAIN);
    ensure!(text.contains(&contact), "{text}");
    // Another site's says so in its settings.
    let dark = Site::at("MAILSINS_SITE_WITHOUT_DNS")?;
    let text = dark.send(Method::GET, "/about", None).await?.text().await?;
    ensure!(text.contains("To reach us, write to mail &lt;us@example.org&gt;."), "{text}");
    Ok(())
}

#[tokio::test]
async fn search_engines_find_them() -> Result<()> {
    let site = Site::new()?;
    for (path, kind, holds) in [
        ("/sitemap.xml", "application/xml", format!("<loc>{}/checks/spf-record</loc>", site.origin)),
        ("/robots.txt", "text/plain; charset=utf-8", format!("Sitemap: {}/sitemap.xml", site.origin)),
    ] {
        let file = site.send(Method::GET, path, None).await?;
        ensure!(file.status() == 200 && file.headers().get("content-type").is_some_and(|it| it == kind), "{path}");
        let text = file.text().await?;
        ensure!(text.contains(&holds) && !text.contains("{{"), "{path}: {text}");
    }
    for none in ["/checks/no-such-check", "/learn/about.page", "/learn/checks/spf-record.page"] {
        let status = site.send(Method::GET, none, None).await?.status();
        ensure!(status == 404, "{none}: {status}");
    }
    Ok(())
}
