//! TeleCMI's user table, and the shift hours that do not fit a row.
//!
//! Parameters and answers have different keys for the same setting (`sms_alert` and `notify`,
//! `phone_number` and `phone`), so rows are written only or read only.

use domain::change::Change;
use domain::fault::Fault;
use domain::patch::UserPatch;
use domain::phone::PhoneNumber;
use domain::read;
use domain::setting::Setting;
use domain::shift::Shift;
use domain::snapshot::Snapshot;
use domain::user::User;
use serde_json::{Map, Value, json};

use super::version::Version;
use crate::dialect::field::{Field, Null, Read, Source, Write, Wrong};

/// The hours a user without a shift has, and one whose shift the vendor cannot express.
const ANY_TIME: (u8, u8) = (1, 24);

const fn row(
    keys: &'static [&'static str],
    kind: &'static str,
    source: Source,
    settings: &'static [Setting],
) -> Field {
    Field { keys, kind, source, settings, null: Null::Absent, read: None, write: None }
}

const fn takes(field: Field, write: Write) -> Field {
    Field { write: Some(write), ..field }
}

const fn reports(field: Field, read: Read) -> Field {
    Field { read: Some(read), ..field }
}

const APP_ID: Field = row(&["appid"], "number", Source::Seed, &[]);
const SECRET: Field = row(&["secret"], "string", Source::Seed, &[]);
const ID: Field = row(&["id", "agent_id"], "string", Source::Seed, &[]);

const NAME: Field = takes(
    reports(
        row(&["name"], "string", Source::Seed, &[Setting::FirstName, Setting::LastName]),
        |user, _| json!(user.name()),
    ),
    |value, patch, _| patch.set_name(&read::text(value)?),
);

const FIRST_NAME: Field = takes(
    reports(row(&["first_name"], "string", Source::Public, &[Setting::FirstName]), |user, _| {
        json!(user.identity.first_name.as_ref().map_or("", |name| name.as_str()))
    }),
    |value, patch, account| Setting::FirstName.write(patch, value, account.account.country),
);

const LAST_NAME: Field = takes(
    reports(row(&["last_name"], "string", Source::Public, &[Setting::LastName]), |user, _| {
        json!(user.identity.last_name.as_ref().map_or("", |name| name.as_str()))
    }),
    |value, patch, account| Setting::LastName.write(patch, value, account.account.country),
);

const EMAIL: Field = takes(
    row(&["email_id"], "string", Source::Public, &[Setting::Email]),
    |value, patch, account| Setting::Email.write(patch, value, account.account.country),
);

const PHONE_NUMBER: Field = takes(
    row(&["phone_number"], "string", Source::Seed, &[Setting::Phone]),
    |value, patch, account| Setting::Phone.write(patch, value, account.account.country),
);

const PHONE: Field = reports(row(&["phone"], "string", Source::Seed, &[]), |user, _| {
    json!(user.identity.phone.map(PhoneNumber::digits).unwrap_or_default())
});

/// chub-india writes telephone numbers as numbers.
const PHONE_AS_NUMBER: Field =
    reports(row(&["phone"], "number", Source::Public, &[]), |user, _| {
        json!(user.identity.phone.and_then(|phone| phone.digits().parse::<u64>().ok()))
    });

/// The vendor has one password for the web and the telephone. It is never shown again: the key
/// stays, so that typed clients can read the answer.
const PASSWORD: Field = takes(
    reports(
        row(&["password"], "string", Source::Seed, &[Setting::Password, Setting::SipPassword]),
        |_, _| json!(""),
    ),
    |value, patch, account| {
        Setting::Password.write(patch, value, account.account.country)?;
        Setting::SipPassword.write(patch, value, account.account.country)
    },
);

const START_TIME: Field = takes(
    reports(row(&["start_time"], "number", Source::Seed, &[Setting::Shift]), |user, _| {
        json!(hours(user).0)
    }),
    |value, patch, _| {
        let to = asked_hours(patch).unwrap_or(ANY_TIME).1;
        set_hours(patch, hour(value)?, to, "end_time")
    },
);

const END_TIME: Field = takes(
    reports(row(&["end_time"], "number", Source::Seed, &[Setting::Shift]), |user, _| {
        json!(hours(user).1)
    }),
    |value, patch, _| {
        let from = asked_hours(patch).unwrap_or(ANY_TIME).0;
        set_hours(patch, from, hour(value)?, "start_time")
    },
);

