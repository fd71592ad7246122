//! A real browser, for tests and pictures of the pages. The driver's address is in MAILSINS_WEBDRIVER.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use fantoccini::key::Key;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};

use crate::setting;

/// A browser with a fresh profile.
pub async fn browser(javascript: bool) -> Result<Client> {
    let arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--window-size=1200,1000",
    ];
    let mut options = json!({ "args": arguments });
    if !javascript && let Some(options) = options.as_object_mut() {
        options.insert("prefs".to_owned(), json!({ "profile.managed_default_content_settings.javascript": 2 }));
    }
    // Scripts may take long on a busy machine: the longest reads every element of a page.
    let capabilities = json!({ "timeouts": { "script": 60_000 }, "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" } });
    let Value::Object(capabilities) = capabilities else { anyhow::bail!("not an object") };
    let address = setting("MAILSINS_WEBDRIVER")?;
    Ok(ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&address).await?)
}

/// Waits until the page's `data-state` is one of these, and says which.
pub async fn state(page: &Client, wanted: &[&str], limit: Duration) -> Result<String> {
    let begun = Instant::now();
    loop {
        let found = match page.find(Locator::Css("main[data-state]")).await {
            Ok(main) => main.attr("data-state").await.ok().flatten().unwrap_or_default(),
            Err(_) => String::new(),
        };
        if wanted.contains(&found.as_str()) {
            return Ok(found);
        }
        ensure!(begun.elapsed() < limit, "the page is {found:?}, not one of {wanted:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The text of the first element of a selector, once there is one.
pub async fn text(page: &Client, css: &str) -> Result<String> {
    let found = page.wait().at_most(Duration::from_secs(10)).for_element(Locator::Css(css)).await;
    Ok(found.with_context(|| format!("no {css}"))?.text().await?)
}

/// An attribute of the first element of a selector, once there is one.
pub async fn attribute(page: &Client, css: &str, name: &str) -> Result<String> {
    let found = page.wait().at_most(Duration::from_secs(10)).for_element(Locator::Css(css)).await;
    found.with_context(|| format!("no {css}"))?.attr(name).await?.with_context(|| format!("{css} has no {name}"))
}

/// Clicks a button by its label.
pub async fn click(page: &Client, label: &str) -> Result<()> {
    let path = format!("//button[normalize-space()='{label}']");
    page.wait().at_most(Duration::from_secs(10)).for_element(Locator::XPath(&path)).await?.click().await?;
    Ok(())
}

/// Presses a key where the focus is.
pub async fn press(page: &Client, key: Key) -> Result<()> {
    page.active_element().await?.send_keys(&String::from(char::from(key))).await?;
    Ok(())
}

/// Presses Tab until the focus is on an element whose text, name or address begins with this; it must come within 150 steps.
pub async fn tab_to(page: &Client, wanted: &str) -> Result<()> {
    let script = "const e = document.activeElement; return [e.textContent.trim(), e.id, e.getAttribute('href') ?? '']";
    let mut seen = Vec::new();
    for _ in 0..150 {
        press(page, Key::Tab).await?;
        let names: Vec<String> = serde_json::from_value(page.execute(script, Vec::new()).await?)?;
        if names.iter().any(|name| name.starts_with(wanted)) {
            return Ok(());
        }
        seen.push(names.concat().chars().take(30).collect::<String>());
    }
    anyhow::bail!("the keyboard does not come to {wanted:?}, but to {seen:?}")
}

/// Presses Tab until the focus is on this element, then Enter.
pub async fn enter(page: &Client, wanted: &str) -> Result<()> {
    tab_to(page, wanted).await?;
    press(page, Key::Enter).await
}

/// A command of Chromium's own protocol (<https://chromedevtools.github.io/devtools-protocol/>).
#[derive(Debug)]
struct Devtools(Value);

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as std::str::FromStr>::Err> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.0.to_string()))
    }
}

/// Gives a command of Chromium's own protocol.
pub async fn devtools(page: &Client, command: &str, parameters: Value) -> Result<Value> {
    Ok(page.issue_cmd(Devtools(json!({ "cmd": command, "params": parameters }))).await?)
}

/// Shows the page as to someone who prefers this colour scheme (`light`, `dark`), on `screen` or in `print`.
pub async fn look(page: &Client, scheme: &str, medium: &str) -> Result<()> {
    let features = json!([{ "name": "prefers-color-scheme", "value": scheme }, { "name": "prefers-reduced-motion", "value": "reduce" }]);
    devtools(page, "Emulation.setEmulatedMedia", json!({ "media": medium, "features": features })).await?;
    Ok(())
}

/// Makes the window that wide.
pub async fn width(page: &Client, width: u32) -> Result<()> {
    let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
    devtools(page, "Emulation.setDeviceMetricsOverride", metrics).await?;
    Ok(())
}
