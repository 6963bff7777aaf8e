//! One field of a form: its label, what it does, its control, what was wrong with it.

use serde_json::Value;

use crate::form::Pairs;

/// A field as `fields.html` draws it.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) label: String,
    /// What the setting does to calls.
    pub(crate) about: String,
    pub(crate) control: Control,
    pub(crate) error: Option<String>,
}

/// What a person types into or clicks at.
#[derive(Clone, Debug)]
pub(crate) enum Control {
    /// `kind` is HTML's: text, email, tel, date.
    Text {
        value: String,
        kind: &'static str,
    },
    Number {
        value: String,
    },
    Flag {
        is_on: bool,
    },
    Choice {
        options: Vec<Choice>,
    },
    Many {
        options: Vec<Choice>,
    },
    /// One value a line.
    Lines {
        value: String,
    },
    /// Never shown; typing sets another.
    Secret {
        is_set: bool,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) is_chosen: bool,
}

impl Choice {
    pub(crate) fn new(value: impl Into<String>, label: impl Into<String>, is_chosen: bool) -> Self {
        Self { value: value.into(), label: label.into(), is_chosen }
    }
}

impl Field {
    pub(crate) fn new(name: &str, label: &str, about: &str, control: Control) -> Self {
        let (name, label, about) = (name.to_owned(), label.to_owned(), about.to_owned());
        Self { name, label, about, control, error: None }
    }

    pub(crate) fn text(name: &str, label: &str, about: &str, value: &str) -> Self {
        Self::new(name, label, about, Control::Text { value: value.to_owned(), kind: "text" })
    }

    pub(crate) fn choice(name: &str, label: &str, about: &str, options: Vec<Choice>) -> Self {
        Self::new(name, label, about, Control::Choice { options })
    }
}

impl Control {
    /// What the form says, in JSON's types; `None` where it says nothing of this field.
    pub(crate) fn read(&self, name: &str, form: &Pairs) -> Option<Value> {
        if !form.has(name) {
            return None;
        }
        match self {
            Self::Text { .. } | Self::Number { .. } | Self::Choice { .. } => {
                Some(form.text(name).map_or(Value::Null, Value::from))
            }
            Self::Flag { .. } => Some(Value::Bool(form.one(name) == Some("1"))),
            Self::Many { .. } => {
                Some(form.all(name).filter(|it| !it.is_empty()).map(Value::from).collect())
            }
            Self::Lines { .. } => {
                let lines = form.one(name).unwrap_or_default().lines().map(str::trim);
                Some(lines.filter(|line| !line.is_empty()).map(Value::from).collect())
            }
            Self::Secret { .. } => form.text(name).map(Value::from),
        }
    }

    /// The same control showing what the form says, for a form that was refused.
    #[must_use]
    pub(crate) fn filled(self, name: &str, form: &Pairs) -> Self {
        if !form.has(name) {
            return self;
        }
        let text = || form.one(name).unwrap_or_default().to_owned();
        let chosen = |options: Vec<Choice>| {
            let is_chosen = |value: &str| form.all(name).any(|it| it == value);
            let again = |it: Choice| Choice { is_chosen: is_chosen(&it.value), ..it };
            options.into_iter().map(again).collect()
        };
        match self {
            Self::Text { kind, .. } => Self::Text { value: text(), kind },
            Self::Number { .. } => Self::Number { value: text() },
            Self::Flag { .. } => Self::Flag { is_on: form.one(name) == Some("1") },
            Self::Choice { options } => Self::Choice { options: chosen(options) },
            Self::Many { options } => Self::Many { options: chosen(options) },
            Self::Lines { .. } => Self::Lines { value: text() },
            Self::Secret { is_set } => Self::Secret { is_set },
        }
    }
}
