//! CallerDesk's call report, newest first. There are no recordings, voice mails, prompts and coins
//! here, so what shows them is empty or 0.
//!
//! The page is `call_list_v2`; dates are days of the account's zone. Clients write the words of
//! `callresult` and `Flow_type` in several ways, `all` among them.

use directory::{CallRecordQuery, KeptRecord};
use domain::call::{CallResult, Direction};
use domain::permission::Permission;
use domain::phone::PhoneNumber;
use domain::rights;
use domain::snapshot::Snapshot;
use serde_json::{Value, json};

use super::calls::{
    deskphone, flow_type, group_name, member_name, member_number, members_on, party_number,
};
use super::envelope::{Failure, success};
use super::request::{Asked, PER_PAGE_MAX};
use super::trail::{midnight, shown_time};
use crate::dialect::call_search::{CallSearch, CallsFound, SearchFailed};
use crate::dialect::call_sides::{CallSides, of_record, own_number, seconds};
use crate::state::Api;

/// By how many last digits numbers are found.
const DIGITS_COMPARED: usize = 10;

/// What `callresult` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    All,
    Answered,
    NoAnswer,
    /// None is ever left here.
    VoiceMail,
}

pub(super) async fn list(asked: &Asked<'_>, api: &Api) -> Result<Value, Failure> {
    rights::require(&asked.caller, Permission::CallsRead).map_err(directory::Error::Forbidden)?;
    let page = asked.parameters.page(PER_PAGE_MAX)?;
    let wanted = wanted(asked)?;
    let answered = count(asked, true, api).await?;
    let unanswered = count(asked, false, api).await?;
    let (total, only) = match wanted {
        Wanted::All => (answered + unanswered, None),
        Wanted::Answered => (answered, Some(true)),
        Wanted::NoAnswer => (unanswered, Some(false)),
        Wanted::VoiceMail => (0, None),
    };
    let mut records = Vec::new();
    if total > 0
        && let Some(mut search) = search(asked, only)?
    {
        let small = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        search.query.offset = small(page.skipped);
        search.query.limit = small(page.taken);
        records = found(search, asked, api).await?.records;
    }
    let rows: Vec<Value> = records.iter().map(|kept| shown(kept, &asked.account)).collect();
    Ok(success(
        None,
        [
            ("result", rows.into()),
            ("current_page", json!(page.skipped / page.taken.max(1) + 1)),
            ("total", json!(total)),
            ("answered_total", json!(answered.to_string())),
            ("noanswer_total", json!(unanswered.to_string())),
            ("voicemail", json!(0)),
        ],
    ))
}

fn wanted(asked: &Asked<'_>) -> Result<Wanted, Failure> {
    let text = asked.parameters.text("callresult").unwrap_or_default().to_ascii_lowercase();
    match text.replace([' ', '_', '-'], "").as_str() {
        "" | "all" => Ok(Wanted::All),
        "answered" | "answer" => Ok(Wanted::Answered),
        "noanswer" => Ok(Wanted::NoAnswer),
        "voicemail" => Ok(Wanted::VoiceMail),
        _ => Err(Failure::BadValue),
    }
}

/// How many calls were answered, or not, that all filters but `callresult` let through.
async fn count(asked: &Asked<'_>, answered: bool, api: &Api) -> Result<u64, Failure> {
    let Some(mut search) = search(asked, Some(answered))? else { return Ok(0) };
    search.query.limit = 1;
    search.query.want_total = true;
    Ok(found(search, asked, api).await?.total)
}

async fn found(search: CallSearch, asked: &Asked<'_>, api: &Api) -> Result<CallsFound, Failure> {
    let found = search.page(&api.directory, &asked.caller).await;
    found.map_err(|why| match why {
        SearchFailed::TooMany => Failure::TooManyCalls,
        SearchFailed::Directory(error) => error.into(),
    })
}

