//! The rules every dialect keeps, each tried over all five.

use std::future::Future;
use std::pin::Pin;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use directory::{ChangeFilter, Founded, Options};
use domain::caller::Caller;
use domain::change::Change;
use domain::patch::UserPatch;
use domain::setting::Setting;
use domain::user::{CallScope, User};
use serde_json::{Map, Value, json};

use crate::harness::{Answer, Harness, create_user, found, harness};

type Sent<'a> = Pin<Box<dyn Future<Output = Answer> + 'a>>;

/// One dialect as these tests drive it.
struct Spoken {
    mount: &'static str,
    /// Updates the user of an extension, by the credentials of an account, with these fields.
    update: for<'a> fn(&'a Harness, &'a Founded, &'a User, Value) -> Sent<'a>,
    /// A path that takes an update, for faults below the dialect.
    path: &'static str,
    /// Fields for a new name, a flag in two spellings with its setting, and two bad values.
    name: fn(&str) -> Value,
    flags: fn() -> [Value; 2],
    flag: Setting,
    bad: fn() -> Value,
    succeeded: fn(&Answer) -> bool,
}

const ALL: &[Spoken] = &[
    Spoken {
        mount: "callerdesk",
        update: callerdesk,
        path: "/callerdesk/api/updatemember_v2",
        name: |name| json!({ "member_name": name }),
        flags: || [json!({ "status": 0 }), json!({ "status": "0" })],
        flag: Setting::Active,
        bad: || json!({ "access": 9, "member_email": "none" }),
        succeeded: |answer| answer.json()["type"] == "success",
    },
    Spoken {
        mount: "telecmi",
        update: telecmi,
        path: "/telecmi/v2/user/update",
        name: |name| json!({ "name": name }),
        flags: || [json!({ "sms_alert": true }), json!({ "sms_alert": "1" })],
        flag: Setting::MissedCallSms,
        bad: || json!({ "start_time": 99, "password": "x" }),
        succeeded: |answer| answer.json()["status"] == "success",
    },
    Spoken {
        mount: "acefone",
        update: acefone,
        path: "/acefone/v1/user/2",
        name: |name| json!({ "name": name }),
        flags: || [json!({ "block_agent": true }), json!({ "block_agent": "1" })],
        flag: Setting::CallsBlocked,
        bad: || json!({ "user_role": "99", "email": "none" }),
        succeeded: |answer| answer.json()["success"] == true,
    },
    Spoken {
        mount: "smartflo",
        update: smartflo,
        path: "/smartflo/v1/user/2",
        name: |name| json!({ "name": name }),
        flags: || [json!({ "disable_agent": true }), json!({ "disable_agent": 1 })],
        flag: Setting::AgentDisabled,
        bad: || json!({ "caller_id": ["99"], "number": "none" }),
        succeeded: |answer| answer.json()["success"] == true,
    },
    Spoken {
        mount: "commpeak",
        update: commpeak,
        path: "/commpeak/integrations/adapters/hook/users/2",
        name: |name| {
            let (first, last) = name.rsplit_once(' ').unwrap();
            json!({ "first_name": first, "last_name": last })
        },
        flags: || [json!({ "use_webrtc": 1 }), json!({ "use_webrtc": "1" })],
        flag: Setting::Webrtc,
        bad: || json!({ "timezone_id": 60_000, "twofa_type": "sms" }),
        succeeded: |answer| answer.status == 200,
    },
];

fn with(fields: Value, more: Value) -> Value {
    let mut all = fields.as_object().cloned().unwrap_or_default();
    all.extend(more.as_object().cloned().unwrap_or_default());
    Value::Object(all)
}

fn callerdesk<'a>(it: &'a Harness, of: &'a Founded, user: &'a User, fields: Value) -> Sent<'a> {
    let body = with(json!({ "member_id": user.serial }), fields);
    let path = "/callerdesk/api/updatemember_v2";
    Box::pin(async move {
        it.send_json("POST", path, &[("authcode", of.callerdesk.expose())], body).await
    })
}

/// TeleCMI's update asks for name, number and password each time.
fn telecmi<'a>(it: &'a Harness, of: &'a Founded, user: &'a User, fields: Value) -> Sent<'a> {
    let (app_id, secret) = &of.telecmi;
    let extension = user.telephone.extension.map(|it| it.to_string()).unwrap_or_default();
    let whole = json!({
        "appid": app_id,
        "secret": secret.expose(),
        "id": format!("{extension}_{app_id}"),
        "name": user.name(),
        "phone_number": user.identity.phone.map(domain::phone::PhoneNumber::digits),
        "password": "Initial-pw-1",
    });
    let body = with(whole, fields);
    Box::pin(async move { it.send_json("POST", "/telecmi/v2/user/update", &[], body).await })
}

fn acefone<'a>(it: &'a Harness, of: &'a Founded, user: &'a User, fields: Value) -> Sent<'a> {
    platform(it, "acefone", of.acefone.expose(), user, fields)
}

fn smartflo<'a>(it: &'a Harness, of: &'a Founded, user: &'a User, fields: Value) -> Sent<'a> {
    platform(it, "smartflo", of.smartflo.expose(), user, fields)
}

