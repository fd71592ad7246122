//! The browser's entry point. Elsewhere there is nothing to start.

fn main() {
    #[cfg(feature = "browser")]
    frontend::browser::start();
}
