//! From JSON to the values of settings and back. Liberal in what it reads, exact in what it writes.

use serde_json::{Value, json};

use crate::change::Change;
use crate::extension::Extension;
use crate::fault::Fault;
use crate::id::{NumberId, RoleId, TeamId, UserId};
use crate::network::IpNetwork;
use crate::phone::{Country, PhoneNumber};
use crate::resource::Destination;
use crate::secret::PlainPassword;
use crate::shift::Shift;
use crate::sip_uri::SipAddress;
use crate::text::{Email, Language, Login, Name, Title};
use crate::user::{CallScope, Presence, TeamSet, TwoFactor};
use crate::zone::TimeZone;

/// Most networks, caller ids or teams one user may list: beyond it a list is a mistake.
pub const LIST_MAX: usize = 1_000;

/// A value a request may carry for a setting.
pub(crate) trait FromValue: Sized {
    fn from_value(value: &Value, country: Country) -> Result<Self, Fault>;
}

/// A setting's value as the native API shows it.
pub(crate) trait IntoValue {
    fn to_value(&self) -> Value;
}

/// `null` clears, anything else must parse.
pub(crate) fn change_from<T: FromValue>(
    value: &Value,
    country: Country,
) -> Result<Change<T>, Fault> {
    if value.is_null() { Ok(Change::Clear) } else { T::from_value(value, country).map(Change::Set) }
}

/// The text of a string, or of a number where a value is digits.
pub fn text(value: &Value) -> Result<std::borrow::Cow<'_, str>, Fault> {
    match value {
        Value::String(text) => Ok(text.as_str().into()),
        Value::Number(number) => Ok(number.to_string().into()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            Err(Fault::Malformed { expected: "a text" })
        }
    }
}

/// A flag: `true/false`, `0/1`, or either in a string.
pub fn flag(value: &Value) -> Result<bool, Fault> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_u64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            Some(_) | None => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        },
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
    .ok_or(Fault::Malformed { expected: "true or false" })
}

/// A whole number from 0 to `max`, or its digits in a string.
pub fn whole(value: &Value, max: u64) -> Result<u64, Fault> {
    let number = match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
    .ok_or(Fault::Malformed { expected: "a whole number" })?;
    if number > max {
        return Err(Fault::OutOfRange { min: 0, max: i64::try_from(max).unwrap_or(i64::MAX) });
    }
    Ok(number)
}

macro_rules! from_text {
    ($($type:ty),+) => {$(
        impl FromValue for $type {
            fn from_value(value: &Value, _: Country) -> Result<Self, Fault> {
                Self::parse(&text(value)?)
            }
        }
    )+};
}

from_text!(
    Name,
    Title,
    Login,
    Email,
    Language,
    TimeZone,
    Extension,
    SipAddress,
    PlainPassword,
    IpNetwork
);

impl FromValue for PhoneNumber {
    fn from_value(value: &Value, country: Country) -> Result<Self, Fault> {
        Self::parse(&text(value)?, country)
    }
}

impl FromValue for bool {
    fn from_value(value: &Value, _: Country) -> Result<Self, Fault> {
        flag(value)
    }
}

impl FromValue for u32 {
    fn from_value(value: &Value, _: Country) -> Result<Self, Fault> {
        whole(value, u64::from(Self::MAX)).map(|number| number.try_into().unwrap_or(Self::MAX))
    }
}

impl FromValue for u16 {
    fn from_value(value: &Value, _: Country) -> Result<Self, Fault> {
        whole(value, u64::from(Self::MAX)).map(|number| number.try_into().unwrap_or(Self::MAX))
    }
}

macro_rules! from_id {
    ($($type:ty),+) => {$(
        impl FromValue for $type {
            fn from_value(value: &Value, _: Country) -> Result<Self, Fault> {
                text(value)?.parse().map_err(|_| Fault::Malformed { expected: "an id" })
            }
        }

        impl IntoValue for $type {
            fn to_value(&self) -> Value {
                Value::String(self.to_string())
            }
        }
    )+};
}

from_id!(NumberId, TeamId, RoleId, UserId);

impl<T: FromValue + PartialEq> FromValue for Box<[T]> {
    /// A list; one value stands for a list of one. Repeated values count once.
    fn from_value(value: &Value, country: Country) -> Result<Self, Fault> {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        if values.len() > LIST_MAX {
            return Err(Fault::TooMany { max: LIST_MAX });
        }
        let mut list = Vec::with_capacity(values.len());
        for value in values {
            let item = T::from_value(value, country)?;
            if !list.contains(&item) {
                list.push(item);
            }
        }
        Ok(list.into())
    }
}

impl FromValue for TeamSet {
    /// `"all"`, or a list of team ids.
    fn from_value(value: &Value, country: Country) -> Result<Self, Fault> {
        match value.as_str() {
            Some("all") => Ok(Self::All),
            Some(_) | None => Box::<[TeamId]>::from_value(value, country).map(Self::These),
        }
    }
}

impl FromValue for CallScope {
    /// `"own"`, `"all"`, or a list of user ids.
    fn from_value(value: &Value, country: Country) -> Result<Self, Fault> {
        match value.as_str() {
            Some("own") => Ok(Self::Own),
            Some("all") => Ok(Self::All),
            Some(_) | None => Box::<[UserId]>::from_value(value, country).map(Self::Users),
        }
    }
}

impl FromValue for TwoFactor {
    fn from_value(value: &Value, _: Country) -> Result<Self, Fault> {
        serde_json::from_value(value.clone())
            .map_err(|_| Fault::Malformed { expected: "one of inherit, off, email, totp" })
    }
}

impl FromValue for Presence {
    fn from_value(value: &Value, _: Country) -> Result<Self, Fault> {
        serde_json::from_value(value.clone())
            .map_err(|_| Fault::Malformed { expected: "one of online, break, offline, dialer" })
    }
}

impl FromValue for Destination {
    fn from_value(value: &Value, _: Country) -> Result<Self, Fault> {
        serde_json::from_value(value.clone()).map_err(|_| Fault::Malformed {
            expected: "a destination such as {\"type\":\"user\",\"id\":\"…\"}",
        })
    }
}

impl FromValue for Shift {
    fn from_value(value: &Value, _: Country) -> Result<Self, Fault> {
        serde_json::from_value(value.clone())
            .map_err(|_| Fault::Malformed { expected: "a shift of rows and exceptions" })
    }
}

impl<T: IntoValue> IntoValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, IntoValue::to_value)
    }
}

impl<T: IntoValue + ?Sized> IntoValue for Box<T> {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl<T: IntoValue> IntoValue for [T] {
    fn to_value(&self) -> Value {
        self.iter().map(IntoValue::to_value).collect()
    }
}

macro_rules! into_value {
    ($($type:ty),+) => {$(
        impl IntoValue for $type {
            fn to_value(&self) -> Value {
                json!(self)
            }
        }
    )+};
}

into_value!(bool, u16, u32, Name, Title, Login, Email, Language, TimeZone, Extension, SipAddress);
into_value!(IpNetwork, PhoneNumber, Shift, TwoFactor, Presence, Destination);

impl IntoValue for TeamSet {
    fn to_value(&self) -> Value {
        match self {
            Self::All => json!("all"),
            Self::These(teams) => teams.to_value(),
        }
    }
}

impl IntoValue for CallScope {
    fn to_value(&self) -> Value {
        match self {
            Self::Own => json!("own"),
            Self::All => json!("all"),
            Self::Users(users) => users.to_value(),
        }
    }
}
