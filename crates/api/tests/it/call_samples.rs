//! Finished calls put into the store, and a telephone side of which nothing rings. No assertion.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use directory::{Later, Lock, Switchboard};
use domain::call::{
    CallParty, CallRecord, Click, ClickRefused, Direction, LiveCall, LiveState, Registration,
    TrunkState,
};
use domain::id::{AccountId, CallId, Serial};
use domain::policy::UserFacts;
use domain::resource::Trunk;
use domain::user::User;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use crate::harness::Harness;

/// The moment the first sample call begins, 17:30 in India.
pub(crate) const NOON: &str = "2026-01-31T12:00:00Z";

/// The id of a sample call, of the version that carries its time.
pub(crate) fn call_id(number: u64) -> CallId {
    format!("019c13d8-f200-7000-8000-{number:012x}").parse().unwrap()
}

/// Keeps a call that began so many minutes after noon, lasted 90 seconds and was answered after 10,
/// with what `over` says instead.
pub(crate) async fn keep(it: &Harness, number: u64, minutes: i64, over: Value) {
    let row = sample(it, number, minutes, over);
    it.directory.store().append_call_records(vec![row]).await.unwrap();
}

/// Keeps so many calls between colleagues, one a minute.
pub(crate) async fn keep_many(it: &Harness, count: u32) {
    let rows: Vec<_> =
        (0..count).map(|number| sample(it, number.into(), number.into(), json!({}))).collect();
    for rows in rows.chunks(store::APPENDED_RECORDS_MAX) {
        it.directory.store().append_call_records(rows.to_vec()).await.unwrap();
    }
}

fn sample(it: &Harness, number: u64, minutes: i64, over: Value) -> store::NewCallRecord {
    let noon: Timestamp = NOON.parse().unwrap();
    let start = noon + minutes.minutes();
    let mut body = json!({
        "id": call_id(number), "account": it.founded.account.id, "started_at": start,
        "answered_at": start + 10.seconds(), "ended_at": start + 90.seconds(),
        "direction": "internal", "result": "answered", "status": 200,
        "caller": { "number": "101", "user": it.user(0).serial },
        "called": { "number": "102", "user": it.user(1).serial },
        "answered_by": it.user(1).serial, "users": [it.user(0).serial, it.user(1).serial],
        "ended_by": "caller", "legs": [], "decisions": [],
    });
    for (key, value) in over.as_object().unwrap() {
        body[key] = value.clone();
    }
    times_as_stored(&mut body);
    row(&serde_json::from_value(body).unwrap())
}

/// Times written as text for readers of the tests, as the store has them.
fn times_as_stored(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(times_as_stored),
        Value::Object(fields) => {
            for (name, field) in fields {
                let time = field.as_str().filter(|_| name == "at" || name.ends_with("_at"));
                match time.map(|text| text.parse::<Timestamp>().unwrap()) {
                    Some(time) => *field = json!(time.as_microsecond()),
                    None => times_as_stored(field),
                }
            }
        }
        _ => {}
    }
}

fn row(record: &CallRecord) -> store::NewCallRecord {
    store::NewCallRecord {
        id: record.id.0,
        account_id: record.account.0,
        started_at: record.started_at.as_microsecond(),
        answered_at: record.answered_at.map(Timestamp::as_microsecond),
        ended_at: record.ended_at.as_microsecond(),
        direction: record.direction.word().into(),
        result: record.result.word().into(),
        caller: record.caller.number.to_string(),
        called: record.called.number.to_string(),
        number_id: record.number.map(|number| number.0),
        team_id: record.team.map(|team| team.0),
        answered_user: record.answered_by.map(|user| user.0),
        users: record.users.iter().map(|user| user.0).collect(),
        body: serde_json::to_string(record).unwrap(),
    }
}

/// Calls going on, without telephones: it remembers what it was asked.
#[derive(Default)]
pub(crate) struct Board {
    calls: Mutex<Vec<LiveCall>>,
    clicks: Mutex<Vec<Click>>,
    refuses: Mutex<Option<ClickRefused>>,
    trunks: Mutex<TrunkState>,
}

