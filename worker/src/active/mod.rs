//! Active tests, by the domain's consent.
//!
//! - [`run`] is the object of a run: it sends the message with the code, and begins the scan with what the owner opened.
//! - [`letter`] finds the domain's mail servers and has the message delivered.
//! - [`code`] is what the message brings.
//! - [`arrival`] is told of messages that came to one-time addresses of ours, and tells whoever waits.

pub mod arrival;
mod code;
mod letter;
pub mod run;
