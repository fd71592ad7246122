//! Yew and its run-time use three parts of gloo. Gloo 0.11 brings a dozen, and five of them, timers
//! among them, don't compile with panic=unwind, which is how the Worker is built. To go as soon as
//! yew depends on a gloo that does.

#![forbid(unsafe_code)]

pub use {console, utils};

/// As in gloo-timers.
pub mod timers {
    /// As in gloo-timers.
    pub mod callback {
        use js_sys::{Function, Reflect};
        use std::panic::AssertUnwindSafe;
        use wasm_bindgen::closure::Closure;
        use wasm_bindgen::{JsCast, JsValue};

        /// Calls back once, later; dropping it calls that off.
        #[must_use = "dropping it calls the timer off"]
        pub struct Timeout {
            handle: JsValue,
            _callback: Closure<dyn FnMut()>,
        }

        impl Timeout {
            /// Calls `callback` in `millis` milliseconds.
            pub fn new(millis: u32, callback: impl FnOnce() + 'static) -> Self {
                // The callback is dropped with the panic, so nobody sees what it left half done.
                let callback = Closure::once(AssertUnwindSafe(callback));
                let handle = call("setTimeout", callback.as_ref(), &millis.into());
                Self { handle, _callback: callback }
            }
        }

        impl Drop for Timeout {
            fn drop(&mut self) {
                call("clearTimeout", &self.handle, &JsValue::UNDEFINED);
            }
        }

        /// A function of the global scope; there is one in windows and in workers.
        fn call(name: &str, first: &JsValue, second: &JsValue) -> JsValue {
            let scope = js_sys::global();
            let function = Reflect::get(&scope, &name.into()).ok().and_then(|f| f.dyn_into::<Function>().ok());
            function.and_then(|f| f.call2(&scope, first, second).ok()).unwrap_or(JsValue::UNDEFINED)
        }
    }
}
