//! The dialer's calls, going on and finished, filtered in the path:
//! `/api/cdrs/limit/50;0/start_at/2026-01-31%2010:00:00;>` —
//! <https://docs.commpeak.com/reference/core-api-concepts> (read 2026-11).

use directory::CallRecordQuery;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::cdr_shown::{self, Row};
use super::path_query::{Comparison, PathQuery};
use super::users::bad;
use super::{Asked, envelope};
use crate::dialect::call_search::{CallSearch, SearchFailed};
use crate::dialect::stamp;
use crate::reply::Reply;

/// Keys of a call going on, by which it can be filtered; a finished one has more.
const LIVE_KEYS: &[&str] = &[
    "call_id",
    "call_uuid",
    "start_at",
    "src",
    "dst",
    "direction",
    "call_duration",
    "status",
    "caller_user",
];
const FINISHED_KEYS: &[&str] = &["id", "end_at", "client_hangup_disposition"];

pub(super) async fn live(asked: &Asked<'_>, segments: &[String]) -> Reply {
    match try_live(asked, segments).await {
        Ok(reply) | Err(reply) => reply,
    }
}

async fn try_live(asked: &Asked<'_>, segments: &[String]) -> Result<Reply, Reply> {
    let query = PathQuery::parse(asked, segments)?;
    check(&query, |key| LIVE_KEYS.contains(&key))?;
    let directory = &asked.api.directory;
    let calls = directory.live_calls(&asked.caller).await.map_err(envelope::failed)?;
    let account = directory.account(&asked.caller).map_err(envelope::failed)?;
    let now = directory.clock().now();
    let rows = calls.iter().map(|call| cdr_shown::live(call, &account, now));
    let matching = rows.filter(|row| matches(&query.filters, row));
    let page = matching.skip(query.offset).take(query.limit).map(Value::from);
    Ok(envelope::listed(asked, "calls", page.collect()))
}

pub(super) async fn finished(asked: &Asked<'_>, segments: &[String]) -> Reply {
    match try_finished(asked, segments).await {
        Ok(reply) | Err(reply) => reply,
    }
}

async fn try_finished(asked: &Asked<'_>, segments: &[String]) -> Result<Reply, Reply> {
    let query = PathQuery::parse(asked, segments)?;
    check(&query, |key| LIVE_KEYS.contains(&key) || FINISHED_KEYS.contains(&key))?;
    let PathQuery { limit, offset, filters } = query;
    let directory = &asked.api.directory;
    let account = directory.account(&asked.caller).map_err(envelope::failed)?;
    let small = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
    let query = CallRecordQuery {
        limit: small(limit).max(1),
        offset: small(offset),
        ..CallRecordQuery::of(account.account.id.0)
    };
    let mut search = CallSearch::of(query);
    for (_, comparison) in filters.iter().filter(|(name, _)| name == "start_at") {
        narrow(&mut search.query, comparison);
    }
    if !filters.is_empty() {
        let account = std::sync::Arc::clone(&account);
        search.also(move |kept| matches(&filters, &cdr_shown::dialer(kept, &account)));
    }
    let found = search.page(directory, &asked.caller).await.map_err(failed)?;
    let rows = found.records.iter().take(limit);
    let rows = rows.map(|kept| cdr_shown::dialer(kept, &account).into());
    Ok(envelope::listed(asked, "cdrs", rows.collect()))
}

fn check(query: &PathQuery, known: impl Fn(&str) -> bool) -> Result<(), Reply> {
    let unknown = query.filters.iter().find(|(name, _)| !known(name));
    unknown.map_or(Ok(()), |(name, _)| Err(bad(&format!("Unknown filter: {name}"))))
}

fn matches(filters: &[(String, Comparison)], row: &Row) -> bool {
    filters.iter().all(|(name, comparison)| {
        let text = row.get(name).and_then(Value::as_str).unwrap_or_default();
        comparison.holds(&[text.to_owned()])
    })
}

/// Has the store look only where `start_at` can match.
fn narrow(query: &mut CallRecordQuery, comparison: &Comparison) {
    let Some((from, behind)) = stamp::read(&comparison.value, &TimeZone::UTC) else { return };
    let (not_before, not_behind) = comparison.bounds();
    if not_before {
        query.from = query.from.max(Some(from.as_microsecond()));
    }
    if not_behind {
        let to = Timestamp::as_microsecond(behind);
        query.to = Some(query.to.map_or(to, |it| it.min(to)));
    }
}

pub(super) fn failed(why: SearchFailed) -> Reply {
    match why {
        SearchFailed::TooMany => bad("Too many calls in this period; narrow it"),
        SearchFailed::Directory(error) => envelope::failed(error),
    }
}
