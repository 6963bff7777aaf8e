//! The PBX statistics' search of call records: a form of filters, all optional —
//! <https://docs.commpeak.com/reference/searchcdrs> (read 2026-11). Times are UTC. Keys that are no
//! filter are custom fields: they find the calls whose click brought the same value under that key.

use std::collections::BTreeSet;
use std::sync::Arc;

use directory::{CallRecordQuery, KeptRecord};
use domain::call::CallReference;
use domain::fault::Fault;
use domain::id::{Serial, TeamId};
use domain::phone::Country;
use domain::snapshot::Snapshot;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value};

use super::{Asked, body, calls, cdr_shown, envelope};
use crate::dialect::call_search::{CallSearch, Order, SortKey};
use crate::dialect::call_sides::{of_record, own_number};
use crate::dialect::field::Wrong;
use crate::dialect::{call_id, stamp};
use crate::reply::Reply;
use crate::request::pairs;

/// Records of a page where no number is asked for, and at most.
const PAGE_DEFAULT: u32 = 100;
const PAGE_MAX: u32 = 500;
/// Values one filter may list.
const VALUES_MAX: usize = 100;
/// Keys a search can be sorted by.
const SORTABLE: &[&str] = &[
    "id",
    "call_start",
    "call_end",
    "duration",
    "bill_duration",
    "type",
    "source",
    "destination",
    "caller_id",
    "country_name",
    "agent_name",
    "hangup_cause",
    "waiting_time",
    "queue_name",
];

/// Every filter of the page; other keys are custom fields.
const FILTERS: &[&str] = &[
    "agent",
    "bill_duration_from",
    "bridged_agent",
    "by_shift_hour",
    "call_type",
    "caller_id",
    "cdrs_per_page",
    "completed",
    "country",
    "destination",
    "did",
    "direction",
    "extension",
    "format",
    "from",
    "hangup_cause",
    "id",
    "page",
    "queue",
    "shift",
    "sort_by",
    "sort_direction",
    "source",
    "successful",
    "till",
    "transferred",
    "uniqueid",
];

pub(super) async fn search(asked: &Asked<'_>) -> Reply {
    match try_search(asked).await {
        Ok(reply) | Err(reply) => reply,
    }
}

async fn try_search(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let fields = body(asked.incoming)?;
    let directory = &asked.api.directory;
    let account = directory.account(&asked.caller).map_err(envelope::failed)?;
    let mut form = Form { fields, account: Arc::clone(&account), wrong: Vec::new() };
    let search = form.search(directory.clock().now());
    if !form.wrong.is_empty() {
        return Err(envelope::refused(&form.wrong));
    }
    let found = search.page(directory, &asked.caller).await.map_err(calls::failed)?;
    let rows = found.records.iter().map(|kept| cdr_shown::statistics(kept, &account).into());
    Ok(envelope::listed(asked, "cdrs", rows.collect()))
}

/// The form on its way in, with every bad value of it.
struct Form {
    fields: Map<String, Value>,
    account: Arc<Snapshot>,
    wrong: Vec<Wrong>,
}

impl Form {
    fn refuse(&mut self, key: &str, fault: Fault) {
        self.wrong.push(Wrong { key: key.to_owned(), fault });
    }