const SMS_ALERT: Field = takes(
    row(&["sms_alert"], "boolean", Source::Seed, &[Setting::MissedCallSms]),
    |value, patch, account| Setting::MissedCallSms.write(patch, value, account.account.country),
);

const NOTIFY: Field =
    reports(row(&["notify"], "boolean", Source::Seed, &[]), |user, _| json!(user.missed_call_sms));

const EXTENSION: Field = takes(
    reports(row(&["extension"], "number", Source::Public, &[Setting::Extension]), |user, _| {
        let digits = user.telephone.extension.map(|it| it.to_string());
        json!(digits.and_then(|digits| digits.parse::<u32>().ok()))
    }),
    |value, patch, account| Setting::Extension.write(patch, value, account.account.country),
);

/// Whether calls reach the user's telephone when no device of his is registered.
const FOLLOW_ME: Field = reports(row(&["followme"], "boolean", Source::Public, &[]), |user, _| {
    json!(user.identity.phone.is_some())
});

/// Every row, for the manual and for naming a refused setting.
pub(super) const ALL: &[Field] = &[
    APP_ID,
    SECRET,
    ID,
    NAME,
    PHONE_NUMBER,
    PASSWORD,
    START_TIME,
    END_TIME,
    SMS_ALERT,
    NOTIFY,
    PHONE,
    EXTENSION,
    FIRST_NAME,
    LAST_NAME,
    EMAIL,
    FOLLOW_ME,
];

const UPDATABLE: &[Field] = &[NAME, PHONE_NUMBER, PASSWORD, START_TIME, END_TIME, SMS_ALERT];
/// v3 takes v2's parameters as well, its own counting where both are there.
const UPDATABLE_V3: &[Field] =
    &[NAME, FIRST_NAME, LAST_NAME, EMAIL, PHONE_NUMBER, PASSWORD, START_TIME, END_TIME, SMS_ALERT];

const UPDATED: &[Field] = &[NAME, PASSWORD, NOTIFY, PHONE, START_TIME, END_TIME];
const UPDATED_INDIA: &[Field] = &[NAME, PASSWORD, NOTIFY, PHONE_AS_NUMBER, START_TIME, END_TIME];
const LISTED: &[Field] = &[NAME, EXTENSION, PASSWORD, NOTIFY, PHONE, START_TIME, END_TIME];
const LISTED_INDIA: &[Field] =
    &[NAME, EXTENSION, PASSWORD, NOTIFY, PHONE_AS_NUMBER, START_TIME, END_TIME];
const LISTED_V3: &[Field] =
    &[FIRST_NAME, LAST_NAME, EXTENSION, PASSWORD, NOTIFY, PHONE, START_TIME, END_TIME];
const GOT_V3: &[Field] =
    &[FIRST_NAME, LAST_NAME, EXTENSION, PASSWORD, PHONE, START_TIME, END_TIME, FOLLOW_ME];

/// Parameters of add and update.
pub(super) const fn parameters(version: Version) -> &'static [Field] {
    match version {
        Version::V2 | Version::India => UPDATABLE,
        Version::V3 => UPDATABLE_V3,
    }
}

/// What an update answers; v3 answers no user.
pub(super) const fn updated(version: Version) -> &'static [Field] {
    match version {
        Version::V2 | Version::V3 => UPDATED,
        Version::India => UPDATED_INDIA,
    }
}

/// What a list shows of each user, behind his id.
pub(super) const fn listed(version: Version) -> &'static [Field] {
    match version {
        Version::V2 => LISTED,
        Version::V3 => LISTED_V3,
        Version::India => LISTED_INDIA,
    }
}

/// What `get` shows, behind the id.
pub(super) const fn got(version: Version) -> &'static [Field] {
    match version {
        Version::V2 => LISTED,
        Version::V3 => GOT_V3,
        Version::India => LISTED_INDIA,
    }
}

/// What `add` shows, behind the id.
pub(super) const fn added(version: Version) -> &'static [Field] {
    match version {
        Version::V2 | Version::India => &[NAME, EXTENSION],
        Version::V3 => &[FIRST_NAME, LAST_NAME, EXTENSION],
    }
}

