//! Call detail records and their filters —
//! <https://docs.smartflo.tatatelebusiness.com/reference/v1callrecords> (read 2026-11). Times are the
//! account's. Whose calls a user's own token sees is the directory's to say, from `user_for_cdr`.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use directory::{CallRecordQuery, Error};
use domain::call::Direction;
use domain::fault::Fault;
use domain::id::{CallId, NumberId, TeamId};
use domain::read::flag;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::blocked::own_number;
use super::{Asked, call_views, envelope, ids, serial};
use crate::dialect::call_search::{CallSearch, CallsFound, SearchFailed};
use crate::dialect::call_sides::{own_number as own_number_of, seconds};
use crate::dialect::field::Wrong;
use crate::dialect::{call_id, stamp};
use crate::reply::Reply;

/// Records of a page where no limit is asked for, and at most.
const LIMIT_DEFAULT: u32 = 20;
const LIMIT_MAX: u32 = 500;
/// Values one filter may list.
const VALUES_MAX: usize = 100;
/// Seconds a duration is compared with at most: a year.
const SECONDS_MAX: i64 = 366 * 86_400;
const MICROS: i64 = 1_000_000;

pub(super) async fn list(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let mut filters = Filters { asked, wrong: Vec::new() };
    let (page, limit) = filters.page();
    let search = filters.search(page, limit);
    let call = filters.call();
    if !filters.wrong.is_empty() {
        return Err(envelope::refused(&filters.wrong));
    }
    let found = match (search, call) {
        (None, _) => nothing(asked),
        (Some(search), None) => search.page(&asked.api.directory, &asked.caller).await,
        (Some(search), Some(call)) => only(asked, call, search).await,
    };
    let found = found.map_err(failed)?;
    let rows = found.records.iter().map(|kept| call_views::record(kept, &asked.account));
    let rows: Vec<Value> = rows.collect();
    Ok(Reply::ok(json!({
        "count": found.total, "limit": limit, "size": rows.len(), "page": page, "results": rows,
    })))
}

/// What no call can match is found by nobody, and by those who may not look least of all.
fn nothing(asked: &Asked<'_>) -> Result<CallsFound, SearchFailed> {
    let permission = domain::permission::Permission::CallsRead;
    match domain::rights::require(&asked.caller, permission) {
        Ok(()) => Ok(CallsFound::default()),
        Err(missing) => Err(SearchFailed::Directory(Error::Forbidden(missing))),
    }
}

/// One call, where the filters let it pass.
async fn only(
    asked: &Asked<'_>,
    call: CallId,
    mut search: CallSearch,
) -> Result<CallsFound, SearchFailed> {
    let directory = &asked.api.directory;
    let started_at = match directory.call_record(call, &asked.caller).await {
        Ok(kept) => kept.record.started_at.as_microsecond(),
        Err(Error::NotFound) => return Ok(CallsFound::default()),
        Err(error) => return Err(SearchFailed::Directory(error)),
    };
    let query = &mut search.query;
    query.from = query.from.max(Some(started_at));
    query.to = Some(query.to.map_or(started_at + 1, |to| to.min(started_at + 1)));
    search.also(move |kept| kept.record.id == call);
    search.page(directory, &asked.caller).await
}

fn failed(why: SearchFailed) -> Reply {
    match why {
        SearchFailed::TooMany => envelope::error(
            StatusCode::BAD_REQUEST,
            "Too many calls in this period; narrow from_date and to_date",
        ),
        SearchFailed::Directory(error) => envelope::failed(error, "Call"),
    }
}

/// The query on its way in, with every bad value of it.
struct Filters<'a, 'b> {
    asked: &'a Asked<'b>,
    wrong: Vec<Wrong>,
}

impl Filters<'_, '_> {
    fn refuse(&mut self, key: &str, fault: Fault) {
        self.wrong.push(Wrong { key: key.to_owned(), fault });
    }

    fn text(&self, key: &str) -> Option<String> {
        self.asked.incoming.query(key).map(|text| text.trim().to_owned())
    }

