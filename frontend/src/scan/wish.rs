//! What a person asks for, as it stands in the address of a scan's page.

use js_sys::encode_uri_component;
use serde::Serialize;
use web_sys::UrlSearchParams;

/// A domain, and what is to be looked at besides what DNS names. All as it was typed: the server
/// says what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) domain: String,
    /// DKIM selectors, with spaces or commas between them.
    pub(crate) selectors: String,
    /// Hosts of the domain, likewise.
    pub(crate) hosts: String,
    /// The id of a test of outgoing mail.
    pub(crate) mailtest: String,
}

/// The options of a scan as the server takes them ([`shared::Options`]), before anyone has read them.
#[derive(Serialize)]
pub(crate) struct Choices<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    selectors: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hosts: Vec<&'a str>,
}

impl Wish {
    /// From what stands behind the ? of an address.
    pub(crate) fn of(query: Option<&UrlSearchParams>) -> Self {
        let get = |name| query.and_then(|query| query.get(name)).unwrap_or_default();
        Self { domain: get("domain"), selectors: get("selectors"), hosts: get("hosts"), mailtest: get("mailtest") }
    }

    /// The page that grants it.
    pub(crate) fn address(&self) -> String {
        let mut address = format!("/scan?domain={}", encode_uri_component(&self.domain));
        for (name, value) in [("selectors", &self.selectors), ("hosts", &self.hosts), ("mailtest", &self.mailtest)] {
            if !value.trim().is_empty() {
                address = format!("{address}&{name}={}", encode_uri_component(value.trim()));
            }
        }
        address
    }

    pub(crate) fn choices(&self) -> Choices<'_> {
        Choices { selectors: words(&self.selectors), hosts: words(&self.hosts) }
    }
}

fn words(text: &str) -> Vec<&str> {
    text.split([' ', ',', ';']).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices() {
        let wish = Wish { domain: "a.example".into(), selectors: " s1, s2;".into(), ..Wish::default() };
        assert_eq!(serde_json::to_string(&wish.choices()).unwrap(), r#"{"selectors":["s1","s2"]}"#);
        assert_eq!(serde_json::to_string(&Wish::default().choices()).unwrap(), "{}");
    }
}
