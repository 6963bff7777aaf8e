//! Calls to teams ring their members in the strategy's order.

use domain::call::{CallRecord, CallResult};
use domain::id::Serial;
use domain::resource::{Destination, RingStrategy, Team};
use serde_json::json;
use sip::{HeaderName, Method};

use crate::line::connect;
use crate::office::{Office, REALM, config, team, team_id, user_id};
use crate::phone::{ANSWER, Phone, rule_of};

async fn office_with(strategy: RingStrategy, edit: impl FnOnce(&mut Team)) -> Office {
    let mut office = Office::open().await;
    let mut team = team(1, strategy, &[2, 3]);
    edit(&mut team);
    office.put(team);
    for serial in [2, 3] {
        office.set(serial, json!({ "groups": [team_id(1)] })).await;
    }
    office
}

async fn is_stopped(phone: &mut Phone) {
    let invite = phone.request(Method::Invite).await;
    phone.reply(&invite, 180, "").await;
    let cancel = phone.request(Method::Cancel).await;
    phone.reply(&cancel, 200, "").await;
    phone.reply(&invite, 487, "").await;
    phone.request(Method::Ack).await;
}

#[tokio::test]
async fn a_parallel_team_rings_together_and_nobody_has_missed_what_a_colleague_answered() {
    let office = office_with(RingStrategy::Parallel, |_| {}).await;
    let mut asha = office.registered(1).await;
    let (mut ravi, mut mina) = (office.registered(2).await, office.registered(3).await);
    let (lines, ()) = tokio::join!(connect(&mut asha, &mut ravi, "601"), is_stopped(&mut mina));
    let (mut line, _) = lines;
    tokio::join!(asha.hang_up(&mut line), ravi.is_hung_up());
    let record = office.record();
    assert_eq!((record.team, record.answered_by), (Some(team_id(1)), Some(Serial(2))));
    assert!(record.missed.is_empty());
    assert_eq!(office.calls.facts(&office.user(3)).calls, 0);
}

#[tokio::test]
async fn one_of_a_team_who_sends_his_call_on_leaves_the_others_ringing() {
    let office = office_with(RingStrategy::Parallel, |_| {}).await;
    let mut asha = office.registered(1).await;
    let (mut ravi, mut mina) = (office.registered(2).await, office.registered(3).await);
    let mut neha = office.registered(4).await;
    // Whoever answers, the one the call was sent on to rings until then.
    let elsewhere = [(HeaderName::Contact, format!("<sip:204@{REALM}>"))];
    let redirects = async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply_with(&invite, 302, &elsewhere, "").await;
        ravi.request(Method::Ack).await;
    };
    let rings = async {
        let invite = neha.request(Method::Invite).await;
        neha.reply(&invite, 180, "").await;
        invite
    };
    let answers = async {
        let invite = mina.request(Method::Invite).await;
        mina.reply(&invite, 180, "").await;
        rings.await;
        mina.reply(&invite, 200, ANSWER).await;
        mina.request(Method::Ack).await;
    };
    let calls = async {
        let (invite, mut answer) = asha.call("601").await;
        while answer.status().unwrap().is_provisional() {
            answer = asha.answer().await;
        }
        assert_eq!(answer.status().unwrap().code(), 200);
        asha.calling_line(invite, &answer).await;
    };
    tokio::join!(calls, answers, redirects);
    assert_eq!(office.calls.live_calls(None).await[0].answered_by, Some(Serial(3)));
}

#[tokio::test]
async fn a_sequential_team_rings_the_next_when_one_declines() {
    let office = office_with(RingStrategy::Sequential, |_| {}).await;
    let mut asha = office.registered(1).await;
    let (mut ravi, mut mina) = (office.registered(2).await, office.registered(3).await);
    let declines = async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply(&invite, 486, "").await;
        ravi.request(Method::Ack).await;
    };
    tokio::join!(connect(&mut asha, &mut mina, "601"), declines);
}

#[tokio::test]
async fn a_round_robin_team_begins_behind_the_one_who_rang_first() {
    let office = office_with(RingStrategy::RoundRobin, |_| {}).await;
    let mut asha = office.registered(1).await;
    let (mut ravi, mut mina) = (office.registered(2).await, office.registered(3).await);
    for _ in 0..2 {
        let (mut line, _) = connect(&mut asha, &mut ravi, "601").await;
        tokio::join!(asha.hang_up(&mut line), ravi.is_hung_up());
        let (mut line, _) = connect(&mut asha, &mut mina, "601").await;
        tokio::join!(asha.hang_up(&mut line), mina.is_hung_up());
    }
}

