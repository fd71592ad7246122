//! What only a browser can do; nothing happens where there is none.

use shared::difference::Difference;
use yew::Callback;

/// Puts a text on the clipboard, then says whether that worked.
#[cfg(feature = "browser")]
pub(crate) fn copy(text: &str, done: Callback<bool>) {
    let Some(window) = web_sys::window() else { return done.emit(false) };
    // The clipboard is missing outside secure contexts, whatever its type says.
    let clipboard = js_sys::Reflect::get(&window.navigator(), &"clipboard".into());
    if clipboard.is_ok_and(|c| c.is_undefined()) {
        return done.emit(false);
    }
    let promise = window.navigator().clipboard().write_text(text);
    wasm_bindgen_futures::spawn_local(async move {
        done.emit(wasm_bindgen_futures::JsFuture::from(promise).await.is_ok());
    });
}

/// Puts a text on the clipboard, then says whether that worked.
#[cfg(not(feature = "browser"))]
pub(crate) fn copy(_text: &str, done: Callback<bool>) {
    done.emit(false);
}

/// Offers a text as a file to save.
#[cfg(feature = "browser")]
pub(crate) fn download(name: &str, media_type: &str, text: &str) {
    use wasm_bindgen::JsCast;
    let save = || -> Result<(), wasm_bindgen::JsValue> {
        let options = web_sys::BlobPropertyBag::new();
        options.set_type(media_type);
        let parts = js_sys::Array::of1(&text.into());
        let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options)?;
        let url = web_sys::Url::create_object_url_with_blob(&blob)?;
        let document = web_sys::window().and_then(|w| w.document()).ok_or("no document")?;
        let anchor: web_sys::HtmlAnchorElement = document.create_element("a")?.unchecked_into();
        anchor.set_href(&url);
        anchor.set_download(name);
        anchor.click();
        web_sys::Url::revoke_object_url(&url)
    };
    let _ = save(); // nothing is lost if the browser will not save
}

/// Deletes a report with its key, then says what came of it.
#[cfg(feature = "browser")]
pub(crate) fn delete_report(id: &str, key: &str, done: Callback<Result<(), String>>) {
    let (id, key) = (id.to_owned(), key.to_owned());
    wasm_bindgen_futures::spawn_local(async move {
        let answer = crate::api::delete_report(&id, &key).await;
        done.emit(answer.map_err(|failure| failure.words()));
    });
}

/// Deletes a report with its key, then says what came of it.
#[cfg(not(feature = "browser"))]
pub(crate) fn delete_report(_id: &str, _key: &str, done: Callback<Result<(), String>>) {
    done.emit(Err(String::new()));
}

/// What stands in the field of this id.
#[cfg(feature = "browser")]
pub(crate) fn field(id: &str) -> String {
    use wasm_bindgen::JsCast;
    let element = web_sys::window().and_then(|w| w.document()).and_then(|d| d.get_element_by_id(id));
    element.and_then(|e| e.dyn_into::<web_sys::HtmlInputElement>().ok()).map(|i| i.value()).unwrap_or_default()
}

/// What stands in the field of this id.
#[cfg(not(feature = "browser"))]
pub(crate) fn field(_id: &str) -> String {
    String::new()
}

/// Judges a published report again, from its evidence, and says what changed; nothing if that could not be had.
#[cfg(feature = "browser")]
pub(crate) fn judge_again(id: &str, done: Callback<Option<Difference>>) {
    let path = format!("/r/{id}.json");
    let engine = crate::engine::load();
    wasm_bindgen_futures::spawn_local(async move {
        let report = crate::api::file(&path).await.ok();
        let engine = engine.await;
        done.emit(engine.zip(report).and_then(|(engine, report)| engine.judge_again(&report)));
    });
}

/// Judges a published report again, from its evidence, and says what changed; nothing if that could not be had.
#[cfg(not(feature = "browser"))]
pub(crate) fn judge_again(_id: &str, done: Callback<Option<Difference>>) {
    done.emit(None);
}

/// Keeps in this browser that this report of the domain was opened last; the one that was before, if another.
#[cfg(feature = "browser")]
pub(crate) fn last_report(domain: &str, id: &str) -> Option<String> {
    let storage = web_sys::window()?.local_storage().ok()??;
    let key = format!("report {domain}");
    // The newest first, and the one before it, so that loading the page anew forgets nothing.
    let known = storage.get_item(&key).ok()?.unwrap_or_default();
    let last = known.split(' ').find(|known| !known.is_empty() && *known != id).map(str::to_owned);
    let _ = storage.set_item(&key, &format!("{id} {}", last.as_deref().unwrap_or_default()));
    last
}

/// Keeps in this browser that this report of the domain was opened last; the one that was before, if another.
#[cfg(not(feature = "browser"))]
pub(crate) fn last_report(_domain: &str, _id: &str) -> Option<String> {
    None
}
