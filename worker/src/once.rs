//! Requests that are to be done once, however often they are sent: the header Idempotency-Key
//! (draft-ietf-httpapi-idempotency-key-header).

use worker::{Env, Request};

use crate::problem::{Kind, Refusal};
use crate::{ids, limit};

/// The id of the object of this binding that the request makes. With a key it is always the same one for this client,
/// so nothing has to be remembered for it: the object itself knows whether it was made, and of what.
pub fn id(request: &Request, env: &Env, binding: &str) -> Result<String, Refusal> {
    let namespace = env.durable_object(binding)?;
    let id = match request.headers().get("idempotency-key")? {
        None => namespace.unique_id()?,
        Some(key) if is_key(&key) => {
            let client = limit::client(request)?.unwrap_or_default();
            namespace.id_from_name(&ids::hash(format!("{client}\n{key}").as_bytes()))?
        }
        Some(_) => return Err(Refusal::of(Kind::BadKey)),
    };
    Ok(id.to_string())
}

/// Long enough not to be hit by accident.
fn is_key(key: &str) -> bool {
    (16..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        for good in ["8e03978e-40d5-43dd-bc93-6894a57f9324", "\"8e03978e-40d5-43dd\"", &"x".repeat(128)] {
            assert!(is_key(good), "{good}");
        }
        for bad in ["", "short", "with a space in it", "ünverständlich-langer", &"x".repeat(129)] {
            assert!(!is_key(bad), "{bad}");
        }
    }
}