    /// `key`, `key[]` and `key[0]`, once or more, each one value or several behind commas.
    fn texts(&mut self, key: &str) -> Vec<String> {
        let is_key = |name: &str| name.split('[').next() == Some(key);
        let named = self.asked.incoming.query.iter().filter(|(name, _)| is_key(name));
        let values = named.flat_map(|(_, value)| value.split(',')).map(str::trim);
        let values: Vec<String> =
            values.filter(|it| !it.is_empty()).map(str::to_owned).take(VALUES_MAX + 1).collect();
        if values.len() > VALUES_MAX {
            self.refuse(key, Fault::TooMany { max: VALUES_MAX });
        }
        values
    }

    fn whole(&mut self, key: &str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let text = self.text(key)?;
        let number = text.parse().ok().filter(|number| range.contains(number));
        if number.is_none() {
            self.refuse(key, Fault::Malformed { expected: "a whole number" });
        }
        number
    }

    /// The page counts from 1. A larger page than there is is answered with the largest.
    fn page(&mut self) -> (u32, u32) {
        let page = self.whole("page", 1..=i64::from(u32::MAX / LIMIT_MAX)).unwrap_or(1);
        let limit = self.whole("limit", 1..=i64::MAX).unwrap_or(LIMIT_DEFAULT.into());
        let small = |it: i64| u32::try_from(it).unwrap_or(u32::MAX);
        (small(page), small(limit).min(LIMIT_MAX))
    }

    /// The search, or none where no call can match.
    fn search(&mut self, page: u32, limit: u32) -> Option<CallSearch> {
        let account = &self.asked.account;
        let mut query = CallRecordQuery::of(account.account.id.0);
        query.offset = (page - 1) * limit;
        query.limit = limit;
        query.want_total = true;
        query.from = self.time("from_date").map(|(from, _)| from.as_microsecond());
        query.to = self.time("to_date").map(|(_, behind)| behind.as_microsecond());
        query.directions = self.direction().map(Direction::word).into_iter().collect();
        query.answered = self.word("call_type", &[("c", true), ("m", false)]);
        query.caller_digits = self.digits("callerid");
        query.called_digits = self.digits("destination");
        query.users = self.agents();
        let mut search = CallSearch::of(query);
        self.duration(&mut search);
        self.departments(&mut search);
        self.numbers(&mut search);
        self.service(&mut search);
        // There is no IVR here and no broadcast, so their calls are none.
        let of_ivr = !self.texts("ivr").is_empty();
        (!self.broadcast() && !of_ivr).then_some(search)
    }

    fn broadcast(&mut self) -> bool {
        let Some(text) = self.text("broadcast") else { return false };
        flag(&text.into()).unwrap_or_else(|fault| {
            self.refuse("broadcast", fault);
            false
        })
    }

    fn time(&mut self, key: &str) -> Option<(Timestamp, Timestamp)> {
        let text = self.text(key)?;
        let read = stamp::read(&text, self.asked.account.account.time_zone.rules());
        if read.is_none() {
            self.refuse(key, Fault::Malformed { expected: stamp::EXPECTED });
        }
        read
    }

