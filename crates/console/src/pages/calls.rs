//! Finished calls of the account, narrowed by date, way, result, user, team, number and digits.

use askama::Template;
use directory::CallRecordQuery;
use domain::extension::Extension;
use domain::id::{TeamId, UserId};
use domain::permission::Permission;
use domain::phone::PhoneNumber;
use jiff::civil::Date;

use crate::answer::Answer;
use crate::call_rows::CallRows;
use crate::call_words::{DIRECTIONS, RESULTS};
use crate::fields::Choice;
use crate::form::query;
use crate::layout::Shell;
use crate::session::Signed;

#[derive(Template)]
#[template(path = "calls.html")]
struct CallsPage {
    shell: Shell,
    /// What is wrong with the filters.
    message: Option<String>,
    list: Option<CallRows>,
    from: String,
    to: String,
    user: String,
    number: String,
    caller_digits: String,
    called_digits: String,
    directions: Vec<Choice>,
    results: Vec<Choice>,
    teams: Vec<Choice>,
    /// The filters as a query, for the links to other pages of the list.
    filters: String,
}

const FILTERS: &[&str] =
    &["from", "to", "direction", "result", "user", "team", "number", "caller", "called"];

pub(crate) async fn show(signed: Signed) -> Answer {
    signed.require(Permission::CallsRead)?;
    let (message, list) = match wanted(&signed) {
        Ok(query) => (None, Some(CallRows::of(&signed, query).await?)),
        Err(message) => (Some(message), None),
    };
    let text = |name| signed.query.text(name).unwrap_or_default();
    let page = CallsPage {
        shell: Shell::of(&signed, "Calls"),
        message,
        list,
        from: text("from").to_owned(),
        to: text("to").to_owned(),
        user: text("user").to_owned(),
        number: text("number").to_owned(),
        caller_digits: text("caller").to_owned(),
        called_digits: text("called").to_owned(),
        directions: labelled(DIRECTIONS, text("direction")),
        results: labelled(RESULTS, text("result")),
        teams: teams(&signed, "team"),
        filters: query(FILTERS.iter().map(|name| (*name, text(name)))),
    };
    signed.page(&page)
}

fn labelled(options: &[(&str, &str)], wanted: &str) -> Vec<Choice> {
    options.iter().map(|(value, label)| Choice::new(*value, *label, *value == wanted)).collect()
}

/// The account's teams, with the one chosen that the query names.
pub(crate) fn teams(signed: &Signed, name: &str) -> Vec<Choice> {
    let wanted: Option<TeamId> = signed.query.parsed(name);
    let teams = signed.account.teams.values().filter(|it| !it.deleted);
    teams
        .map(|it| Choice::new(it.id.to_string(), it.name.to_string(), wanted == Some(it.id)))
        .collect()
}

/// The filters as the store takes them, or what is wrong with one.
fn wanted(signed: &Signed) -> Result<CallRecordQuery, String> {
    let known = |name: &str, words: &[(&'static str, &str)]| {
        let word = signed.query.text(name)?;
        words.iter().map(|(known, _)| *known).find(|known| *known == word)
    };
    let digits = |name: &str| -> Option<String> {
        let digits: String =
            signed.query.text(name)?.chars().filter(char::is_ascii_digit).collect();
        (!digits.is_empty()).then_some(digits)
    };
    Ok(CallRecordQuery {
        from: day(signed, "from", 0)?,
        to: day(signed, "to", 1)?,
        directions: known("direction", DIRECTIONS).into_iter().collect(),
        result: known("result", RESULTS).map(str::to_owned),
        users: user(signed)?.into_iter().collect(),
        team_id: signed.query.parsed::<TeamId>("team").map(|it| it.0),
        number_id: number(signed)?,
        caller_digits: digits("caller"),
        called_digits: digits("called"),
        ..CallRecordQuery::of(signed.account.account.id.0)
    })
}

/// When a day begins in the viewer's zone, so many days on; in microseconds.
fn day(signed: &Signed, name: &str, later: i64) -> Result<Option<i64>, String> {
    let Some(typed) = signed.query.text(name) else { return Ok(None) };
    let wrong = || format!("{typed} is no date: write it as 2026-11-23.");
    let date: Date = typed.parse().map_err(|_| wrong())?;
    let span = jiff::Span::new().try_days(later).map_err(|_| wrong())?;
    let date = date.checked_add(span).map_err(|_| wrong())?;
    let begins = date.to_zoned(signed.zone().rules().clone()).map_err(|_| wrong())?;
    Ok(Some(begins.timestamp().as_microsecond()))
}

/// By extension, login or id; nobody else's name is told by the answer than the viewer may see.
fn user(signed: &Signed) -> Result<Option<u32>, String> {
    let Some(typed) = signed.query.text("user") else { return Ok(None) };
    let account = &signed.account;
    let by_id = typed.parse().ok().and_then(|id: UserId| account.user(id));
    let by_extension = || account.user_by_extension(Extension::parse(typed).ok()?);
    let found = by_id.or_else(by_extension).or_else(|| account.user_by_login(typed));
    let unknown = || format!("Nobody has the extension or login {typed}.");
    found.map(|user| Some(user.serial.0)).ok_or_else(unknown)
}

fn number(signed: &Signed) -> Result<Option<uuid::Uuid>, String> {
    let Some(typed) = signed.query.text("number") else { return Ok(None) };
    let wanted = PhoneNumber::parse(typed, signed.account.account.country).ok();
    let found = signed.account.numbers.values().find(|it| Some(it.number) == wanted);
    let unknown = || format!("{typed} is no number of this account.");
    found.map(|it| Some(it.id.0)).ok_or_else(unknown)
}
