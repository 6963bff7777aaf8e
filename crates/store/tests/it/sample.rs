//! Rows to write in tests.
//! It deliberately makes no two alike: ids and serials follow from a number.

use store::{
    AccountRow, Commit, NewCallRecord, NewChange, NewIdempotency, Put, ResourceRow, UserRow,
};
use uuid::Uuid;

pub(crate) const NOON: i64 = 1_760_000_000_000_000;
pub(crate) const SECOND: i64 = 1_000_000;

pub(crate) fn id(number: u32) -> Uuid {
    Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0000 + u128::from(number))
}

pub(crate) fn account_id(number: u32) -> Uuid {
    id(1_000_000_000 + number)
}

pub(crate) fn change(at: i64) -> NewChange {
    NewChange {
        at,
        caller: r#"{"user":"asha"}"#.to_owned(),
        dialect: "native".into(),
        address: Some("192.0.2.7".to_owned()),
        diff: r#"{"title":{"before":null,"after":"Lead"}}"#.to_owned(),
    }
}

pub(crate) fn unit(put: Put, expected_version: Option<u32>) -> Commit {
    let change = change(NOON + i64::from(put.version()));
    Commit { expected_version, put, change, idempotency: None }
}

pub(crate) fn account(number: u32) -> Commit {
    let body = format!(r#"{{"name":"Account {number}"}}"#);
    let row = AccountRow { id: account_id(number), serial: number, version: 1, body };
    unit(Put::Account(row), None)
}

pub(crate) fn user_row(number: u32, account: u32) -> UserRow {
    UserRow {
        id: id(number),
        account_id: account_id(account),
        serial: number,
        version: 1,
        login: Some(format!("user{number}")),
        extension: Some(format!("{}", 100 + number)),
        email: Some(format!("user{number}@example.com")),
        deleted: false,
        body: format!(r#"{{"first_name":"User {number}"}}"#),
    }
}

pub(crate) fn user(number: u32, account: u32) -> Commit {
    unit(Put::User(user_row(number, account)), None)
}

/// The user's next version, with a body of its own.
pub(crate) fn next_of(row: &UserRow) -> UserRow {
    let version = row.version + 1;
    UserRow { version, body: format!(r#"{{"version":{version}}}"#), ..row.clone() }
}

pub(crate) fn update(row: UserRow) -> Commit {
    let expected = row.version - 1;
    unit(Put::User(row), Some(expected))
}

pub(crate) fn number(number: u32, account: u32) -> Commit {
    let row = ResourceRow {
        id: id(2_000_000_000 + number),
        account_id: account_id(account),
        kind: "number".into(),
        serial: number,
        version: 1,
        name: format!("+9180000000{number:02}"),
        deleted: false,
        body: "{}".to_owned(),
    };
    unit(Put::Resource(row), None)
}

pub(crate) fn idempotency(key: &str, at: i64) -> NewIdempotency {
    let response = r#"{"ok":true}"#.to_owned();
    NewIdempotency { key: key.to_owned(), request_hash: [7; 32], response, at }
}

/// A call of user 1 to user 2, an hour after the one before it.
pub(crate) fn call(number: u32, account: u32) -> NewCallRecord {
    let started_at = NOON + i64::from(number) * 3600 * SECOND;
    NewCallRecord {
        id: id(3_000_000_000 + number),
        account_id: account_id(account),
        started_at,
        answered_at: Some(started_at + 5 * SECOND),
        ended_at: started_at + 65 * SECOND,
        direction: "internal".into(),
        result: "answered".into(),
        caller: "101".to_owned(),
        called: "102".to_owned(),
        number_id: None,
        team_id: None,
        answered_user: Some(2),
        users: vec![1, 2],
        body: r#"{"legs":[]}"#.to_owned(),
    }
}