    fn word<T: Copy>(&mut self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text));
        if found.is_none() {
            self.refuse(key, Fault::Unknown);
        }
        found.map(|(_, value)| *value)
    }

    /// The schema calls it `call_direction`, the table `direction`.
    fn direction(&mut self) -> Option<Direction> {
        let all =
            [Direction::Inbound, Direction::Outbound, Direction::Internal, Direction::ClickToCall];
        let words = all.map(|it| (call_views::direction(it), it));
        let named = self.word("direction", &words);
        named.or_else(|| self.word("call_direction", &words))
    }

    fn digits(&mut self, key: &str) -> Option<String> {
        let text = self.text(key)?;
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if digits.is_empty() {
            self.refuse(key, Fault::Malformed { expected: "a telephone number" });
        }
        Some(digits)
    }

    /// `agent|0500000010001`; the id alone is taken too.
    fn agents(&mut self) -> Vec<u32> {
        let texts = self.texts("agents");
        let account = &self.asked.account;
        let found: Option<Vec<u32>> = texts
            .iter()
            .map(|text| ids::agent(id_of(text), account).map(|user| user.serial.0))
            .collect();
        if found.is_none() {
            self.refuse("agents", Fault::Unknown);
        }
        found.unwrap_or_default()
    }

    /// `department|3`, its id or its name.
    fn departments(&mut self, search: &mut CallSearch) {
        let texts = self.texts("department");
        let teams = &self.asked.account.teams;
        let found: Option<BTreeSet<TeamId>> = texts
            .iter()
            .map(|text| {
                let id = id_of(text);
                let is_meant = |name: &str| name.eq_ignore_ascii_case(id);
                let mut teams = teams.values().filter(|it| !it.deleted);
                let team =
                    teams.find(|it| Some(it.serial) == serial(id) || is_meant(it.name.as_str()));
                team.map(|team| team.id)
            })
            .collect();
        match found {
            None => self.refuse("department", Fault::Unknown),
            Some(teams) if teams.len() == 1 => search.query.team_id = teams.first().map(|id| id.0),
            Some(teams) if teams.is_empty() => {}
            Some(teams) => {
                search.also(move |kept| kept.record.team.is_some_and(|team| teams.contains(&team)));
            }
        }
    }

    /// Calls that came in by one of the account's numbers or showed it. The table says
    /// `did_number`, the schema `did_numbers`.
    fn numbers(&mut self, search: &mut CallSearch) {
        let account = &self.asked.account;
        let mut texts = self.texts("did_number");
        texts.extend(self.texts("did_numbers"));
        let found: Option<BTreeSet<NumberId>> =
            texts.iter().map(|text| own_number(id_of(text), account)).collect();
        match found {
            None => self.refuse("did_number", Fault::Unknown),
            Some(numbers) if numbers.is_empty() => {}
            Some(numbers) => {
                let account = std::sync::Arc::clone(account);
                search.also(move |kept| {
                    let record = &kept.record;
                    let on = own_number_of(record.number, record.shown.as_deref(), &account);
                    on.is_some_and(|number| numbers.contains(&number.id))
                });
            }
        }
    }

    /// What a record's `service` says.
    fn service(&mut self, search: &mut CallSearch) {
        let texts = self.texts("services");
        if texts.is_empty() {
            return;
        }
        let has = |word: &str| texts.iter().any(|text| text.eq_ignore_ascii_case(word));
        let (agent, department) = (has("agent"), has("department"));
        search.also(move |kept| if kept.record.team.is_some() { department } else { agent });
    }

    /// Whole seconds from start to end against `duration`.
    fn duration(&mut self, search: &mut CallSearch) {
        let Some(wanted) = self.whole("duration", 0..=SECONDS_MAX) else { return };
        let operator = self.text("operator").unwrap_or_else(|| "=".to_owned());
        let query = &mut search.query;
        let (from, behind) = (wanted * MICROS, (wanted + 1) * MICROS);
        match operator.as_str() {
            ">" => query.duration_min = Some(behind),
            ">=" => query.duration_min = Some(from),
            "<" => query.duration_max = Some(from - 1),
            "<=" => query.duration_max = Some(behind - 1),
            "=" | "==" => (query.duration_min, query.duration_max) = (Some(from), Some(behind - 1)),
            "!=" => search
                .also(move |kept| seconds(kept.record.started_at, kept.record.ended_at) != wanted),
            _ => self.refuse("operator", Fault::Malformed { expected: "one of > < >= <= !=" }),
        }
    }

    fn call(&mut self) -> Option<CallId> {
        let call = call_id::read(&self.text("call_id")?);
        if call.is_none() {
            self.refuse("call_id", Fault::Unknown);
        }
        call
    }
}

/// What stands behind `agent|` or `department|`.
fn id_of(text: &str) -> &str {
    text.rsplit_once('|').map_or(text, |(_, id)| id)
}
