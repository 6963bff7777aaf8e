//! CallerDesk's API, as its pages, its own app and public clients use it.

use domain::change::Change;
use domain::patch::UserPatch;
use domain::setting::Setting;
use domain::user::{CallScope, Presence};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, create_user, found, harness};

const UPDATE: &str = "/callerdesk/api/updatemember_v2";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn key(it: &Harness) -> &str {
    it.founded.callerdesk.expose()
}

/// A form with the key in a header.
async fn post(it: &Harness, path: &str, form: &str) -> Answer {
    let path = format!("/callerdesk/api/{path}");
    it.send("POST", &path, &[("authcode", key(it)), FORM], form.to_owned()).await
}

fn message(answer: &Answer) -> String {
    answer.json()["message"].as_str().unwrap_or_default().to_owned()
}

fn id(it: &Harness) -> u32 {
    it.user(0).serial.0
}

#[tokio::test]
async fn the_documented_parameters_update_a_member_and_are_listed() {
    let it = harness().await;
    let id = id(&it);
    let form = format!(
        "access=1&status=1&member_id={id}&member_num=9100000101\
         &member_email=agent1%40example.com&member_name=Agent+One&password=Welcome-12"
    );
    let answer = post(&it, "updatemember_v2", &form).await;
    assert_eq!(answer.status, 200);
    let member = format!(
        r#"{{"member_id":"{id}","member_name":"Agent One","member_email":"agent1@example.com","member_num":"09100000101","password":"","access":"1","status":"1","type":"member","agent_extn":"101"}}"#
    );
    assert_eq!(
        answer.text,
        format!(
            r#"{{"type":"success","message":"Member updated successfully","getmember":[{member}]}}"#
        )
    );
    let listed =
        post(&it, "getmemberlist_V2", "current_page=1&per_page=20&member_num=9100000101").await;
    assert_eq!(
        listed.text,
        format!(r#"{{"type":"success","getmember":[{member}],"total_record":1}}"#)
    );
    assert!(it.user(0).sign_in.password.as_ref().unwrap().verify("Welcome-12"));
}

#[tokio::test]
async fn parameters_may_be_in_json_forms_multipart_query_and_headers() {
    let it = harness().await;
    let id = id(&it).to_string();
    let code = ("authcode", key(&it));
    let boundary = "--b\r\nContent-Disposition: form-data; name=\"member_id\"\r\n\r\nID\r\n--b\r\n\
         Content-Disposition: form-data; name=\"member_name\"\r\n\r\nBy Multipart\r\n--b--\r\n"
        .replace("ID", &id);
    let json =
        json!({ "member_id": id.parse::<u32>().unwrap(), "member_name": "By Json" }).to_string();
    let misnamed = json.replace("Json", "Misnamed");
    let query = format!("{UPDATE}?member_id={id}&member_name=By+Query");
    let json_type = ("content-type", "application/json");
    let multipart_type = ("content-type", "multipart/form-data; boundary=b");
    let cases = [
        (UPDATE, vec![code, json_type], json, "By Json"),
        (UPDATE, vec![code, FORM], misnamed, "By Misnamed"),
        (UPDATE, vec![code, FORM], format!("member_id={id}&member_name=By+Form"), "By Form"),
        (UPDATE, vec![code, multipart_type], boundary, "By Multipart"),
        (&query, vec![code], String::new(), "By Query"),
        (
            "/callerdesk/API/UpdateMember_V2/",
            vec![code, ("member_id", &id), ("Member-Name", "By Header")],
            String::new(),
            "By Header",
        ),
    ];
    for (path, headers, body, name) in cases {
        let answer = it.send("POST", path, &headers, body).await;
        assert_eq!(answer.json()["type"], "success", "{name}: {}", answer.text);
        assert_eq!(it.user(0).name(), name);
    }
}

#[tokio::test]
async fn the_key_may_be_in_six_places_and_must_not_contradict_itself() {
    let it = harness().await;
    let (id, key) = (id(&it), key(&it));
    let body = format!("member_id={id}");
    let with_key = format!("{body}&authcode={key}");
    let bearer = format!("Bearer {key}");
    let query = format!("{UPDATE}?authcode={key}");
    let json = json!({ "member_id": id, "authcode": key }).to_string();
    let json_type = ("content-type", "application/json");
    let good = [
        it.send("POST", UPDATE, &[("authorization", &bearer), FORM], body.clone()).await,
        it.send("POST", UPDATE, &[("authorization", key), FORM], body.clone()).await,
        it.send("POST", UPDATE, &[("authcode", key), FORM], body.clone()).await,
        it.send("POST", &query, &[FORM], body.clone()).await,
        it.send("POST", UPDATE, &[FORM], with_key.clone()).await,
        it.send("POST", UPDATE, &[json_type], json).await,
        it.send(
            "POST",
            UPDATE,
            &[("authcode", key), ("authorization", &bearer), FORM],
            with_key.clone(),
        )
        .await,
    ];
    for answer in good {
        assert_eq!(answer.json()["type"], "success", "{}", answer.text);
    }
    let bad = [
        it.send("POST", UPDATE, &[FORM], body.clone()).await,
        it.send("POST", UPDATE, &[("authcode", "wrong"), FORM], body).await,
        it.send("POST", UPDATE, &[("authcode", "wrong"), FORM], with_key).await,
    ];
    for answer in bad {
        assert_eq!(answer.status, 200);
        assert_eq!(answer.text, r#"{"type":"error","message":"Invalid Auth Code!"}"#);
    }
}

#[tokio::test]
async fn errors_come_in_the_documented_order_and_change_nothing() {
    let it = harness().await;
    let id = id(&it);
    let before = it.user(0);
    post(
        &it,
        "updatemember_v2",
        &format!("member_id={}&member_email=b%40a.example", it.user(1).serial),
    )
    .await;
    let all = "&access=3&status=2&member_num=9999999999&member_email=none";
    let cases = [
        ("", "member_id is required."),
        ("member_id=abc", "Invalid Member Id."),
        ("member_id=999999", "Invalid Member Id."),
        (&format!("member_id={id}&access=3"), "Invalid Parameter value."),
        (&format!("member_id={id}&status=yes"), "Invalid Parameter value."),
        (&format!("member_id={id}&status=1&active=0"), "Invalid Parameter value."),
        (&format!("member_id={id}&member_num=9999999999"), "Member number can not be changed."),
        (&format!("member_id={id}&member_email=none"), "Invalid Email Id."),
        (
            &format!("member_id={id}&member_email=B%40a.example&member_name=New"),
            "Email id is already register for this user.",
        ),
        (
            &format!("member_id={id}{all}"),
            "Invalid Parameter value. Member number can not be changed. Invalid Email Id.",
        ),
    ];
    for (form, expected) in cases {
        let answer = post(&it, "updatemember_v2", form).await;
        assert_eq!(
            (answer.status.as_u16(), message(&answer)),
            (200, expected.to_owned()),
            "{form}"
        );
        assert_eq!(answer.json()["type"], "error");
    }
    assert_eq!(before, it.user(0));
}

#[tokio::test]
async fn a_strict_account_demands_all_parameters_and_html_is_a_label_only() {
    let it = harness().await;
    let switch = |account: &domain::account::Account| {
        let mut account = account.clone();
        account.dialects.callerdesk_strict = true;
        account.dialects.callerdesk_html = true;
        account
    };
    let options = directory::Options::default();
    it.directory.change_account(switch, &it.operator, options).await.unwrap();
    let answer = post(&it, "updatemember_v2", &format!("member_id={}&access=2", id(&it))).await;
    assert_eq!(message(&answer), "status is required.");
    assert_eq!(answer.headers["content-type"], "text/html; charset=UTF-8");
}

#[tokio::test]
async fn the_vendors_app_toggles_a_member_with_four_parameters() {
    let it = harness().await;
    let theirs = UserPatch {
        call_scope: Change::Set(CallScope::All),
        international: Change::Set(true),
        ..UserPatch::default()
    };
    let options = directory::Options::default();
    it.directory.change_user(it.users[0], theirs, &it.operator, options).await.unwrap();
    let before = it.user(0);
    let form = format!("member_id={}&status=0&member_num=09100000101", id(&it));
    post(&it, "updatemember_v2", &form).await;
    assert_eq!(Harness::changed(&before, &it.user(0)), [Setting::Active]);
}

#[tokio::test]
async fn regular_leaves_a_role_of_the_accounts_own_alone() {
    let it = harness().await;
    let role = domain::permission::Role {
        id: domain::id::RoleId(uuid::Uuid::nil()),
        serial: domain::id::Serial(0),
        account: it.founded.account.id,
        version: 1,
        name: domain::text::Name::parse("Quality").unwrap(),
        permissions: domain::permission::Permissions::NONE,
        built_in: None,
        two_factor: None,
        deleted: false,
    };
    let role = crate::harness::create(&it.directory, &it.operator, role.into()).await;
    let role = Change::Set(domain::id::RoleId(role.id()));
    let options = directory::Options::default();
    let patch = UserPatch { role, ..UserPatch::default() };
    it.directory.change_user(it.users[0], patch, &it.operator, options).await.unwrap();
    let before = it.user(0);
    post(&it, "updatemember_v2", &format!("member_id={}&access=2", id(&it))).await;
    assert_eq!(it.user(0).role, before.role);
    post(&it, "updatemember_v2", &format!("member_id={}&access=admin", id(&it))).await;
    assert_ne!(it.user(0).role, before.role);
}

#[tokio::test]
async fn members_are_added_once_per_number_and_deleted() {
    let it = harness().await;
    let form =
        "member_name=New+Member&member_num=9812345678&access=2&active=1&member_email=n%40a.example";
    let added = post(&it, "addmember_v2", form).await.json();
    let id = added["getmember"][0]["member_id"].as_str().unwrap().to_owned();
    assert_eq!(added["getmember"][0]["member_num"], "09812345678");
    let again = post(&it, "addmember_V2", &form.replace("n%40", "m%40")).await;
    assert_eq!(message(&again), "Mobile no of user is already register for this user.");
    assert_eq!(
        message(&post(&it, "addmember_v2", "member_name=X").await),
        "member_num is required."
    );
    assert_eq!(
        post(&it, "deletemember_v2", &format!("member_id={id}")).await.json()["type"],
        "success"
    );
    let gone = post(&it, "deletemember_v2", &format!("member_id={id}")).await;
    assert_eq!(message(&gone), "Invalid Member Id.");
    let empty = post(&it, "getmemberlist_v2", "member_num=1111111111").await;
    assert_eq!(empty.text, r#"{"type":"success","getmember":[],"total_record":0}"#);
}

#[tokio::test]
async fn the_last_active_administrator_stays_one() {
    let it = harness().await;
    let account = it.directory.account(&it.operator).unwrap();
    let admin = account.user(it.founded.administrator).unwrap().serial;
    for form in ["access=2", "status=0"] {
        let answer = post(&it, "updatemember_v2", &format!("member_id={admin}&{form}")).await;
        assert_eq!(message(&answer), "At least one active admin member is required.");
    }
}

#[tokio::test]
async fn anothers_member_is_as_unknown_as_none() {
    let it = harness().await;
    let other = found(&it.directory, "Other", None).await;
    let operator = domain::caller::Caller::operator(other.account.id);
    let theirs = create_user(&it.directory, &operator, "101").await;
    let serial = it.directory.account(&operator).unwrap().user(theirs).unwrap().serial;
    let unknown = post(&it, "updatemember_v2", "member_id=987654&status=0").await;
    let anothers = post(&it, "updatemember_v2", &format!("member_id={serial}&status=0")).await;
    assert_eq!((unknown.status, unknown.text), (anothers.status, anothers.text));
}

#[tokio::test]
async fn groups_have_their_whole_life() {
    let it = harness().await;
    let (one, two) = (it.user(0).serial, it.user(1).serial);
    let made =
        post(&it, "createcallgroup", "group_name=Care&group_extn=*1234&deskphone_id=1").await;
    let group = made.json()["grouplist"][0]["group_id"].as_str().unwrap().to_owned();
    let form = format!(
        "group_id={group}&member_id={two},{one}&strategy_check=2&sticky_member=1&business_hours=1\
         &day=1,2,3&starttime=09:30+AM&endtime=06:00+PM"
    );
    let updated = post(&it, "updategroup_v2", &form).await.json();
    assert_eq!(updated["type"], "success", "{updated}");
    let list = post(&it, "getgrouplist_v2", "").await.json();
    assert_eq!(list["total"], 2);
    let row = &list["grouplist"][1];
    assert_eq!((&row["call_strategy"], &row["is_sticky"]), (&json!("2"), &json!("1")));
    assert_eq!(row["groupmember_count"], "2");
    let one_group = post(&it, "getgroupbyid_v2", &format!("group_id={group}")).await.json();
    let ids: Vec<Value> = one_group["group_user_live"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["member_id"].clone())
        .collect();
    assert_eq!(ids, [json!(two.to_string()), json!(one.to_string())]);
    let hours = post(&it, "getgroupschedule", &format!("group_id={group}")).await.json();
    assert_eq!(
        (&hours["day"], &hours["starttime"], &hours["endtime"]),
        (&json!("1,2,3"), &json!("09:30 AM"), &json!("06:00 PM"))
    );
    let membership = one_group["group_user_live"][0]["group_member_id"].as_str().unwrap();
    post(&it, "delete_user_call_group", &format!("id={membership}")).await;
    assert!(it.user(1).membership.groups.is_empty());
    post(&it, "updategroup_v2", &format!("group_id={group}&bussiness_hours=1")).await;
    let hours = post(&it, "getgroupschedule", &format!("group_id={group}")).await.json();
    assert_eq!(hours["business_hours"], "0");
    assert_eq!(
        post(&it, "deletegroup", &format!("group_id={group}")).await.json()["type"],
        "success"
    );
    assert_eq!(
        message(&post(&it, "deletegroup", &format!("group_id={group}")).await),
        "Invalid Group Id."
    );
}

#[tokio::test]
async fn presence_numbers_trail_and_sign_in() {
    let it = harness().await;
    post(&it, "changeagentstatus", &format!("member_id={}&agent_status=0", id(&it))).await;
    assert_eq!(it.user(0).availability.presence, Presence::Offline);
    let query = format!(
        "/callerdesk/api/update-working-status-v3/?authcode={}&working_status=Short%20Break&member_num=9100000101",
        key(&it)
    );
    let answer = it.send("GET", &query, &[], "").await;
    assert_eq!(message(&answer), "Working Status Updated Successfully.");
    assert_eq!(it.user(0).availability.presence, Presence::Break);
    let wrong = it.send("GET", &query.replace("Short%20Break", "Lunch"), &[], "").await;
    assert_eq!(message(&wrong), "Invalid Parameter value.");
    let phones = post(&it, "getdeskphone_v2", "").await.json();
    assert_eq!(phones["getdeskphone"][0]["did_num"], "08045678901");
    post(&it, "block_number", "caller_number=9876543210").await;
    let blocked = post(&it, "getblocknumber", "").await.json();
    assert_eq!(blocked["blocklist_number"][0]["caller_number"], "9876543210");
    post(&it, "unblock_number", "caller_number=09876543210").await;
    assert_eq!(post(&it, "getblocknumber", "").await.json()["blocklist_number"], json!([]));
    let trail = post(&it, "activity_trail", "per_page=5").await.json();
    assert_eq!(trail["activity_trail"].as_array().unwrap().len(), 5);
    let signin = "/callerdesk/api_v2/signin";
    let signed = it.send("POST", signin, &[FORM], "email=user101&pwd=Initial-pw-1").await.json();
    let own = signed["authcode"].as_str().unwrap();
    let own_status = it
        .send(
            "POST",
            "/callerdesk/api/changeagentstatus",
            &[("authcode", own), FORM],
            "agent_status=1",
        )
        .await;
    assert_eq!(own_status.json()["type"], "success", "{}", own_status.text);
    assert_eq!(it.user(0).availability.presence, Presence::Online);
    let refused = it.send("POST", signin, &[FORM], "email=user101&pwd=wrong").await;
    assert_eq!(refused.json()["type"], "error");
    assert!(post(&it, "profile_billing_v2", "").await.json()["login_account"].is_object());
}

#[tokio::test]
async fn transport_faults_keep_the_envelope() {
    let it = harness().await;
    let headers = [("authcode", key(&it)), ("content-type", "application/json")];
    let large = it.send("POST", UPDATE, &headers, vec![b'a'; 10 << 20]).await;
    let malformed = it.send("POST", UPDATE, &headers, "{").await;
    let wrong_method = it.send("GET", UPDATE, &headers, "").await;
    let unknown = it.send("POST", "/callerdesk/api/call_list_v2", &headers, "").await;
    for (answer, status) in [(large, 413), (malformed, 200), (wrong_method, 405), (unknown, 404)] {
        assert_eq!(answer.status, status, "{}", answer.text);
        assert_eq!(answer.json()["type"], "error");
    }
    let preflight = it.send("OPTIONS", UPDATE, &[("origin", "https://a.example")], "").await;
    assert_eq!(
        (preflight.status.as_u16(), &preflight.headers["access-control-allow-origin"]),
        (204, &"*".parse().unwrap())
    );
    for _ in 0..directory::ADDRESS_FAILURES_MAX {
        it.send("POST", UPDATE, &[("authcode", "guess")], "").await;
    }
    let locked = it.send("POST", UPDATE, &[("authcode", "guess")], "").await;
    assert_eq!((locked.status.as_u16(), &locked.json()["type"]), (429, &json!("error")));
}
