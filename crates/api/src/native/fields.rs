//! The fields of what is not a user, as a table: how each is shown, merged, described.
//! Which kind has which is `kinds`'; what values mean together is `domain`'s.

use domain::fault::Fault;
use domain::phone::{Country, PhoneNumber};
use domain::refusal::Refusal;
use serde_json::{Map, Value};

use super::problem::FieldError;
use super::user_patch::merge;

/// One field of a resource or of the account.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub name: &'static str,
    pub shape: Shape,
    /// A noun phrase: what a value must be.
    pub expected: &'static str,
    pub access: FieldAccess,
    pub absent: Absent,
    /// One sentence for the document.
    pub about: &'static str,
}

/// What a client may do with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldAccess {
    ReadOnly,
    ReadWrite,
    /// Chosen once.
    AtCreation,
    /// Written, but shown only as whether there is one.
    Secret,
}

/// What a field is when nothing is stored: cleared, or never set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    Null,
    Flag(bool),
    Number(u32),
    Word(&'static str),
    List,
    Object,
    /// It cannot be absent. The JSON text stands in for it while a new thing is put together.
    Required(&'static str),
}

/// What a value looks like, for the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    Id,
    Time,
    Flag,
    Number,
    Words(&'static [&'static str]),
    Texts,
    Ids,
    Permissions,
    Object,
    /// One of the document's named schemas.
    Named(&'static str),
}

impl Absent {
    fn value(self) -> Value {
        match self {
            Self::Null | Self::Required(_) => Value::Null,
            Self::Flag(flag) => flag.into(),
            Self::Number(number) => number.into(),
            Self::Word(word) => word.into(),
            Self::List => Value::Array(Vec::new()),
            Self::Object => Value::Object(Map::new()),
        }
    }
}

impl Field {
    const fn is_writable(&self, new: bool) -> bool {
        match self.access {
            FieldAccess::ReadOnly => false,
            FieldAccess::ReadWrite | FieldAccess::Secret => true,
            FieldAccess::AtCreation => new,
        }
    }
}

/// The stored fields as they are shown, in the order of the table.
pub(crate) fn shown(fields: &[Field], stored: &Map<String, Value>) -> Map<String, Value> {
    let show = |field: &Field| match field.access {
        FieldAccess::Secret => Value::Bool(stored.contains_key(field.name)),
        FieldAccess::ReadOnly | FieldAccess::ReadWrite | FieldAccess::AtCreation => {
            stored.get(field.name).cloned().unwrap_or_else(|| field.absent.value())
        }
    };
    fields.iter().map(|field| (field.name.to_owned(), show(field))).collect()
}

/// Keys of a request that are no fields, or fields that cannot be written. What is sent back as it
/// was read says nothing.
pub(crate) fn foreign(
    fields: &[Field],
    patch: &Map<String, Value>,
    before: Option<&Map<String, Value>>,
    what: &str,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (key, value) in patch {
        match fields.iter().find(|field| field.name == key) {
            None => errors.push(FieldError::new(key.as_str(), format!("is not a field of {what}"))),
            Some(field) if field.is_writable(before.is_none()) => {}
            Some(_) if before.and_then(|before| before.get(key)) == Some(value) => {}
            Some(_) => errors.push(FieldError::new(key.as_str(), Fault::NotChangeable)),
        }
    }
    errors
}

/// The stored fields with a merge patch in them; `reads` says whether the whole can be read back.
///
/// # Errors
///
/// Every field whose value cannot be taken.
pub(crate) fn patched(
    fields: &[Field],
    stored: &Map<String, Value>,
    patch: &Map<String, Value>,
    basis: Basis,
    reads: impl Fn(&Map<String, Value>) -> bool,
) -> Result<Map<String, Value>, Vec<Refusal>> {
    let mut after = stored.clone();
    let mut refusals = Vec::new();
    for field in fields.iter().filter(|field| field.is_writable(basis.new)) {
        let refuse = |fault| Refusal::of(field.name, fault);
        match patch.get(field.name) {
            None if basis.new && matches!(field.absent, Absent::Required(_)) => {
                refusals.push(refuse(Fault::NotClearable));
            }
            None => {}
            Some(value) => match with(field, value, &after, basis.country) {
                Ok(next) if reads(&next) => after = next,
                Ok(_) => refusals.push(refuse(Fault::Malformed { expected: field.expected })),
                Err(fault) => refusals.push(refuse(fault)),
            },
        }
    }
    if refusals.is_empty() { Ok(after) } else { Err(refusals) }
}

/// What a patch is applied to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Basis {
    /// National numbers are read from here.
    pub(crate) country: Country,
    /// Nothing is there yet.
    pub(crate) new: bool,
}

fn with(
    field: &Field,
    value: &Value,
    stored: &Map<String, Value>,
    country: Country,
) -> Result<Map<String, Value>, Fault> {
    let mut after = stored.clone();
    match value {
        Value::Null => clear(field, &mut after)?,
        // Shown as "is there one": sent back so, it says nothing.
        Value::Bool(set) if field.access == FieldAccess::Secret => {
            if *set != stored.contains_key(field.name) {
                return Err(Fault::Malformed { expected: field.expected });
            }
        }
        Value::String(text) if field.shape == Shape::Named(PHONE) => {
            let number = PhoneNumber::parse(text, country)?;
            after.insert(field.name.to_owned(), number.e164().into());
        }
        value => merge(after.entry(field.name).or_insert(Value::Null), value),
    }
    Ok(after)
}

/// Cleared, a field is what the table says it is when nothing is stored.
fn clear(field: &Field, stored: &mut Map<String, Value>) -> Result<(), Fault> {
    match field.absent {
        Absent::Required(_) => return Err(Fault::NotClearable),
        Absent::Null | Absent::List | Absent::Object => drop(stored.shift_remove(field.name)),
        Absent::Flag(_) | Absent::Number(_) | Absent::Word(_) => {
            stored.insert(field.name.to_owned(), field.absent.value());
        }
    }
    Ok(())
}

/// The schema of telephone numbers, which may be given nationally.
pub(crate) const PHONE: &str = "PhoneNumber";

/// What stands in for required fields until the request's values are in.
pub(crate) fn skeleton(fields: &[Field]) -> Map<String, Value> {
    let stand_in = |field: &Field| match field.absent {
        Absent::Required(text) => {
            let value = serde_json::from_str(text).unwrap_or_default();
            Some((field.name.to_owned(), value))
        }
        Absent::Flag(_) | Absent::Number(_) | Absent::Word(_) => {
            Some((field.name.to_owned(), field.absent.value()))
        }
        Absent::Null | Absent::List | Absent::Object => None,
    };
    fields.iter().filter_map(stand_in).collect()
}