    /// A value that is not empty.
    fn text(&mut self, key: &str) -> Option<String> {
        let value = self.fields.get(key).filter(|value| !value.is_null())?;
        match domain::read::text(value) {
            Ok(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Err(fault) => {
                self.refuse(key, fault);
                None
            }
        }
    }

    /// A value, or several behind commas, each of which must read.
    fn list<T: Ord>(&mut self, key: &str, read: impl Fn(&str) -> Option<T>) -> Option<BTreeSet<T>> {
        let text = self.text(key)?;
        let values: Vec<_> = text.split(',').map(str::trim).collect();
        if values.len() > VALUES_MAX {
            self.refuse(key, Fault::TooMany { max: VALUES_MAX });
        }
        let list: Option<BTreeSet<T>> = values.into_iter().map(read).collect();
        if list.is_none() {
            self.refuse(key, Fault::Unknown);
        }
        list
    }

    fn whole(&mut self, key: &str) -> Option<u32> {
        let text = self.text(key)?;
        let number = text.parse().ok();
        if number.is_none() {
            self.refuse(key, Fault::Malformed { expected: "a whole number" });
        }
        number
    }

    fn flag(&mut self, key: &str) -> bool {
        let Some(text) = self.text(key) else { return false };
        domain::read::flag(&text.into()).unwrap_or_else(|fault| {
            self.refuse(key, fault);
            false
        })
    }

    fn digits(&mut self, key: &str) -> Option<String> {
        let text = self.text(key)?;
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if digits.is_empty() {
            self.refuse(key, Fault::Malformed { expected: "a number" });
            return None;
        }
        Some(digits)
    }

    fn time(&mut self, key: &str) -> Option<(Timestamp, Timestamp)> {
        let text = self.text(key)?;
        let read = stamp::read(&text, &TimeZone::UTC);
        if read.is_none() {
            self.refuse(key, Fault::Malformed { expected: stamp::EXPECTED });
        }
        read
    }

    fn search(&mut self, now: Timestamp) -> CallSearch {
        let mut query = CallRecordQuery::of(self.account.account.id.0);
        self.page(&mut query);
        // From yesterday at midnight until now, where nothing else is said.
        let from = self.time("from").map_or_else(|| yesterday(now), |(from, _)| from);
        let till = self.time("till").map_or_else(|| now, |(_, behind)| behind);
        query.from = Some(from.as_microsecond());
        query.to = Some(till.as_microsecond());
        query.called_digits = self.digits("destination");
        query.caller_digits = self.digits("source");
        query.answered = self.flag("successful").then_some(true);
        // Every record is of a completed call, and of none is it known that it was transferred.
        self.flag("completed");
        let transferred = self.flag("transferred");
        let mut search = CallSearch::of(query);
        if transferred {
            search.also(|_| false);
        }
        self.agents(&mut search);
        self.queues(&mut search);
        self.numbers(&mut search);
        self.words(&mut search);
        self.ids(&mut search);
        self.shift(&mut search);
        self.custom(&mut search);
        self.sort(&mut search);
        search
    }

    fn page(&mut self, query: &mut CallRecordQuery) {
        let format = self.text("format").unwrap_or_default();
        if !format.is_empty() && !format.eq_ignore_ascii_case("json") {
            self.refuse("format", Fault::Malformed { expected: "json" });
        }
        let page = self.whole("page").unwrap_or(1).max(1);
        query.limit = self.whole("cdrs_per_page").unwrap_or(PAGE_DEFAULT);
        if !(1..=PAGE_MAX).contains(&query.limit) {
            let fault = Fault::OutOfRange { min: 1, max: PAGE_MAX.into() };
            self.refuse("cdrs_per_page", fault);
        }
        query.offset = (page - 1).saturating_mul(query.limit);
    }

    /// The agents' ids are the users'; `extension` is the agent's.
    fn agents(&mut self, search: &mut CallSearch) {
        let account = Arc::clone(&self.account);
        let known = |text: &str| {
            let serial: Serial = text.parse().ok()?;
            account.user_by_serial(serial).map(|user| user.serial)
        };
        if let Some(agents) = self.list("agent", known) {
            search.query.users = agents.iter().map(|serial| serial.0).collect();
            search.also(move |kept| is_one_of(of_record(&kept.record).agent, &agents));
        }
        if let Some(agents) = self.list("bridged_agent", known) {
            search.also(move |kept| is_one_of(of_record(&kept.record).colleague, &agents));
        }
        if let Some(extensions) = self.list("extension", |text| Some(text.to_owned())) {
            search.also(move |kept| {
                let agent = cdr_shown::user(of_record(&kept.record).agent, &account);
                extensions.contains(&cdr_shown::extension(agent))
            });
        }
    }

    fn queues(&mut self, search: &mut CallSearch) {
        let account = Arc::clone(&self.account);
        let known = |text: &str| -> Option<TeamId> {
            let serial: Serial = text.parse().ok()?;
            let mut teams = account.teams.values().filter(|team| !team.deleted);
            teams.find(|team| team.serial == serial).map(|team| team.id)
        };
        if let Some(queues) = self.list("queue", known) {
            search.also(move |kept| kept.record.team.is_some_and(|it| queues.contains(&it)));
        }
    }

    fn numbers(&mut self, search: &mut CallSearch) {
        let account = Arc::clone(&self.account);
        if let Some(did) = self.digits("did") {
            search.also(move |kept| {
                let record = &kept.record;
                let on = own_number(record.number, record.shown.as_deref(), &account);
                on.is_some_and(|number| number.number.digits().ends_with(&did))
            });
        }
        if let Some(caller_id) = self.digits("caller_id") {
            search.also(move |kept| {
                let shown = cdr_shown::caller_id(&kept.record).chars();
                shown.filter(char::is_ascii_digit).collect::<String>().ends_with(&caller_id)
            });
        }
    }

    /// What is compared word by word, however it is written.
    fn words(&mut self, search: &mut CallSearch) {
        let account = Arc::clone(&self.account);
        if let Some(countries) = self.list("country", |text| Country::parse(text).ok()) {
            search.also(move |kept| {
                let country = cdr_shown::country(&kept.record, &account);
                country.is_some_and(|country| countries.contains(&country))
            });
        }
        let mut compare = |key: &str, word: fn(&KeptRecord) -> &'static str| {
            if let Some(wanted) = self.list(key, |text| Some(plain(text))) {
                search.also(move |kept| wanted.contains(&plain(word(kept))));
            }
        };
        compare("direction", |kept| cdr_shown::direction(kept.record.direction));
        compare("call_type", |kept| cdr_shown::kind(kept.record.direction));
        compare("hangup_cause", |kept| cdr_shown::hangup_cause(kept.record.result));
        if let Some(seconds) = self.whole("bill_duration_from") {
            search.also(move |kept| cdr_shown::billed(&kept.record) >= i64::from(seconds));
        }
    }

