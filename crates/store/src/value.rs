//! Values on their way into a statement, borrowed from the rows they stand in.
//! It deliberately names no database: `db` hands them over to one.

use uuid::Uuid;

/// A value on its way into a statement. Borrowed: writing a row copies nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Value::Integer(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Value::Integer(number.into())
    }
}

impl From<u64> for Value<'_> {
    /// Numbers above what a column holds compare as the largest it does.
    fn from(number: u64) -> Self {
        Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value<'_> {
    fn from(flag: bool) -> Self {
        Value::Integer(flag.into())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Value::Text(text)
    }
}

impl<'a> From<&'a Uuid> for Value<'a> {
    fn from(id: &'a Uuid) -> Self {
        Value::Bytes(id.as_bytes())
    }
}

impl<'a> From<&'a [u8; 32]> for Value<'a> {
    fn from(hash: &'a [u8; 32]) -> Self {
        Value::Bytes(hash)
    }
}

/// An optional value: NULL when there is none.
pub(crate) fn optional<'a, T>(value: Option<T>) -> Value<'a>
where
    T: Into<Value<'a>>,
{
    value.map_or(Value::Null, Into::into)
}
