//! CallerDesk's call groups, numbers, blocked numbers, trail and profile.

use std::sync::Arc;

use directory::Options;
use domain::credential::{Credential, Voice};
use domain::id::TeamId;
use domain::permission::Permission;
use domain::resource::{Destination, ResourceKind, RingStrategy, Team};
use domain::setting::Setting;
use domain::shift::Shift;
use domain::snapshot::Snapshot;
use serde_json::{Value, json};

use crate::callerdesk::{error, id, post, told};
use crate::harness::{Harness, create, found, harness, team};

fn group(it: &Harness) -> Team {
    let account = it.directory.account(&it.operator).unwrap();
    (**account.team(it.group).unwrap()).clone()
}

async fn update(it: &Harness, body: Value) -> Value {
    let mut whole = json!({ "group_id": group(it).serial });
    whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    post(it, "updategroup_v2", whole).await.json()
}

async fn schedule(it: &Harness) -> Value {
    post(it, "getgroupschedule", json!({ "group_id": group(it).serial })).await.json()
}

#[tokio::test]
async fn groups_are_created_listed_and_deleted() {
    let it = harness().await;
    let body = json!({
        "group_name": "Support", "deskphone_id": "1", "group_owner_name": "Asha Rao",
        "group_owner__id": id(&it, 0), "group_extn": "*4711",
    });
    let created = post(&it, "createcallgroup", body.clone()).await.json();
    let group = created["grouplist"][0].clone();
    let expected = format!(
        r#"{{"group_id":{},"group_name":"Support","call_strategy":"5","is_sticky":"0","is_multi_sticky":"0","group_owner_name":"Asha Rao","extension":"*4711","deskphone_id":"1","groupmember_count":"0"}}"#,
        group["group_id"]
    );
    assert_eq!(group.to_string(), expected);
    let number = it.directory.account(&it.operator).unwrap();
    let number = number.number(it.number).unwrap().destination;
    assert!(matches!(number, Some(Destination::Team(_))), "{number:?}");
    let listed = post(&it, "getgrouplist_v2", json!({ "per_page": 1, "current_page": 2 })).await;
    assert_eq!(listed.text, format!(r#"{{"type":"success","grouplist":[{expected}],"total":2}}"#));
    let again = post(&it, "createcallgroup", body).await;
    assert_eq!(told(&again.text), error("Group name is already exist."));
    let gone = post(&it, "deletegroup", json!({ "group_id": group["group_id"] })).await;
    assert_eq!(gone.text, r#"{"type":"success","message":"Group deleted successfully"}"#);
    let left = post(&it, "getgrouplist_v2", json!({})).await.json();
    assert_eq!((&left["total"], &left["grouplist"][0]["extension"]), (&json!(1), &json!("")));
}

#[tokio::test]
async fn members_join_in_order_and_leave() {
    let it = harness().await;
    let (first, second) = (id(&it, 2), id(&it, 0));
    let before = it.user(0);
    let answer = update(&it, json!({ "member_id": format!("{first},{second}") })).await;
    assert_eq!(answer["grouplist"][0]["groupmember_count"], "2");
    assert_eq!(Harness::changed(&before, &it.user(0)), [Setting::Groups]);
    assert_eq!(group(&it).order, [it.users[2], it.users[0]]);
    update(&it, json!({ "member_id": [id(&it, 1), first] })).await;
    let shown = post(&it, "getgroupbyid_v2", json!({ "group_id": group(&it).serial })).await.json();
    let live = shown["group_user_live"].as_array().unwrap();
    let ids: Vec<_> = live.iter().map(|it| it["member_id"].as_str().unwrap()).collect();
    assert_eq!(ids, [first.as_str(), &second, &id(&it, 1)]);
    let priorities: Vec<_> = live.iter().map(|it| it["priority"].as_str().unwrap()).collect();
    assert_eq!(priorities, ["1", "2", "3"]);
    let keys: Vec<_> = live[0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        keys,
        [
            "group_member_id",
            "member_id",
            "member_name",
            "member_email",
            "member_num",
            "group_member_status",
            "starttime",
            "endtime",
            "weekdays",
            "priority",
            "member_status",
        ]
    );
    // The founder's administrator is nobody's colleague yet.
    assert_eq!(shown["group_user_nonlive"].as_array().unwrap().len(), 1);

    let membership = &live[0]["group_member_id"];
    let left = post(&it, "delete_user_call_group", json!({ "id": membership })).await;
    assert_eq!(left.json()["type"], "success");
    assert!(it.user(2).membership.groups.is_empty());
    assert_eq!(group(&it).order, [it.users[0], it.users[1]]);
    let again = post(&it, "delete_user_call_group", json!({ "id": membership })).await;
    assert_eq!(again.text, error("Invalid Group Member Id."));
}

#[tokio::test]
async fn strategies_are_the_vendors_numbers() {
    let it = harness().await;
    for (number, strategy) in [
        ("1", RingStrategy::RoundRobin),
        ("2", RingStrategy::Sequential),
        ("3", RingStrategy::Random),
        ("4", RingStrategy::LeastBusy),
        ("5", RingStrategy::Parallel),
        ("6", RingStrategy::LongestIdle),
    ] {
        let answer = update(&it, json!({ "strategy_check": number })).await;
        assert_eq!(answer["grouplist"][0]["call_strategy"], number);
        assert_eq!(group(&it).strategy, strategy);
    }
    let sticky = update(&it, json!({ "sticky_member": "2", "multi_sticky": true })).await;
    let shown = &sticky["grouplist"][0];
    assert_eq!((&shown["is_sticky"], &shown["is_multi_sticky"]), (&json!("2"), &json!("1")));
    let before = group(&it);
    let refused = update(&it, json!({ "strategy_check": 7, "group_name": "Else" })).await;
    assert_eq!(refused["message"], "Invalid Parameter value.");
    assert_eq!(before, group(&it));
}

#[tokio::test]
async fn schedules_are_kept_in_the_pages_meaning_and_either_spelling() {
    let it = harness().await;
    let at = json!({
        "business_hours": 1, "day": "1,2,3,4,5", "starttime": "09:30 AM", "endtime": "06:00 PM",
        "holiday_prompt_type": "Text", "holiday_prompt_file_name": "closed",
    });
    update(&it, at).await;
    let shown = post(&it, "getgroupschedule", json!({ "group_id": group(&it).serial })).await;
    let expected = format!(
        r#"{{"type":"success","group_id":"{}","business_hours":"1","day":"1,2,3,4,5","starttime":"09:30 AM","endtime":"06:00 PM","business_hours_prompt_file_name":"","business_hours_prompt_type":"","holiday_prompt_file_name":"closed","holiday_prompt_type":"Text"}}"#,
        group(&it).serial
    );
    assert_eq!(shown.text, expected);
    let rows = group(&it).hours.unwrap().rows().len();
    assert_eq!(rows, 1);
    update(&it, json!({ "business_hours": "0" })).await;
    assert_eq!(group(&it).hours, None);
    let app =
        json!({ "bussiness_hours": 1, "day": "6", "starttime": "10:00 AM", "endtime": "01:00 PM" });
    update(&it, app).await;
    let shown =
        post(&it, "getgroupschedule", json!({ "group_id": group(&it).serial })).await.json();
    assert_eq!((&shown["day"], &shown["starttime"]), (&json!("6"), &json!("10:00 AM")));
    let always = json!({ "bussiness_hours": false, "day": "6", "starttime": "10:00 AM" });
    update(&it, always).await;
    assert_eq!(group(&it).hours, None);
    let bad = update(&it, json!({ "starttime": "25:00 AM" })).await;
    assert_eq!(bad["message"], "starttime must be a time such as 09:30 AM.");
    let bad = update(&it, json!({ "business_hours": "2" })).await;
    assert_eq!(bad["message"], "Invalid Parameter value.");
}

/// Holidays, and a Saturday of its own, have no parameter.
#[tokio::test]
async fn hours_the_vendor_cannot_express_stay() {
    let it = harness().await;
    let hours = |from: &str| {
        json!({
            "rows": [
                { "days": ["mon", "tue"], "from": from, "to": "24:00" },
                { "days": ["sat"], "from": "10:00", "to": "13:00" },
            ],
            "exceptions": [{ "date": "2026-12-25", "hours": [] }],
        })
    };
    let shift = |hours: Value| serde_json::from_value::<Shift>(hours).unwrap();
    let with_hours = Team { hours: Some(shift(hours("09:00"))), ..group(&it) };
    let edit = Arc::new(move |_: &Snapshot| Ok(Some(with_hours.clone().into())));
    let place = (ResourceKind::Team, it.group.0);
    it.directory.change_resource(place, edit, &it.operator, Options::default()).await.unwrap();
    let before = group(&it);
    let mut sent = schedule(&it).await;
    assert_eq!((&sent["day"], &sent["endtime"]), (&json!("1,2"), &json!("12:00 AM")));
    update(&it, sent.clone()).await;
    assert_eq!(group(&it), before, "sent as read");
    sent["starttime"] = json!("08:00 AM");
    sent["endtime"] = json!("24:00");
    update(&it, sent).await;
    assert_eq!(group(&it).hours, Some(shift(hours("08:00"))));
    update(&it, json!({ "business_hours": 0 })).await;
    let always = group(&it).hours.unwrap();
    assert_eq!((always.rows().len(), always.exceptions().len()), (1, 1));
    assert_eq!(schedule(&it).await["business_hours"], "0");
}

#[tokio::test]
async fn an_update_is_all_or_nothing_and_names_nobody_elses() {
    let it = harness().await;
    let other = found(&it.directory, "Other", None).await;
    let operator = domain::caller::Caller::operator(other.account.id);
    let theirs =
        create(&it.directory, &operator, team(domain::resource::TeamKind::Group, "T")).await;
    create(&it.directory, &it.operator, team(domain::resource::TeamKind::Group, "Taken")).await;
    let (user, before) = (it.user(0), group(&it));
    let body = json!({ "member_id": id(&it, 0), "group_name": "Taken" });
    assert_eq!(update(&it, body).await["message"], "Group name is already exist.");
    let body = json!({ "member_id": format!("{},999999", id(&it, 0)), "group_name": "New" });
    assert_eq!(update(&it, body).await["message"], "Invalid Member Id.");
    let body = json!({ "deskphone_id": "999999", "group_name": "New" });
    assert_eq!(update(&it, body).await["message"], "Invalid Deskphone Id.");
    assert_eq!((user, before), (it.user(0), group(&it)));
    for operation in ["updategroup_v2", "getgroupbyid_v2", "getgroupschedule", "deletegroup"] {
        let answer = post(&it, operation, json!({ "group_id": theirs.serial() })).await;
        assert_eq!(answer.text, error("Invalid Group Id."), "{operation}");
        let answer = post(&it, operation, json!({})).await;
        assert_eq!(answer.text, error("group_id is required."), "{operation}");
    }
    let account = it.directory.account(&operator).unwrap();
    assert!(account.team(TeamId(theirs.id())).is_some());
}

/// Takes these rights from the account's key.
async fn without(it: &Harness, rights: &[Permission]) {
    let account = it.directory.account(&it.operator).unwrap();
    let mut keys = account.credentials.values();
    let key = keys.find(|key| key.voice == Voice::CallerDesk).unwrap();
    let left = Permission::ALL.iter().copied().filter(|it| !rights.contains(it));
    let narrowed = Credential { scope: Some(left.collect()), ..(**key).clone() };
    let place = (ResourceKind::Credential, key.id.0);
    let edit = Arc::new(move |_: &Snapshot| Ok(Some(narrowed.clone().into())));
    it.directory.change_resource(place, edit, &it.operator, Options::default()).await.unwrap();
}

#[tokio::test]
async fn what_a_key_may_do_by_half_is_not_begun() {
    let it = harness().await;
    update(&it, json!({ "member_id": id(&it, 0) })).await;
    let shown = post(&it, "getgroupbyid_v2", json!({ "group_id": group(&it).serial })).await.json();
    let membership = shown["group_user_live"][0]["group_member_id"].clone();
    let (user, before) = (it.user(0), group(&it));
    let refused = error("You are not allowed to do this.");
    without(&it, &[Permission::UsersWrite]).await;
    let body = json!({ "group_name": "Half", "member_id": id(&it, 1) });
    assert_eq!(post(&it, "createcallgroup", body).await.text, refused);
    assert_eq!(post(&it, "getgrouplist_v2", json!({})).await.json()["total"], 1);
    without(&it, &[Permission::ResourcesWrite]).await;
    let left = post(&it, "delete_user_call_group", json!({ "id": membership })).await;
    assert_eq!(left.text, refused);
    assert_eq!((user, before), (it.user(0), group(&it)));
}

#[tokio::test]
async fn numbers_are_listed_as_desk_phones() {
    let it = harness().await;
    let answer = post(&it, "getdeskphone_v2", json!({})).await;
    let account = it.directory.account(&it.operator).unwrap();
    let serial = account.number(it.number).unwrap().serial;
    assert_eq!(
        answer.text,
        format!(
            r#"{{"type":"success","getdeskphone":[{{"did_id":"{serial}","did_num":"08045678901","deskphone":"08045678901"}}]}}"#
        )
    );
}

#[tokio::test]
async fn numbers_are_blocked_and_unblocked() {
    let it = harness().await;
    let number = json!({ "caller_number": "9812345678" });
    let blocked = post(&it, "block_number", number.clone()).await;
    assert_eq!(blocked.text, r#"{"type":"success","message":"Number blocked successfully"}"#);
    let again = post(&it, "block_number", json!({ "caller_number": "09812345678" })).await;
    assert_eq!(again.text, error("Number is already blocked."));
    let listed = post(&it, "getblocknumber", json!({ "per_page": 20 })).await.json();
    assert_eq!(listed["blocklist_number"][0]["caller_number"], "9812345678");
    assert_eq!(post(&it, "unblock_number", number.clone()).await.json()["type"], "success");
    let listed = post(&it, "getblocknumber", json!({})).await;
    assert_eq!(listed.text, r#"{"type":"success","blocklist_number":[],"total":0}"#);
    assert_eq!(post(&it, "unblock_number", number).await.text, error("Number is not blocked."));
    let bad = post(&it, "block_number", json!({ "caller_number": "x" })).await;
    assert_eq!(bad.text, error("Invalid Caller number."));
}

#[tokio::test]
async fn the_trail_tells_what_was_changed_and_no_secret() {
    let it = harness().await;
    let body = json!({ "member_id": id(&it, 0), "password": "Panel-secret-9", "status": 0 });
    post(&it, "updatemember_v2", body).await;
    let answer = post(&it, "activity_trail", json!({ "per_page": 1 })).await;
    let entry = &answer.json()["activity_trail"][0];
    assert_eq!(
        (&entry["title"], &entry["message"]),
        (&json!("user updated"), &json!("active, password"))
    );
    assert_eq!(entry["source"], "callerdesk");
    assert!(!answer.text.contains("Panel-secret-9") && !answer.text.contains("argon2"));
    let none = post(&it, "activity_trail", json!({ "end_date": "2001-01-01" })).await;
    assert_eq!(none.text, r#"{"type":"success","activity_trail":[]}"#);
    let far = post(&it, "activity_trail", json!({ "per_page": 100, "current_page": 11 })).await;
    assert_eq!(far.text, error("current_page must be between 1 and 10."));
}

#[tokio::test]
async fn the_profile_is_the_account_without_bills() {
    let it = harness().await;
    let answer = post(&it, "profile_billing_v2", json!({})).await;
    let expected = format!(
        r#"{{"type":"success","login_account":{{"account_id":"{}","company_name":"Demo","country":"IN","time_zone":"Asia/Kolkata","status":"1"}},"plan_details":[]}}"#,
        it.founded.account.serial
    );
    assert_eq!(answer.text, expected);
}