fn platform<'a>(
    it: &'a Harness,
    mount: &'static str,
    token: &'a str,
    user: &'a User,
    fields: Value,
) -> Sent<'a> {
    let path = format!("/{mount}/v1/user/{}", user.serial);
    Box::pin(async move { it.send_json("PATCH", &path, &[("authorization", token)], fields).await })
}

fn commpeak<'a>(it: &'a Harness, of: &'a Founded, user: &'a User, fields: Value) -> Sent<'a> {
    let (name, password) = &of.commpeak;
    let basic = format!("Basic {}", STANDARD.encode(format!("{name}:{}", password.expose())));
    let path = format!("/commpeak/integrations/adapters/hook/users/{}", user.serial);
    Box::pin(async move { it.send_json("PUT", &path, &[("authorization", &basic)], fields).await })
}

/// Drives every dialect with a directory of its own.
async fn over_all(rule: impl AsyncFn(&Spoken, &Harness)) {
    for spoken in ALL {
        rule(spoken, &harness().await).await;
    }
}

async fn update(spoken: &Spoken, it: &Harness, fields: Value) -> Answer {
    (spoken.update)(it, &it.founded, &it.user(0), fields).await
}

#[tokio::test]
async fn liberal_in_flags_are_taken_in_every_spelling() {
    over_all(async |spoken, it| {
        let original = it.user(0);
        for spelling in (spoken.flags)() {
            let answer = update(spoken, it, spelling).await;
            assert!((spoken.succeeded)(&answer), "{}: {}", spoken.mount, answer.text);
            assert_eq!(Harness::changed(&original, &it.user(0)), [spoken.flag], "{}", spoken.mount);
            it.directory
                .restore_user(it.users[0], 1, &it.operator, Options::default())
                .await
                .unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn absent_is_unchanged_and_unknown_is_ignored() {
    over_all(async |spoken, it| {
        let before = it.user(0);
        let answer = update(spoken, it, json!({ "no_such_field": "x", "zzz": { "a": [1] } })).await;
        assert!((spoken.succeeded)(&answer), "{}: {}", spoken.mount, answer.text);
        assert_eq!(before, it.user(0), "{}", spoken.mount);
    })
    .await;
}

#[tokio::test]
async fn all_or_nothing_and_every_bad_field_is_named() {
    over_all(async |spoken, it| {
        let before = it.user(0);
        let bad = (spoken.bad)();
        let answer = update(spoken, it, with((spoken.name)("Half Done"), bad.clone())).await;
        assert!(!(spoken.succeeded)(&answer), "{}", spoken.mount);
        assert_eq!(before, it.user(0), "{}", spoken.mount);
        if ["acefone", "smartflo", "commpeak"].contains(&spoken.mount) {
            let errors = answer.json()["errors"].clone();
            let named: Vec<_> = errors.as_object().unwrap().keys().cloned().collect();
            let mut expected: Vec<_> = bad.as_object().unwrap().keys().cloned().collect();
            expected.sort();
            let mut sorted = named.clone();
            sorted.sort();
            assert_eq!(sorted, expected, "{}", spoken.mount);
        }
    })
    .await;
}

#[tokio::test]
async fn another_accounts_user_answers_like_an_unknown_one() {
    over_all(async |spoken, it| {
        let other = found(&it.directory, "Other", None).await;
        let operator = Caller::operator(other.account.id);
        let theirs = create_user(&it.directory, &operator, "777").await;
        let theirs = it.directory.account(&operator).unwrap().user(theirs).unwrap().clone();
        let mut unknown = (*theirs).clone();
        unknown.serial = domain::id::Serial(987_654);
        let fields = || (spoken.name)("Stolen Name");
        let anothers = (spoken.update)(it, &it.founded, &theirs, fields()).await;
        let none = (spoken.update)(it, &it.founded, &unknown, fields()).await;
        assert_eq!(
            (anothers.status, &anothers.text),
            (none.status, &none.text),
            "{}",
            spoken.mount
        );
        assert!(!(spoken.succeeded)(&anothers));
        let still = it.directory.account(&operator).unwrap().user(theirs.id).unwrap().clone();
        assert_eq!(still, theirs);
    })
    .await;
}

#[tokio::test]
async fn credentials_are_checked_before_the_id() {
    over_all(async |spoken, it| {
        let other = found(&it.directory, "Other", None).await;
        let mut unknown = (*it.user(0)).clone();
        unknown.serial = domain::id::Serial(987_654);
        let mut wrong = found(&it.directory, "Wrong", None).await;
        let scrambled = || domain::secret::Secret::new("not-the-secret");
        wrong.callerdesk = scrambled();
        wrong.telecmi = (other.telecmi.0, scrambled());
        wrong.acefone = scrambled();
        wrong.smartflo = scrambled();
        wrong.commpeak = (other.commpeak.0.clone(), scrambled());
        let known = (spoken.update)(it, &wrong, &it.user(0), (spoken.name)("A B")).await;
        let none = (spoken.update)(it, &wrong, &unknown, (spoken.name)("A B")).await;
        // CommPeak's challenge differs in its nonce only, which stands in a header.
        assert_eq!((known.status, known.text), (none.status, none.text), "{}", spoken.mount);
    })
    .await;
}

#[tokio::test]
async fn a_write_leaves_alone_what_the_vendor_cannot_express() {
    over_all(async |spoken, it| {
        let rich = UserPatch {
            call_scope: Change::Set(CallScope::All),
            international: Change::Set(true),
            missed_call_sms: Change::Set(spoken.flag != Setting::MissedCallSms),
            devices_max: Change::Set(3),
            predictive_clocked_in: Change::Set(false),
            caller_ids: Change::Set(Box::new([it.number])),
            groups: Change::Set(Box::new([it.group])),
            ..UserPatch::default()
        };
        it.directory
            .change_user(it.users[0], rich, &it.operator, Options::default())
            .await
            .unwrap();
        let before = it.user(0);
        let [flag, _] = (spoken.flags)();
        let answer = update(spoken, it, flag).await;
        assert!((spoken.succeeded)(&answer), "{}: {}", spoken.mount, answer.text);
        assert_eq!(Harness::changed(&before, &it.user(0)), [spoken.flag], "{}", spoken.mount);
    })
    .await;
}

#[tokio::test]
async fn a_joined_name_is_split_at_the_last_space_and_read_back_joined() {
    over_all(async |spoken, it| {
        update(spoken, it, (spoken.name)("Maria del Carmen Lopez")).await;
        let identity = it.user(0).identity.clone();
        let parts = (identity.first_name.unwrap(), identity.last_name.unwrap());
        assert_eq!((parts.0.as_str(), parts.1.as_str()), ("Maria del Carmen", "Lopez"));
        assert_eq!(it.user(0).name(), "Maria del Carmen Lopez", "{}", spoken.mount);
    })
    .await;
}

#[tokio::test]
async fn no_secret_stands_in_history_or_recent_requests() {
    over_all(async |spoken, it| {
        let secret = "Very-secret-12";
        let key = if spoken.mount == "commpeak" { "registration_password" } else { "password" };
        let fields = with((spoken.name)("New Name"), json!({ key: secret }));
        let answer = update(spoken, it, fields).await;
        assert!((spoken.succeeded)(&answer), "{}: {}", spoken.mount, answer.text);
        assert_ne!(it.user(0).version, 1);
        let changes = it.directory.changes(ChangeFilter::default(), &it.operator).await.unwrap();
        assert!(changes.iter().all(|row| !row.diff.contains(secret) && !row.body.contains(secret)));
        assert!(changes.iter().any(|row| row.diff.contains("[secret]")), "{}", spoken.mount);
        let requests = it.directory.recent_requests(&it.operator).unwrap();
        assert_eq!(requests.len(), 1, "{}", spoken.mount);
        assert!(!format!("{requests:?}").contains(secret));
        assert!(!format!("{:?}", it.user(0)).contains(secret));
    })
    .await;
}

#[tokio::test]
async fn preflight_is_answered_on_every_mount() {
    over_all(async |spoken, it| {
        let asked = [
            ("origin", "https://crm.example"),
            ("access-control-request-method", "PUT"),
            ("access-control-request-headers", "authorization, x-own"),
        ];
        let answer = it.send("OPTIONS", spoken.path, &asked, "").await;
        assert_eq!(answer.status, 204, "{}", spoken.mount);
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        assert_eq!(answer.headers["access-control-allow-headers"], "authorization, x-own");
    })
    .await;
}

#[tokio::test]
async fn transport_faults_are_answered_in_the_dialects_own_shape() {
    over_all(async |spoken, it| {
        let shape = |answer: &Answer| -> Vec<String> {
            let body: Map<String, Value> = serde_json::from_str(&answer.text).unwrap();
            let text = ["msg", "message"].iter().find_map(|key| body.get(*key)?.as_str());
            assert!(text.is_some_and(|text| !text.is_empty()), "{}: {}", spoken.mount, answer.text);
            body.keys().cloned().collect()
        };
        let json_type = [("content-type", "application/json")];
        let unknown = it.send("POST", &format!("/{}/no/such/path", spoken.mount), &[], "").await;
        let wrong_method = it.send("DELETE", "/telecmi/v2/user/update", &[], "").await;
        let malformed = it.send("POST", "/telecmi/v2/user/update", &json_type, "{").await;
        let method = if spoken.mount == "commpeak" { "PATCH" } else { "PUT" };
        let wrong = it.send(method, spoken.path, &json_type, "{}").await;
        let large =
            it.send("POST", "/telecmi/v2/user/update", &json_type, vec![b' '; 10 << 20]).await;
        assert_eq!(unknown.status, 404);
        assert_eq!(wrong.status, 405, "{}", spoken.mount);
        assert_eq!(large.status, 413);
        assert_eq!(shape(&unknown), shape(&wrong), "{}", spoken.mount);
        for answer in [wrong_method, malformed, large] {
            shape(&answer);
        }
    })
    .await;
}
