//! Setting by event: what each setting of a user does to his REGISTER, his calls in and his calls
//! out, one sentence a cell.

use serde_json::{Value, json};

use crate::line::connect;
use crate::office::{Office, number_id};
use crate::phone::rule_of;

/// Nobody may: the status and the rule that is named.
struct Refusal(u16, &'static str);

async fn cannot_register(settings: Value, Refusal(code, rule): Refusal) {
    let office = Office::open().await;
    office.set(1, settings).await;
    let refusal = office.phone(1).await.register(600).await;
    assert_eq!(refusal.status().unwrap().code(), code);
    assert_eq!(rule_of(&refusal).as_deref(), Some(rule));
}

async fn can_register(settings: Value) {
    let office = Office::open().await;
    office.set(1, settings).await;
    office.registered(1).await;
}

async fn cannot_call(settings: Value, whom: &str, Refusal(code, rule): Refusal) {
    let mut office = Office::open().await;
    let _network = office.network().await;
    let mut phone = office.registered(1).await;
    office.set(1, settings).await;
    let refusal = phone.refused(whom, code).await;
    assert_eq!(rule_of(&refusal).as_deref(), Some(rule));
    assert_eq!(office.record().decisions.last().unwrap().decision.rule.word(), rule);
}

async fn can_call(settings: Value) {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    office.set(1, settings).await;
    connect(&mut asha, &mut ravi, "202").await;
}

async fn cannot_be_called(settings: Value, Refusal(code, rule): Refusal) {
    let office = Office::open().await;
    let (mut asha, _ravi) = (office.registered(1).await, office.registered(2).await);
    office.set(2, settings).await;
    let refusal = asha.refused("202", code).await;
    assert_eq!(rule_of(&refusal).as_deref(), Some(rule));
}

async fn can_be_called(settings: Value) {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    office.set(2, settings).await;
    connect(&mut asha, &mut ravi, "202").await;
}

const OUTSIDE: &str = "9811112222";
const ABROAD: &str = "+442079460000";
const ELSEWHERE: &str = "192.0.2.0/24";

#[tokio::test]
async fn an_inactive_user_cannot_register() {
    cannot_register(json!({ "active": false }), Refusal(403, "user_inactive")).await;
}

#[tokio::test]
async fn an_inactive_user_cannot_call() {
    cannot_call(json!({ "active": false }), "202", Refusal(403, "user_inactive")).await;
}

#[tokio::test]
async fn an_inactive_user_cannot_be_called() {
    cannot_be_called(json!({ "active": false }), Refusal(480, "user_inactive")).await;
}

#[tokio::test]
async fn a_disabled_agent_cannot_register() {
    cannot_register(json!({ "agent_disabled": true }), Refusal(403, "agent_disabled")).await;
}

#[tokio::test]
async fn a_disabled_agent_cannot_call() {
    cannot_call(json!({ "agent_disabled": true }), "202", Refusal(403, "agent_disabled")).await;
}

#[tokio::test]
async fn a_disabled_agent_cannot_be_called() {
    cannot_be_called(json!({ "agent_disabled": true }), Refusal(480, "agent_disabled")).await;
}

#[tokio::test]
async fn a_blocked_user_can_register() {
    can_register(json!({ "calls_blocked": true })).await;
}

#[tokio::test]
async fn a_blocked_user_cannot_call() {
    cannot_call(json!({ "calls_blocked": true }), "202", Refusal(403, "calls_blocked")).await;
}

#[tokio::test]
async fn a_blocked_user_cannot_be_called() {
    cannot_be_called(json!({ "calls_blocked": true }), Refusal(480, "calls_blocked")).await;
}

#[tokio::test]
async fn a_user_cannot_register_from_outside_his_address_list() {
    let settings = json!({ "ip_allow_list": [ELSEWHERE], "ip_allow_list_enforced": true });
    cannot_register(settings, Refusal(403, "address_not_listed")).await;
}

#[tokio::test]
async fn a_user_can_register_from_inside_his_address_list() {
    let listed = json!({ "ip_allow_list": ["127.0.0.0/8"], "ip_allow_list_enforced": true });
    can_register(listed).await;
    can_register(json!({ "ip_allow_list": [ELSEWHERE], "ip_allow_list_enforced": false })).await;
}

#[tokio::test]
async fn a_user_who_must_be_signed_in_can_register() {
    can_register(json!({ "login_required": true })).await;
}

#[tokio::test]
async fn a_user_who_must_be_signed_in_cannot_call_without() {
    cannot_call(json!({ "login_required": true }), "202", Refusal(403, "login_required")).await;
}

#[tokio::test]
async fn a_user_who_must_be_signed_in_cannot_be_called_without() {
    cannot_be_called(json!({ "login_required": true }), Refusal(480, "login_required")).await;
}

#[tokio::test]
async fn a_user_who_must_be_signed_in_and_is_can_call() {
    let office = Office::open().await;
    office.sign_in(1);
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    office.set(1, json!({ "login_required": true })).await;
    connect(&mut asha, &mut ravi, "202").await;
}

#[tokio::test]
async fn a_clocked_out_user_can_call_and_cannot_be_called() {
    can_call(json!({ "clocked_in": false })).await;
    cannot_be_called(json!({ "clocked_in": false }), Refusal(480, "clocked_out")).await;
}

#[tokio::test]
async fn a_user_on_a_break_can_call_and_cannot_be_called() {
    can_call(json!({ "presence": "break" })).await;
    cannot_be_called(json!({ "presence": "break" }), Refusal(480, "on_break")).await;
}

#[tokio::test]
async fn a_user_who_is_offline_cannot_be_called() {
    cannot_be_called(json!({ "presence": "offline" }), Refusal(480, "offline")).await;
}

#[tokio::test]
async fn a_user_off_shift_can_call_and_cannot_be_called() {
    can_call(json!({ "shift": { "rows": [] } })).await;
    cannot_be_called(json!({ "shift": { "rows": [] } }), Refusal(480, "off_shift")).await;
}

#[tokio::test]
async fn a_dialer_s_extension_reaches_the_user_only_while_he_is_clocked_in_for_it() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    office.set(2, json!({ "predictive_extension": "902", "presence": "dialer" })).await;
    connect(&mut asha, &mut ravi, "902").await;
    office.set(2, json!({ "predictive_clocked_in": false })).await;
    let refusal = asha.refused("902", 480).await;
    assert_eq!(rule_of(&refusal).as_deref(), Some("predictive_clocked_out"));
}