/// The search for what the filters let through; none where that cannot be any call.
fn search(asked: &Asked<'_>, answered: Option<bool>) -> Result<Option<CallSearch>, Failure> {
    let (parameters, account) = (&asked.parameters, &asked.account);
    let mut search = CallSearch::of(CallRecordQuery {
        from: midnight(asked, "start_date", 0)?,
        to: midnight(asked, "end_date", 1)?,
        answered,
        ..CallRecordQuery::of(account.account.id.0)
    });
    let flow = parameters.text("Flow_type").unwrap_or_default().to_ascii_uppercase();
    match flow.as_str() {
        "" | "ALL" => {}
        "IVR" => search.query.directions = vec![Direction::Inbound.word()],
        "WEBOBD" => search.also(|kept| flow_type(kept.record.direction) == "WEBOBD"),
        _ => return Err(Failure::BadValue),
    }
    if let Some(number) = parameters.text("member_num") {
        let members = members_on(&number, account);
        if members.is_empty() {
            return Ok(None);
        }
        search.query.users = members.iter().map(|user| user.serial.0).collect();
    }
    if let Some(text) = parameters.text("deskphone") {
        let number = PhoneNumber::parse(&text, account.account.country).ok();
        let Some(number) = number.and_then(|it| account.number_dialled(it)).map(|it| it.id) else {
            return Ok(None);
        };
        let account = std::sync::Arc::clone(account);
        search.also(move |KeptRecord { record, .. }| {
            let own = own_number(record.number, record.shown.as_deref(), &account);
            own.is_some_and(|own| own.id == number)
        });
    }
    if let Some(text) = parameters.text("caller_num") {
        let wanted = last_digits(&text);
        if wanted.is_empty() {
            return Err(Failure::BadValue);
        }
        search.also(move |kept| {
            last_digits(&of_record(&kept.record).customer.number).ends_with(&wanted)
        });
    }
    Ok(Some(search))
}

/// The last ten digits without the trunk prefix in front of them.
fn last_digits(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let skipped = digits.len().saturating_sub(DIGITS_COMPARED);
    digits.get(skipped..).unwrap_or_default().trim_start_matches('0').to_owned()
}

fn shown(kept: &KeptRecord, account: &Snapshot) -> Value {
    let record = &kept.record;
    let CallSides { agent, customer, .. } = of_record(record);
    let zone = account.account.time_zone;
    let talked = record.answered_at.map_or(0, |at| seconds(at, record.ended_at));
    let rang = seconds(record.started_at, record.answered_at.unwrap_or(record.ended_at));
    let (result, status) = match record.result {
        CallResult::Answered => ("Answered", "Answered"),
        CallResult::Missed => ("No Answer", "No Answer"),
        CallResult::Busy => ("No Answer", "Busy"),
        CallResult::Refused => ("No Answer", "Rejected"),
        CallResult::Failed => ("No Answer", "Failed"),
    };
    let number = PhoneNumber::parse(&customer.number, account.account.country).ok();
    let blocked = number.is_some_and(|number| account.blocks_of(number).next().is_some());
    json!({
        "id": kept.serial.to_string(),
        "sid_id": record.id.to_string(),
        "file": "",
        "deskphone": deskphone(own_number(record.number, record.shown.as_deref(), account)),
        "caller_name": customer.name,
        "is_contact": 0,
        "member_name": member_name(agent, account),
        "caller_num": party_number(customer, account),
        "coin_deducted": "0",
        "member_num": member_number(agent, account),
        "call_date": shown_time(record.started_at, zone),
        "startdatetime": shown_time(record.started_at, zone),
        "enddatetime": shown_time(record.ended_at, zone),
        "total_duration": seconds(record.started_at, record.ended_at).to_string(),
        "talk_duration": talked.to_string(),
        "ringing_duration": rang.to_string(),
        "circle": "",
        "key_pressed": "",
        "block": if blocked { "1" } else { "0" },
        "callresult": result,
        "callstatus": status,
        "group_name": group_name(record.team, account),
        "Flow_type": flow_type(record.direction),
    })
}