/// An extension of the length the version has.
pub(super) fn extension(
    request: &Map<String, Value>,
    version: Version,
    patch: &mut UserPatch,
    account: &Snapshot,
) -> Result<(), Wrong> {
    let wrong = |fault| Wrong { key: "extension".to_owned(), fault };
    let value = request.get("extension").ok_or(wrong(Fault::Empty))?;
    Setting::Extension.write(patch, value, account.account.country).map_err(wrong)?;
    let digits = patch.extension.value().map_or(0, |extension| extension.to_string().len());
    let allowed = &version.terms().extension_digits;
    if digits < *allowed.start() {
        return Err(wrong(Fault::TooShort { min: *allowed.start() }));
    }
    if digits > *allowed.end() {
        return Err(wrong(Fault::TooLong { max: *allowed.end() }));
    }
    Ok(())
}

/// A name sent as it is shown keeps the way it is parted into first and last name, which the vendor
/// cannot express.
pub(super) fn keep_finer_name(request: &Map<String, Value>, user: &User, patch: &mut UserPatch) {
    let sent = request.get("name").and_then(Value::as_str);
    let is_parted = request.contains_key("first_name") || request.contains_key("last_name");
    if !is_parted && sent.is_some_and(|name| name.trim() == user.name()) {
        (patch.first_name, patch.last_name) = (Change::Keep, Change::Keep);
    }
}

/// The hour a request gives alone is joined with the one the user has. Hours that are what the
/// vendor was shown are no change: they would replace a shift it cannot express.
pub(super) fn join_hours(
    request: &Map<String, Value>,
    user: &User,
    patch: &mut UserPatch,
) -> Result<(), Wrong> {
    let Some(asked) = asked_hours(patch) else { return Ok(()) };
    let has = hours(user);
    let (key, other, (from, to)) = match given(request) {
        Given::Start => ("start_time", "end_time", (asked.0, has.1)),
        Given::End => ("end_time", "start_time", (has.0, asked.1)),
        Given::Neither | Given::Both => ("end_time", "start_time", asked),
    };
    if (from, to) == has {
        patch.shift = Change::Keep;
        return Ok(());
    }
    set_hours(patch, from, to, other).map_err(|fault| Wrong { key: key.to_owned(), fault })
}

/// Which of the two hours a request gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    Neither,
    Start,
    End,
    Both,
}

pub(super) fn given(request: &Map<String, Value>) -> Given {
    match (request.contains_key("start_time"), request.contains_key("end_time")) {
        (false, false) => Given::Neither,
        (true, false) => Given::Start,
        (false, true) => Given::End,
        (true, true) => Given::Both,
    }
}

/// Start and end hour as the vendor shows them.
fn hours(user: &User) -> (u8, u8) {
    let daily = user.availability.shift.as_ref().and_then(|shift| shift.as_daily_hours());
    daily.filter(|(from, to)| *from >= ANY_TIME.0 && from < to).unwrap_or(ANY_TIME)
}

fn asked_hours(patch: &UserPatch) -> Option<(u8, u8)> {
    match &patch.shift {
        Change::Keep => None,
        Change::Clear => Some(ANY_TIME),
        Change::Set(shift) => shift.as_daily_hours(),
    }
}

fn set_hours(patch: &mut UserPatch, from: u8, to: u8, other: &'static str) -> Result<(), Fault> {
    if to <= from {
        return Err(Fault::Conflict { with: other });
    }
    // What a user without a shift is shown with means the same when it is sent.
    patch.shift = match (from, to) {
        ANY_TIME => Change::Clear,
        (from, to) => Change::Set(Shift::daily(from, to)?),
    };
    Ok(())
}

fn hour(value: &Value) -> Result<u8, Fault> {
    const OUT_OF_RANGE: Fault = Fault::OutOfRange { min: 1, max: 24 };
    let hour = read::whole(value, u64::from(u8::MAX)).map_err(|fault| match fault {
        Fault::OutOfRange { .. } => OUT_OF_RANGE,
        other => other,
    })?;
    let hour = u8::try_from(hour).map_err(|_| OUT_OF_RANGE)?;
    if (ANY_TIME.0..=ANY_TIME.1).contains(&hour) { Ok(hour) } else { Err(OUT_OF_RANGE) }
}
