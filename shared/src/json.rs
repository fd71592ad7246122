//! Reading JSON where every byte of the program is sent to browsers.
//!
//! A deserializer of a text is copied into the reader of each type: blanks, commas, and words for what is wrong.
//! Here a text becomes a tree first, in one place, and types are read from that: a third of the code. It says only
//! that something was wrong, and takes no array for a struct. Elsewhere serde_json is as good.

use std::fmt;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor, value::StrDeserializer,
};
use serde::{Deserialize, forward_to_deserialize_any};

/// A value from its JSON text; nothing where it is none.
pub fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    let json: Json = serde_json::from_str(text).ok()?;
    T::deserialize(&json).ok()
}

/// A tree of JSON.
enum Json {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Grow)
    }
}

/// Makes a tree of what it is shown.
struct Grow;

impl<'de> Visitor<'de> for Grow {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, it: bool) -> Result<Json, E> {
        Ok(Json::Bool(it))
    }

    fn visit_u64<E>(self, it: u64) -> Result<Json, E> {
        Ok(Json::Unsigned(it))
    }

    fn visit_i64<E>(self, it: i64) -> Result<Json, E> {
        Ok(Json::Signed(it))
    }

    fn visit_f64<E>(self, it: f64) -> Result<Json, E> {
        Ok(Json::Float(it))
    }

    fn visit_str<E>(self, it: &str) -> Result<Json, E> {
        Ok(Json::Text(it.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = from.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = from.next_entry()? {
            entries.push(entry);
        }
        Ok(Json::Object(entries))
    }
}

/// It is not what was to be read.
#[derive(Debug)]
struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unreadable")
    }
}

impl std::error::Error for Unreadable {}

impl Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    // Without these, the words would be made, and thrown away.
    fn invalid_type(_: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Self
    }

    fn invalid_value(_: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn serde::de::Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

type Read<T> = Result<T, Unreadable>;

impl<'de> Deserializer<'de> for &'de Json {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self {
            Json::Null => visitor.visit_unit(),
            Json::Bool(it) => visitor.visit_bool(*it),
            Json::Unsigned(it) => visitor.visit_u64(*it),
            Json::Signed(it) => visitor.visit_i64(*it),
            Json::Float(it) => visitor.visit_f64(*it),
            Json::Text(it) => visitor.visit_borrowed_str(it),
            Json::List(list) => visitor.visit_seq(Items(list.iter())),
            Json::Object(entries) => visitor.visit_map(Entries { rest: entries.iter(), value: &Json::Null }),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self {
            Json::Bool(it) => visitor.visit_bool(*it),
            _ => Err(Unreadable),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self {
            Json::Unsigned(it) => visitor.visit_u64(*it),
            _ => Err(Unreadable),
        }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self {
            Json::Unsigned(it) => visitor.visit_u64(*it),
            Json::Signed(it) => visitor.visit_i64(*it),
            _ => Err(Unreadable),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self {
            Json::Float(it) => visitor.visit_f64(*it),
            _ => self.deserialize_i64(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self {
            Json::Text(it) => visitor.visit_borrowed_str(it),
            _ => Err(Unreadable),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self {
            Json::List(list) => visitor.visit_seq(Items(list.iter())),
            _ => Err(Unreadable),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Read<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        match self {
            Json::Object(entries) => visitor.visit_map(Entries { rest: entries.iter(), value: &Json::Null }),
            _ => Err(Unreadable),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self {
            Json::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Read<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_unit()
    }

    /// `"variant"`, or `{"variant": …}`.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        let (name, content) = match self {
            Json::Text(name) => (name, &Json::Null),
            Json::Object(entries) => match entries.as_slice() {
                [(name, content)] => (name, content),
                _ => return Err(Unreadable),
            },
            _ => return Err(Unreadable),
        };
        visitor.visit_enum(Choice { name, content })
    }

    forward_to_deserialize_any! {
        i8 i16 i32 f32 char bytes byte_buf unit unit_struct tuple_struct map identifier
    }
}

struct Items<'de>(std::slice::Iter<'de, Json>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Unreadable;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Read<Option<S::Value>> {
        self.0.next().map(|item| seed.deserialize(item)).transpose()
    }
}

struct Entries<'de> {
    rest: std::slice::Iter<'de, (String, Json)>,
    /// Of the entry whose key was read last.
    value: &'de Json,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Unreadable;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Read<Option<S::Value>> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        self.value = value;
        seed.deserialize(word(key)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Read<S::Value> {
        seed.deserialize(self.value)
    }
}

struct Choice<'de> {
    name: &'de str,
    content: &'de Json,
}

impl<'de> EnumAccess<'de> for Choice<'de> {
    type Error = Unreadable;
    type Variant = &'de Json;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Read<(S::Value, &'de Json)> {
        Ok((seed.deserialize(word(self.name))?, self.content))
    }
}

/// The content of an enum's variant.
impl<'de> VariantAccess<'de> for &'de Json {
    type Error = Unreadable;

    fn unit_variant(self) -> Read<()> {
        match self {
            Json::Null => Ok(()),
            _ => Err(Unreadable),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Read<S::Value> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Read<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Read<V::Value> {
        self.deserialize_struct("", fields, visitor)
    }
}

fn word(text: &str) -> StrDeserializer<'_, Unreadable> {
    text.into_deserializer()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Evidence, Report};

    /// What serde_json reads, and only that; but for arrays in place of structs.
    #[test]
    fn reads_what_serde_json_reads() {
        for json in [
            r#"{"inquiry":{"kind":"dns","name":"a.example","record":"MX"},"at":1000,"took":1,"answer":{"unseen":"refused"}}"#,
            r#"{"inquiry":{"kind":"dns","name":"a.example","record":"A"},"new":[{}],"at":1,"took":1,"answer":{"seen":{"dns":
                {"nxdomain":false,"authenticated":true,"aliases":[],"records":[{"A":"192.0.2.1"},{"TXT":["a","\u00fc\n"]},
                {"MX":{"preference":10,"exchange":"root"}}]}}}}"#,
        ] {
            let want = serde_json::from_str::<Evidence>(json).unwrap();
            assert_eq!(read::<Evidence>(json), Some(want), "{json}");
        }
        for bad in [
            "",
            "{",
            "null",
            "[]",
            r#"{"inquiry":{"kind":"dns","name":"a.example","record":"MX"},"at":1000,"took":1,"answer":{"unseen":"nothing"}}"#,
            r#"{"inquiry":{"kind":"dns","name":"a.example","record":"MX"},"at":-1,"took":1,"answer":{"unseen":"refused"}}"#,
            r#"{"inquiry":{"kind":"dns","name":"a.example","record":"MX"},"at":1,"took":4294967296,"answer":{"unseen":"refused"}}"#,
            r#"{"inquiry":{"kind":"dns","name":"a.example","record":"MX"},"at":1,"at":1,"took":1,"answer":{"unseen":"refused"}}"#,
            r#"{"inquiry":{"kind":"dns","name":"a b","record":"MX"},"at":1,"took":1,"answer":{"unseen":"refused"}}"#,
            r#"{"at":1,"took":1,"answer":{"unseen":"refused"}}"#,
        ] {
            assert!(serde_json::from_str::<Evidence>(bad).is_err() && read::<Evidence>(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_whole_report() {
        let json = include_str!("../../tests/recorded/unsure.json");
        let want: Report = serde_json::from_str(json).unwrap();
        assert!(read::<Report>(json) == Some(want));
    }

    #[test]
    fn depth_has_an_end() {
        assert!(read::<Evidence>(&"[".repeat(100_000)).is_none());
    }
}
