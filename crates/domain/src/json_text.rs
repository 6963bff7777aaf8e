//! How a parsed value travels through JSON: as the text it was parsed from, parsed again on the
//! way in. It knows no value; each one says `json_text!(Name)` beside its `parse`.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, Visitor};

use crate::fault::Fault;

/// A value whose `Display` is its JSON text, and that `parse` reads back.
pub(crate) trait JsonText: Sized {
    fn from_json_text(text: &str) -> Result<Self, Fault>;
}

/// Reads a value without keeping the text it came in.
pub(crate) fn deserialize<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: JsonText,
{
    deserializer.deserialize_str(TextVisitor(PhantomData))
}

struct TextVisitor<T>(PhantomData<T>);

impl<T: JsonText> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        T::from_json_text(text).map_err(|fault| E::custom(format_args!("value {fault}")))
    }
}

/// JSON by `Display` and `parse`.
macro_rules! json_text {
    ($value:ty) => {
        impl crate::json_text::JsonText for $value {
            fn from_json_text(text: &str) -> Result<Self, crate::fault::Fault> {
                Self::parse(text)
            }
        }

        impl serde::Serialize for $value {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $value {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::json_text::deserialize(deserializer)
            }
        }
    };
}

pub(crate) use json_text;