#[tokio::test]
async fn a_user_on_as_many_calls_as_allowed_is_busy_for_others_and_for_himself() {
    let office = Office::open().await;
    office.set(2, json!({ "calls_max": 1 })).await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (mut line, _) = connect(&mut asha, &mut ravi, "202").await;
    let mut mina = office.registered(3).await;
    let refusal = mina.refused("202", 486).await;
    assert_eq!(rule_of(&refusal).as_deref(), Some("busy"));
    ravi.refused("203", 486).await;
    tokio::join!(asha.hang_up(&mut line), ravi.is_hung_up());
    connect(&mut mina, &mut ravi, "202").await;
}

#[tokio::test]
async fn calls_abroad_are_refused_unless_allowed() {
    let settings = json!({ "caller_ids": [number_id(1)] });
    cannot_call(settings, ABROAD, Refusal(403, "international")).await;
}

#[tokio::test]
async fn a_user_without_a_number_to_show_cannot_call_out() {
    cannot_call(json!({ "caller_ids": [] }), OUTSIDE, Refusal(403, "no_caller_id")).await;
}

#[tokio::test]
async fn a_user_with_a_fixed_address_rings_there_besides_his_devices() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let mut fixed = office.phone(2).await;
    let address = format!("sip:ravi@{}", fixed.address());
    office.set(2, json!({ "sip_uri": address })).await;
    let (_, ()) = tokio::join!(connect(&mut asha, &mut fixed, "202"), async {
        let invite = ravi.request(sip::Method::Invite).await;
        ravi.reply(&invite, 180, "").await;
        let cancel = ravi.request(sip::Method::Cancel).await;
        ravi.reply(&cancel, 200, "").await;
        ravi.reply(&invite, 487, "").await;
    });
}

#[tokio::test]
async fn a_user_without_any_device_is_not_reachable_and_has_missed_the_call() {
    let office = Office::open().await;
    let mut asha = office.registered(1).await;
    let refusal = asha.refused("202", 480).await;
    assert_eq!(rule_of(&refusal).as_deref(), Some("not_reachable"));
    assert_eq!(office.record().missed, [domain::id::Serial(2)]);
}

#[tokio::test]
async fn settings_that_only_pages_know_change_nothing_on_the_wire() {
    can_register(json!({ "web_login_blocked": true })).await;
    can_be_called(json!({ "web_login_blocked": true, "missed_call_sms": true })).await;
}