#[tokio::test]
async fn the_least_busy_member_rings_first() {
    let office = office_with(RingStrategy::LeastBusy, |_| {}).await;
    let mut asha = office.registered(1).await;
    let (mut ravi, mut mina) = (office.registered(2).await, office.registered(3).await);
    let (mut line, _) = connect(&mut asha, &mut ravi, "202").await;
    tokio::join!(asha.hang_up(&mut line), ravi.is_hung_up());
    connect(&mut asha, &mut mina, "601").await;
}

#[tokio::test]
async fn the_member_idle_for_longest_rings_first() {
    let office = office_with(RingStrategy::LongestIdle, |_| {}).await;
    let mut asha = office.registered(1).await;
    let (mut ravi, mut mina) = (office.registered(2).await, office.registered(3).await);
    let (mut line, _) = connect(&mut asha, &mut mina, "203").await;
    tokio::join!(asha.hang_up(&mut line), mina.is_hung_up());
    office.pass_seconds(60);
    let (mut line, _) = connect(&mut asha, &mut ravi, "202").await;
    tokio::join!(asha.hang_up(&mut line), ravi.is_hung_up());
    connect(&mut asha, &mut mina, "601").await;
}

/// Vendors' `timeout` of a department; the server's own ring time is longer than a phone waits here.
#[tokio::test]
async fn who_does_not_answer_rings_for_the_teams_seconds_and_then_the_next_does() {
    let office = office_with(RingStrategy::Sequential, |team| team.ring_seconds = 1).await;
    let mut asha = office.registered(1).await;
    let (mut ravi, mut mina) = (office.registered(2).await, office.registered(3).await);
    let ((mut line, _), ()) =
        tokio::join!(connect(&mut asha, &mut mina, "601"), is_stopped(&mut ravi));
    tokio::join!(asha.hang_up(&mut line), mina.is_hung_up());
    let record = office.record();
    assert_eq!((record.answered_by, record.missed.len()), (Some(Serial(3)), 0));
}

#[tokio::test]
async fn an_unanswered_team_fails_over() {
    let failover = Some(Destination::User(user_id(4)));
    let office = office_with(RingStrategy::Parallel, |team| team.failover = failover).await;
    let (mut asha, mut last) = (office.registered(1).await, office.registered(4).await);
    connect(&mut asha, &mut last, "601").await;
}

#[tokio::test]
async fn only_members_who_were_rung_are_on_the_record() {
    let office = office_with(RingStrategy::Parallel, |_| {}).await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    office.set(3, json!({ "presence": "break" })).await;
    let (mut line, _) = connect(&mut asha, &mut ravi, "601").await;
    tokio::join!(asha.hang_up(&mut line), ravi.is_hung_up());
    let record = office.record();
    assert_eq!(record.users, [Serial(1), Serial(2)]);
    assert!(record.decisions.iter().any(|it| it.decision.rule.word() == "on_break"));
}

#[tokio::test]
async fn a_team_of_which_nobody_is_there_is_unavailable() {
    let office = office_with(RingStrategy::Parallel, |_| {}).await;
    let mut asha = office.registered(1).await;
    let refusal = asha.refused("601", 480).await;
    assert_eq!(rule_of(&refusal).as_deref(), Some("nobody_available"));
    assert_eq!(office.record().result, CallResult::Missed);
}

#[tokio::test]
async fn teams_that_fail_over_to_each_other_do_not_go_round_for_ever() {
    let mut office = Office::open().await;
    for (one, two) in [(1, 2), (2, 1)] {
        let mut it = team(one, RingStrategy::Parallel, &[]);
        it.failover = Some(Destination::Team(team_id(two)));
        office.put(it);
    }
    office.registered(1).await.refused("601", 482).await;
}

/// The records of before, newest first, as the server hands them over.
fn recall(office: &Office, mut records: Vec<CallRecord>) {
    records.reverse();
    office.calls.recall(&records);
}

#[tokio::test]
async fn after_a_restart_teams_ring_by_what_was_before() {
    for strategy in [RingStrategy::LeastBusy, RingStrategy::LongestIdle, RingStrategy::RoundRobin] {
        let before = office_with(strategy, |_| {}).await;
        let (mut asha, mut ravi) = (before.registered(1).await, before.registered(2).await);
        let (mut line, _) = connect(&mut asha, &mut ravi, "601").await;
        tokio::join!(asha.hang_up(&mut line), ravi.is_hung_up());
        before.pass_seconds(60);
        let records = before.records();
        assert_eq!(records.len(), 1);
        let office = Office::reopen(&before, config(), Vec::new()).await;
        recall(&office, records);
        let mut asha = office.registered(1).await;
        let (_ravi, mut mina) = (office.registered(2).await, office.registered(3).await);
        connect(&mut asha, &mut mina, "601").await;
    }
}
