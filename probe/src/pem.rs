//! The certificate in a PEM document, such as one that vouches for a logo (BIMI): what it says. Whom it leads to is
//! not looked at.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use shared::evidence::{CHAIN_MAX, NAMES_MAX, PemCertificate};
use shared::visible::from_bytes;
use x509_parser::prelude::*;

/// The longest text that is kept, in characters.
const TEXT_MAX: usize = 300;

/// id-kp-BrandIndicatorforMessageIdentification.
const MARK_USAGE: &str = "1.3.6.1.5.5.7.3.31";

/// id-pe-logotype (RFC 9399 section 4.1).
const LOGOTYPE: &str = "1.3.6.1.5.5.7.1.12";

/// The first certificate that is no authority's, else the first; nothing where none can be read.
pub fn certificate(body: &[u8]) -> Option<PemCertificate> {
    let found = CertificateDer::pem_slice_iter(body).filter_map(Result::ok).take(CHAIN_MAX);
    let mut read: Vec<_> = found.filter_map(|der| contents(&der)).collect();
    let own = read.iter().position(|(authority, _)| !authority).unwrap_or(0);
    (own < read.len()).then(|| read.swap_remove(own).1)
}

fn contents(der: &[u8]) -> Option<(bool, PemCertificate)> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let mut names = Vec::new();
    if let Ok(Some(extension)) = certificate.subject_alternative_name() {
        let found = extension.value.general_names.iter().filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(cut(&name.to_ascii_lowercase())),
            _ => None,
        });
        names.extend(found.take(NAMES_MAX));
    }
    let usage = certificate.extended_key_usage().ok().flatten();
    let for_marks = usage.is_some_and(|usage| usage.value.other.iter().any(|oid| oid.to_id_string() == MARK_USAGE));
    let logo = certificate.extensions().iter().any(|extension| extension.oid.to_id_string() == LOGOTYPE);
    let says = PemCertificate {
        subject: cut(&certificate.subject().to_string()),
        issuer: cut(&certificate.issuer().to_string()),
        names,
        not_before: certificate.validity().not_before.timestamp().checked_mul(1000)?,
        not_after: certificate.validity().not_after.timestamp().checked_mul(1000)?,
        mark: for_marks || logo,
    };
    Some((certificate.is_ca(), says))
}

/// A bounded text of one line.
fn cut(text: &str) -> String {
    from_bytes(text.as_bytes()).replace(['\n', '\r'], " ").chars().take(TEXT_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate() {
        let begun = "-----BEGIN CERTIFICATE-----\n";
        for text in ["", "<svg/>", begun, &format!("{begun}AAAA\n-----END CERTIFICATE-----\n"), &begun.repeat(500)] {
            assert_eq!(certificate(text.as_bytes()), None, "{text:.60}");
        }
    }

    const AUTHORITY: &str = "-----BEGIN CERTIFICATE-----\n\
        MIIBgDCCASWgAwIBAgIUP9gqgKCnFZ8+AuhRF/pPExCGMRkwCgYIKoZIzj0EAwIw\n\
        FDESMBAGA1UEAwwJQXV0aG9yaXR5MCAXDTI2MTEyNDE1NDQwNFoYDzIxMjYxMDMx\n\
        MTU0NDA0WjAUMRIwEAYDVQQDDAlBdXRob3JpdHkwWTATBgcqhkjOPQIBBggqhkjO\n\
        PQMBBwNCAAQLEFwDiDTKmYyXNQgb1xOrXQQTiej2zNzO4DYYF2Fs3fSi58nRF56h\n\
        5ymQMzSGBHmjzc7V1IUUOZ+5IdWXPQvGo1MwUTAdBgNVHQ4EFgQU/0LJbcpqmK93\n\
        bQPpanTpf+DBmZowHwYDVR0jBBgwFoAU/0LJbcpqmK93bQPpanTpf+DBmZowDwYD\n\
        VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAzqh/MVEf5BOWbxSGZavu\n\
        VbjVnPS1K+YGUHRUdePcx7gCIQCxmLvrCKjLWfiHl1/Pl935JoxOTItmUs4+FB/h\n\
        IPKDaA==\n\
        -----END CERTIFICATE-----\n";

    /// For example.org and default._bimi.example.net, with the usage and an empty logotype.
    const MARK: &str = "-----BEGIN CERTIFICATE-----\n\
        MIIB9TCCAZygAwIBAgIUVsn3CcvUE+yTlgcYoe4ufJFLA+owCgYIKoZIzj0EAwIw\n\
        JDEQMA4GA1UECgwHRXhhbXBsZTEQMA4GA1UEAwwHRXhhbXBsZTAgFw0yNjExMjQx\n\
        NTQ0MDRaGA8yMTI2MTAzMTE1NDQwNFowJDEQMA4GA1UECgwHRXhhbXBsZTEQMA4G\n\
        A1UEAwwHRXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABL3hGD3kmp9Q\n\
        xG1L2tq98oV9tTmYkyhvbK2uABPAapS8YudmCeAEcIrHmEb8sr5/AC6m0KVpTf16\n\
        A6e7jBfX5bujgakwgaYwHQYDVR0OBBYEFOlBMQ45vl1MEfjHreOebbdusNTyMB8G\n\
        A1UdIwQYMBaAFOlBMQ45vl1MEfjHreOebbdusNTyMDEGA1UdEQQqMCiCC0V4YW1w\n\
        bGUub3JnghlkZWZhdWx0Ll9iaW1pLmV4YW1wbGUubmV0MAwGA1UdEwEB/wQCMAAw\n\
        EwYDVR0lBAwwCgYIKwYBBQUHAx8wDgYIKwYBBQUHAQwEAjAAMAoGCCqGSM49BAMC\n\
        A0cAMEQCICIXcTbAVVLb1st54bSl38Sza3hrELGHeQ9Ug5XndmKCAiBcO2rLn5de\n\
        yRZe9h6ee0ubHRxVw4fRm44fZ+aJdbOzQg==\n\
        -----END CERTIFICATE-----\n";

    #[test]
    fn what_a_certificate_says() {
        let own = certificate(format!("{AUTHORITY}{MARK}").as_bytes()).unwrap();
        assert_eq!(own.names, ["example.org", "default._bimi.example.net"]);
        assert!(own.mark && own.not_before < own.not_after && own.subject.contains("Example"));
        let authority = certificate(AUTHORITY.as_bytes()).unwrap();
        assert_eq!((authority.mark, authority.names.len()), (false, 0));
    }
}