    /// `id` is one or a range, `5000-6000`.
    fn ids(&mut self, search: &mut CallSearch) {
        if let Some(text) = self.text("id") {
            let (first, last) = text.split_once('-').unwrap_or((&text, &text));
            match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
                (Ok(first), Ok(last)) => {
                    search.also(move |kept| (first..=last).contains(&kept.serial));
                }
                _ => self.refuse("id", Fault::Malformed { expected: "an id or a range of ids" }),
            }
        }
        if let Some(calls) = self.list("uniqueid", call_id::read) {
            search.also(move |kept| calls.contains(&kept.record.id));
        }
    }

    /// Calls that began inside a shift template's hours, in the account's zone; both keys mean it.
    fn shift(&mut self, search: &mut CallSearch) {
        for key in ["shift", "by_shift_hour"] {
            let Some(text) = self.text(key) else { continue };
            let mut templates = self.account.shift_templates.values();
            let found = templates.find(|it| !it.deleted && text.parse() == Ok(it.serial)).cloned();
            let zone = self.account.account.time_zone;
            match found {
                Some(it) => {
                    search.also(move |kept| it.shift.is_on_at(kept.record.started_at, zone));
                }
                None => self.refuse(key, Fault::Unknown),
            }
        }
    }

    /// Custom data is kept as the pairs it came in.
    fn custom(&mut self, search: &mut CallSearch) {
        let keys: Vec<String> = self.fields.keys().cloned().collect();
        for key in keys.into_iter().filter(|key| !FILTERS.contains(&key.as_str())) {
            let Some(wanted) = self.text(&key) else { continue };
            search.also(move |kept| {
                let custom = kept.record.reference.as_ref().map_or("", CallReference::as_str);
                pairs(custom.as_bytes())
                    .is_ok_and(|pairs| pairs.iter().any(|it| it.0 == key && it.1 == wanted))
            });
        }
    }

    /// Newest first is the store's own order; any other sorts what was found.
    fn sort(&mut self, search: &mut CallSearch) {
        let by = self.text("sort_by").unwrap_or_else(|| "call_start".to_owned());
        let Some(by) = SORTABLE.iter().copied().find(|key| *key == by) else {
            return self.refuse("sort_by", Fault::Unknown);
        };
        let direction = self.text("sort_direction").unwrap_or_else(|| "desc".to_owned());
        let descending = match direction.to_ascii_lowercase().as_str() {
            "desc" => true,
            "asc" => false,
            _ => {
                return self.refuse("sort_direction", Fault::Malformed { expected: "asc or desc" });
            }
        };
        if by == "call_start" && descending {
            return;
        }
        let account = Arc::clone(&self.account);
        let by = Box::new(move |kept: &KeptRecord| {
            let row = cdr_shown::statistics(kept, &account);
            let text = row.get(by).and_then(Value::as_str).unwrap_or_default();
            text.parse().map_or_else(|_| SortKey::Text(text.to_owned()), SortKey::Number)
        });
        search.order = Some(Order { by, descending });
    }
}

fn yesterday(now: Timestamp) -> Timestamp {
    let today = now.to_zoned(TimeZone::UTC).with().time(Time::midnight()).build();
    let yesterday = today.and_then(|it| it.checked_sub(1.day()));
    yesterday.map_or(now, |it| it.timestamp())
}

fn is_one_of(user: Option<Serial>, users: &BTreeSet<Serial>) -> bool {
    user.is_some_and(|user| users.contains(&user))
}

/// `NO_ANSWER` and `no answer` are one word.
fn plain(text: &str) -> String {
    text.replace(['_', '-'], " ").to_ascii_uppercase()
}
