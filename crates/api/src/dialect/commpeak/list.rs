//! Lists of users, filtered in the path: `/api/users/limit/50;0/is_active/1` —
//! <https://docs.commpeak.com/reference/common-api-useful-examples> (read 2026-11).

use domain::permission::Permission;
use domain::rights;
use domain::snapshot::Snapshot;
use domain::user::User;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::fields::FIELDS;
use super::path_query::{Comparison, PathQuery};
use super::{Asked, envelope, users};
use crate::dialect::field::Read;
use crate::dialect::stamp;
use crate::reply::Reply;

/// A field and what it is held against.
struct Filter {
    subject: Subject,
    comparison: Comparison,
}

/// What a filter is about.
#[derive(Clone, Copy)]
enum Subject {
    Field(&'static str, Read),
    CreatedAt,
    UpdatedAt,
}

pub(super) fn list(asked: &Asked<'_>, segments: &[String]) -> Reply {
    if let Err(missing) = rights::require(&asked.caller, Permission::UsersRead) {
        return envelope::failed(directory::Error::Forbidden(missing));
    }
    let parsed = PathQuery::parse(asked, segments)
        .and_then(|query| Ok((query.offset, query.limit, Filter::all(query.filters)?)));
    let (offset, limit, filters) = match parsed {
        Ok(parsed) => parsed,
        Err(reply) => return reply,
    };
    let account = match asked.api.directory.account(&asked.caller) {
        Ok(account) => account,
        Err(error) => return envelope::failed(error),
    };
    let matching = account.users().filter(|user| matches(&filters, user, &account));
    let page = matching.skip(offset).take(limit);
    let rows = page.map(|user| users::shown(user, &account)).collect();
    envelope::listed(asked, "users", rows)
}

/// Deleted users are hidden unless asked for.
fn matches(filters: &[Filter], user: &User, account: &Snapshot) -> bool {
    let asks_deleted =
        filters.iter().any(|it| matches!(it.subject, Subject::Field("is_deleted", _)));
    (asks_deleted || !user.is_deleted())
        && filters.iter().all(|filter| filter.matches(user, account))
}

impl Filter {
    fn all(filters: Vec<(String, Comparison)>) -> Result<Vec<Self>, Reply> {
        let filter = |(name, comparison): (String, _)| {
            let unknown = || users::bad(&format!("Unknown filter: {name}"));
            Ok(Self { subject: Subject::parse(&name).ok_or_else(unknown)?, comparison })
        };
        filters.into_iter().map(filter).collect()
    }

    fn matches(&self, user: &User, account: &Snapshot) -> bool {
        self.comparison.holds(&self.subject.texts(user, account))
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
            Self::CreatedAt => vec![stamp::written(user.created_at, &TimeZone::UTC)],
            Self::UpdatedAt => vec![stamp::written(user.updated_at, &TimeZone::UTC)],
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
