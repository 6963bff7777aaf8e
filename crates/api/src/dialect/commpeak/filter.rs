//! CommPeak's path query language: `limit/50;0/is_active/1/created_at/2026-01-31%2010:00:00;>`.
//! Fields and their values, each with an operator behind a semicolon; `limit` has count and offset.

use std::cmp::Ordering;

use domain::fault::Fault;
use domain::snapshot::Snapshot;
use domain::user::User;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::fields;
use crate::dialect::field::{Read, Wrong};
use crate::request::Incoming;

/// Users in one answer: what is asked for without a limit, and at most.
pub(super) const USERS_MAX: usize = 1_000;
/// Conditions in one path: more than there are fields is a mistake.
const CONDITIONS_MAX: usize = 64;

/// Which users of a list are asked for.
#[derive(Debug)]
pub(super) struct Filter {
    conditions: Vec<Condition>,
    pub(super) limit: usize,
    pub(super) offset: usize,
}

#[derive(Debug)]
struct Condition {
    value: Asked,
    operator: Operator,
    with: String,
}

/// What a condition is about.
#[derive(Clone, Copy, Debug)]
enum Asked {
    Field(&'static str, Read),
    CreatedAt,
    UpdatedAt,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// With `%` for any text, at either end.
    Like,
}

impl Filter {
    /// Reads the path behind the resource and the query's `limit` and `offset`.
    pub(super) fn parse(path: &str, incoming: &Incoming) -> Result<Self, Vec<Wrong>> {
        let mut filter = Self { conditions: Vec::new(), limit: USERS_MAX, offset: 0 };
        let mut wrong = Vec::new();
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let mut segments = path.split('/').filter(|segment| !segment.is_empty()).map(decoded);
        while let Some(key) = segments.next() {
            let added = match segments.next() {
                Some(value) => filter.add(&key, &value),
                None => Err(Fault::Empty),
            };
            wrong.extend(added.err().map(|fault| Wrong { key, fault }));
        }
        for key in ["limit", "offset"] {
            let Some(value) = incoming.query(key) else { continue };
            let read =
                if key == "limit" { filter.set_limit(value) } else { filter.set_offset(value) };
            wrong.extend(read.err().map(|fault| Wrong { key: key.to_owned(), fault }));
        }
        if wrong.is_empty() { Ok(filter) } else { Err(wrong) }
    }

    fn add(&mut self, key: &str, value: &str) -> Result<(), Fault> {
        if key == "limit" {
            let (count, offset) = value.split_once(';').unwrap_or((value, "0"));
            self.set_limit(count)?;
            return self.set_offset(offset);
        }
        if self.conditions.len() == CONDITIONS_MAX {
            return Err(Fault::TooMany { max: CONDITIONS_MAX });
        }
        let (with, operator) = match value.rsplit_once(';') {
            Some((with, operator)) => (with, Operator::parse(operator)?),
            None => (value, Operator::Equal),
        };
        let value = Asked::parse(key).ok_or(Fault::Unknown)?;
        self.conditions.push(Condition { value, operator, with: with.to_owned() });
        Ok(())
    }

    /// More than fit one answer are refused: fewer than asked for would look like the end.
    fn set_limit(&mut self, text: &str) -> Result<(), Fault> {
        let max = i64::try_from(USERS_MAX).unwrap_or(i64::MAX);
        let limit: usize = whole(text)?;
        if limit == 0 || limit > USERS_MAX {
            return Err(Fault::OutOfRange { min: 1, max });
        }
        self.limit = limit;
        Ok(())
    }

    fn set_offset(&mut self, text: &str) -> Result<(), Fault> {
        self.offset = whole(text)?;
        Ok(())
    }

    /// Whether this user is asked for. Deleted ones only are where the path speaks of them.
    pub(super) fn admits(&self, user: &User, account: &Snapshot) -> bool {
        let speaks_of_deleted = || {
            let about = |it: &Condition| matches!(it.value, Asked::Field("is_deleted", _));
            self.conditions.iter().any(about)
        };
        (!user.is_deleted() || speaks_of_deleted())
            && self.conditions.iter().all(|condition| condition.holds(user, account))
    }
}

fn whole(text: &str) -> Result<usize, Fault> {
    text.trim().parse().map_err(|_| Fault::Malformed { expected: "a whole number" })
}

impl Asked {
    fn parse(key: &str) -> Option<Self> {
        match key {
            "created_at" => Some(Self::CreatedAt),
            "updated_at" => Some(Self::UpdatedAt),
            key => {
                let field = fields::of_key(key)?;
                Some(Self::Field(field.keys.first()?, field.read?))
            }
        }
    }

    /// The texts a condition is held against: of a list, each of its ids.
    fn texts(self, user: &User, account: &Snapshot) -> Vec<String> {
        match self {
            Self::CreatedAt => vec![written(user.created_at)],
            Self::UpdatedAt => vec![written(user.updated_at)],
            Self::Field(_, read) => match read(user, account) {
                Value::String(text) => vec![text],
                Value::Array(ids) => {
                    ids.iter().filter_map(Value::as_str).map(str::to_owned).collect()
                }
                Value::Object(named) => named.keys().cloned().collect(),
                Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
            },
        }
    }
}

/// As the vendor writes times: without a zone, in UTC.
fn written(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

impl Condition {
    fn holds(&self, user: &User, account: &Snapshot) -> bool {
        let texts = self.value.texts(user, account);
        match self.operator {
            Operator::NotEqual => texts.iter().all(|text| self.compared(text) != Ordering::Equal),
            Operator::Equal => texts.iter().any(|text| self.compared(text) == Ordering::Equal),
            Operator::Less => texts.iter().any(|text| self.compared(text) == Ordering::Less),
            Operator::LessOrEqual => {
                texts.iter().any(|text| self.compared(text) != Ordering::Greater)
            }
            Operator::Greater => texts.iter().any(|text| self.compared(text) == Ordering::Greater),
            Operator::GreaterOrEqual => {
                texts.iter().any(|text| self.compared(text) != Ordering::Less)
            }
            Operator::Like => texts.iter().any(|text| self.is_like(text)),
        }
    }

    /// Two numbers as numbers, all else as text without regard to capitals.
    fn compared(&self, text: &str) -> Ordering {
        let number = |text: &str| text.parse::<i64>().ok();
        match (number(text), number(&self.with)) {
            (Some(has), Some(with)) => has.cmp(&with),
            (Some(_) | None, None) | (None, Some(_)) => {
                text.to_lowercase().cmp(&self.with.to_lowercase())
            }
        }
    }

    fn is_like(&self, text: &str) -> bool {
        let (text, with) = (text.to_lowercase(), self.with.to_lowercase());
        let inside = with.trim_matches('%');
        match (with.starts_with('%'), with.ends_with('%')) {
            (true, true) => text.contains(inside),
            (true, false) => text.ends_with(inside),
            (false, true) => text.starts_with(inside),
            (false, false) => text == with,
        }
    }
}

impl Operator {
    fn parse(text: &str) -> Result<Self, Fault> {
        Ok(match text.trim().to_ascii_lowercase().as_str() {
            "" | "=" | "==" => Self::Equal,
            "!=" | "<>" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "like" => Self::Like,
            _ => return Err(Fault::Malformed { expected: "a value with a known operator" }),
        })
    }
}
