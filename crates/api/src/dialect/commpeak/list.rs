//! Lists and CommPeak's query language in the path: `/api/users/limit/50;0/is_active/1` —
//! <https://docs.commpeak.com/reference/common-api-useful-examples> (read 2026-11).

use std::cmp::Ordering;

use domain::permission::Permission;
use domain::rights;
use domain::snapshot::Snapshot;
use domain::user::User;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::fields::FIELDS;
use super::{Asked, envelope, users};
use crate::dialect::field::Read;
use crate::reply::Reply;

/// Users a page holds at most, and where no limit is asked for.
const LIMIT_MAX: usize = 500;

/// What a path asks for.
struct Query {
    limit: usize,
    offset: usize,
    filters: Vec<Filter>,
}

/// `field/value;operator`; without an operator, equality.
struct Filter {
    subject: Subject,
    value: String,
    operator: Operator,
}

/// What a filter is about.
#[derive(Clone, Copy)]
enum Subject {
    Field(&'static str, Read),
    CreatedAt,
    UpdatedAt,
}

enum Operator {
    Compared(fn(Ordering) -> bool),
    NotEqual,
    /// With `%` at either end for any text.
    Like,
}

pub(super) fn list(asked: &Asked<'_>, segments: &[String]) -> Reply {
    if let Err(missing) = rights::require(&asked.caller, Permission::UsersRead) {
        return envelope::failed(directory::Error::Forbidden(missing));
    }
    let query = match Query::parse(asked, segments) {
        Ok(query) => query,
        Err(reply) => return reply,
    };
    let account = match asked.api.directory.account(&asked.caller) {
        Ok(account) => account,
        Err(error) => return envelope::failed(error),
    };
    let matching = account.users().filter(|user| query.matches(user, &account));
    let page = matching.skip(query.offset).take(query.limit);
    let rows = page.map(|user| users::shown(user, &account)).collect();
    envelope::listed(asked, "users", rows)
}

impl Query {
    fn parse(asked: &Asked<'_>, segments: &[String]) -> Result<Self, Reply> {
        let mut query = Self { limit: LIMIT_MAX, offset: 0, filters: Vec::new() };
        if segments.len() % 2 == 1 {
            return Err(users::bad("A filter needs a value: field/value"));
        }
        for pair in segments.chunks_exact(2) {
            let [name, value] = pair else { continue };
            query.take(name, value)?;
        }
        for name in ["limit", "offset"] {
            if let Some(value) = asked.incoming.query(name) {
                query.take(name, value)?;
            }
        }
        Ok(query)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Reply> {
        let number = |text: &str| {
            let bad = || users::bad(&format!("{name} must be a whole number"));
            text.parse::<usize>().map_err(|_| bad())
        };
        match name {
            "limit" => {
                let (limit, offset) = value.split_once(';').unwrap_or((value, ""));
                self.limit = number(limit)?;
                // Fewer than asked for would look like the last page.
                if self.limit > LIMIT_MAX {
                    return Err(users::bad(&format!("limit must be at most {LIMIT_MAX}")));
                }
                if !offset.is_empty() {
                    self.offset = number(offset)?;
                }
                Ok(())
            }
            "offset" => {
                self.offset = number(value)?;
                Ok(())
            }
            _ => {
                self.filters.push(Filter::parse(name, value)?);
                Ok(())
            }
        }
    }

    /// Deleted users are hidden unless asked for.
    fn matches(&self, user: &User, account: &Snapshot) -> bool {
        let asks_deleted =
            self.filters.iter().any(|it| matches!(it.subject, Subject::Field("is_deleted", _)));
        (asks_deleted || !user.is_deleted())
            && self.filters.iter().all(|filter| filter.matches(user, account))
    }
}

impl Filter {
    fn parse(name: &str, value: &str) -> Result<Self, Reply> {
        let subject =
            Subject::parse(name).ok_or_else(|| users::bad(&format!("Unknown filter: {name}")))?;
        let (value, operator) = value.rsplit_once(';').unwrap_or((value, "="));
        let operator = match operator.trim().to_ascii_lowercase().as_str() {
            "=" | "" => Operator::Compared(Ordering::is_eq),
            "!=" | "<>" => Operator::NotEqual,
            ">" => Operator::Compared(Ordering::is_gt),
            "<" => Operator::Compared(Ordering::is_lt),
            ">=" => Operator::Compared(Ordering::is_ge),
            "<=" => Operator::Compared(Ordering::is_le),
            "like" => Operator::Like,
            _ => return Err(users::bad(&format!("Unknown operator: {operator}"))),
        };
        Ok(Self { subject, value: value.to_owned(), operator })
    }

    /// Of a list, one of its ids has to match; for "not equal", all.
    fn matches(&self, user: &User, account: &Snapshot) -> bool {
        let texts = self.subject.texts(user, account);
        match self.operator {
            Operator::Compared(holds) => texts.iter().any(|text| holds(self.compared(text))),
            Operator::NotEqual => texts.iter().all(|text| self.compared(text).is_ne()),
            Operator::Like => texts.iter().any(|text| self.is_like(text)),
        }
    }

    /// Numbers compare as numbers, everything else as text.
    fn compared(&self, own: &str) -> Ordering {
        match (own.parse::<i64>(), self.value.parse::<i64>()) {
            (Ok(own), Ok(wanted)) => own.cmp(&wanted),
            _ => own.cmp(self.value.as_str()),
        }
    }

    fn is_like(&self, own: &str) -> bool {
        let (own, wanted) = (own.to_lowercase(), self.value.to_lowercase());
        let inside = wanted.trim_matches('%');
        match (wanted.starts_with('%'), wanted.ends_with('%')) {
            (true, true) => own.contains(inside),
            (true, false) => own.ends_with(inside),
            (false, true) => own.starts_with(inside),
            (false, false) => own == wanted,
        }
    }
}

impl Subject {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "created_at" => Some(Self::CreatedAt),
            "updated_at" => Some(Self::UpdatedAt),
            name => {
                let field = FIELDS.iter().find(|field| field.keys.contains(&name))?;
                Some(Self::Field(field.keys.first()?, field.read?))
            }
        }
    }

    /// The texts a filter is held against.
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
