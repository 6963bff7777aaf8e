//! Lists and CommPeak's query language in the path: `/api/users/limit/50;0/is_active/1` —
//! <https://docs.commpeak.com/reference/common-api-useful-examples> (read 2026-11).

use std::cmp::Ordering;

use domain::permission::Permission;
use domain::rights;
use domain::snapshot::Snapshot;
use domain::user::User;
use serde_json::Value;

use super::fields::FIELDS;
use super::{Asked, envelope, users};
use crate::dialect::field::Field;
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
    field: &'static Field,
    value: String,
    holds: fn(Ordering) -> bool,
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
                self.limit = number(limit)?.min(LIMIT_MAX);
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
            self.filters.iter().any(|filter| filter.field.keys.contains(&"is_deleted"));
        (asks_deleted || !user.is_deleted())
            && self.filters.iter().all(|filter| filter.matches(user, account))
    }
}

impl Filter {
    fn parse(name: &str, value: &str) -> Result<Self, Reply> {
        let unknown = || users::bad(&format!("Unknown filter: {name}"));
        let field = FIELDS
            .iter()
            .find(|field| field.read.is_some() && field.keys.contains(&name))
            .ok_or_else(unknown)?;
        let (value, operator) = value.rsplit_once(';').unwrap_or((value, "="));
        let holds: fn(Ordering) -> bool = match operator {
            "=" | "" => Ordering::is_eq,
            "!=" | "<>" => Ordering::is_ne,
            ">" => Ordering::is_gt,
            "<" => Ordering::is_lt,
            ">=" => Ordering::is_ge,
            "<=" => Ordering::is_le,
            _ => return Err(users::bad(&format!("Unknown operator: {operator}"))),
        };
        Ok(Self { field, value: value.to_owned(), holds })
    }

    /// Numbers compare as numbers, everything else as text.
    fn matches(&self, user: &User, account: &Snapshot) -> bool {
        let Some(read) = self.field.read else { return false };
        let Value::String(own) = read(user, account) else { return false };
        let order = match (own.parse::<i64>(), self.value.parse::<i64>()) {
            (Ok(own), Ok(wanted)) => own.cmp(&wanted),
            _ => own.as_str().cmp(self.value.as_str()),
        };
        (self.holds)(order)
    }
}
