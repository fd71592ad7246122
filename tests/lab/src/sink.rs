//! The receiving host that proves a relay: `mailsins sink`, which a test runs for as long as it needs it.

/// Its address: the MX of [`DOMAIN`] leads there.
pub const HOST: &str = "127.25.0.26";

/// Where it listens.
pub const ADDRESS: &str = "127.25.0.26:25";

/// The domain of its one-time addresses.
pub const DOMAIN: &str = "proof.test";

/// What it shares with the lab's sites.
pub const SECRET: &str = "the-lab-shares-this-with-everybody-0123456789";