impl Board {
    /// Plugged into the directory.
    pub(crate) fn of(it: &Harness) -> Arc<Self> {
        let board = Arc::new(Self::default());
        let shared: directory::SharedSwitchboard = Arc::clone(&board) as _;
        it.directory.connect(shared);
        board
    }

    pub(crate) fn refuse(&self, why: ClickRefused) {
        *self.refuses.lock().unwrap() = Some(why);
    }

    /// How every trunk is from now on.
    pub(crate) fn set_trunks(&self, state: TrunkState) {
        *self.trunks.lock().unwrap() = state;
    }

    pub(crate) fn calls(&self) -> Vec<LiveCall> {
        self.calls.lock().unwrap().clone()
    }

    /// Clicks as they were asked for, the latest last.
    pub(crate) fn clicks(&self) -> Vec<Click> {
        self.clicks.lock().unwrap().clone()
    }

    pub(crate) fn add(&self, call: LiveCall) {
        self.calls.lock().unwrap().push(call);
    }
}

/// Two users talking since noon.
pub(crate) fn talking(it: &Harness, number: u64) -> LiveCall {
    let start: Timestamp = NOON.parse().unwrap();
    let party = |user: &User, number: &str| CallParty {
        number: number.into(),
        name: user.name().into(),
        user: Some(user.serial),
    };
    LiveCall {
        id: call_id(number),
        account: it.founded.account.id,
        state: LiveState::Talking,
        direction: Direction::Internal,
        caller: party(&it.user(0), "101"),
        called: party(&it.user(1), "102"),
        shown: None,
        number: None,
        team: None,
        users: BTreeSet::from([it.user(0).serial, it.user(1).serial]),
        answered_by: Some(it.user(1).serial),
        reference: None,
        started_at: start,
        answered_at: Some(start + 10.seconds()),
    }
}

impl Switchboard for Board {
    fn live_calls(&self, account: AccountId) -> Later<Vec<LiveCall>> {
        let calls: Vec<_> = self.calls().into_iter().filter(|it| it.account == account).collect();
        Box::pin(async { calls })
    }

    fn hang_up(&self, account: AccountId, call: CallId) -> Later<bool> {
        let mut calls = self.calls.lock().unwrap();
        let before = calls.len();
        calls.retain(|it| (it.account, it.id) != (account, call));
        let ended = calls.len() < before;
        Box::pin(async move { ended })
    }

    fn click_to_call(
        &self,
        account: AccountId,
        user: Serial,
        click: Click,
    ) -> Later<Result<CallId, ClickRefused>> {
        if let Some(why) = *self.refuses.lock().unwrap() {
            return Box::pin(async move { Err(why) });
        }
        let id = call_id(0xc11c);
        self.clicks.lock().unwrap().push(click.clone());
        self.add(LiveCall {
            id,
            account,
            state: LiveState::Ringing,
            direction: Direction::ClickToCall,
            caller: CallParty { user: Some(user), ..CallParty::default() },
            called: CallParty { number: click.destination, ..CallParty::default() },
            shown: None,
            number: None,
            team: None,
            users: BTreeSet::from([user]),
            reference: click.reference,
            answered_by: None,
            started_at: NOON.parse().unwrap(),
            answered_at: None,
        });
        Box::pin(async move { Ok(id) })
    }

    fn trunk_state(&self, _trunk: &Trunk) -> TrunkState {
        *self.trunks.lock().unwrap()
    }

    fn registrations_of(&self, _user: Serial) -> Vec<Registration> {
        Vec::new()
    }

    fn registrations(
        &self,
        _account: AccountId,
        _after: Serial,
        _limit: usize,
    ) -> Vec<Registration> {
        Vec::new()
    }

    fn drop_registrations(&self, _user: Serial, _contact: Option<&str>) -> u32 {
        0
    }

    fn locks(&self, _: AccountId) -> Vec<Lock> {
        Vec::new()
    }

    fn facts(&self, _user: &User) -> UserFacts {
        UserFacts::default()
    }
}
