//! The pages of mailsins.
//!
//! - [`server`] (feature `ssr`) renders whole documents for the Worker.
//! - `browser` (feature `browser`) brings the same components to life, and runs live scans. What
//!   asks and judges is not here: `engine` loads it as a module of its own, when a page needs it.
//! - `learn` (feature `learn`) writes the pages to read, when the site is built.
//! - [`badge`] draws badges as SVG documents of their own, `card` a small page for frames.
//!
//! Deliberately absent: raw HTML, inline styles, requests to other sites, and text of a server
//! that did not go through [`shared::visible::visible`].

pub mod badge;
#[cfg(feature = "ssr")]
pub mod card;
mod text;

#[cfg(feature = "browser")]
mod api;
#[cfg(feature = "browser")]
mod app;
#[cfg(feature = "browser")]
pub mod browser;
#[cfg(feature = "browser")]
mod engine;
#[cfg(feature = "browser")]
mod pages;
#[cfg(feature = "browser")]
mod scan;

#[cfg(any(feature = "browser", feature = "ssr"))]
mod again;
#[cfg(any(feature = "browser", feature = "ssr"))]
mod controls;
#[cfg(any(feature = "browser", feature = "ssr"))]
mod icons;
#[cfg(any(feature = "browser", feature = "ssr"))]
mod platform;
#[cfg(any(feature = "browser", feature = "ssr"))]
mod report;
#[cfg(any(feature = "browser", feature = "ssr"))]
mod served;
#[cfg(any(feature = "browser", feature = "ssr"))]
mod share;
#[cfg(any(feature = "browser", feature = "ssr"))]
mod shell;

#[cfg(feature = "learn")]
pub mod learn;
#[cfg(feature = "ssr")]
pub mod plain;
#[cfg(feature = "ssr")]
pub mod server;

#[cfg(all(test, feature = "ssr"))]
mod manual;
#[cfg(all(test, feature = "ssr"))]
mod tests;
