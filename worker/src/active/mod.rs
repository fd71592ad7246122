//! Active tests, by the domain's consent.
//!
//! - [`arrival`] is told of messages that came to one-time addresses of ours, and tells whoever waits.

pub mod arrival;
