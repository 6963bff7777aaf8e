//! The transaction table replayed with virtual time: what is sent when, and what is told.

use sip::reason::Reason;
use sip::transaction::Delivery::{Reliable, Unreliable};
use sip::transaction::{Outgoing, Output, Received, ReceivedResponse, RequestError};
use sip::{HeaderName, Message, Status};

use crate::samples::{INVITE, REGISTER, parse};
use crate::stage::{PEER, Stage, ack_of, cancel_of, new, response};

#[test]
fn an_unanswered_invite_is_repeated_with_timer_a_and_given_up_with_timer_b() {
    let mut stage = Stage::new();
    stage.send(INVITE, Unreliable);
    stage.run_to(60_000);
    stage.expect(&[
        "0 INVITE",
        "500 INVITE",
        "1500 INVITE",
        "3500 INVITE",
        "7500 INVITE",
        "15500 INVITE",
        "31500 INVITE",
        "32000 TimedOut",
        "32000 end",
    ]);
    assert!(stage.table.is_empty());
}

#[test]
fn over_a_reliable_transport_nothing_is_repeated() {
    let mut stage = Stage::new();
    stage.send(INVITE, Reliable);
    stage.run_to(60_000);
    stage.expect(&["0 INVITE", "32000 TimedOut", "32000 end"]);
}

#[test]
fn a_provisional_response_stops_repeating_and_giving_up() {
    let mut stage = Stage::new();
    let id = stage.send(INVITE, Unreliable);
    stage.run_to(600);
    assert_eq!(stage.answered(INVITE, Status::RINGING), ReceivedResponse::Pass(id));
    stage.run_to(120_000);
    stage.expect(&["0 INVITE", "500 INVITE"]);
    assert_eq!(stage.table.len(), 1);
}

#[test]
fn a_refused_invite_is_acknowledged_every_time_the_refusal_comes() {
    let mut stage = Stage::new();
    let id = stage.send(INVITE, Unreliable);
    assert_eq!(stage.answered(INVITE, Status::BUSY_HERE), ReceivedResponse::Pass(id));
    stage.run_to(400);
    assert_eq!(stage.answered(INVITE, Status::BUSY_HERE), ReceivedResponse::Absorbed);
    assert_eq!(stage.answered(INVITE, Status::RINGING), ReceivedResponse::Absorbed);
    stage.run_to(60_000);
    stage.expect(&["0 INVITE", "0 ACK", "400 ACK", "32000 end"]);
}

#[test]
fn the_ack_of_a_refusal_repeats_the_invite_and_takes_the_tag() {
    let mut stage = Stage::new();
    let invite = INVITE.replace("Max-F", "Route: <sip:p.example;lr>\nMax-F");
    stage.send(&invite, Unreliable);
    let refusal = Message::parse(response(&invite, Status::BUSY_HERE)).unwrap();
    stage.table.receive_response(&refusal, stage.now);
    let mut sent = Vec::new();
    while let Some(output) = stage.table.next_output() {
        if let Output::Send { bytes, .. } = output {
            sent.push(Message::parse(bytes).unwrap());
        }
    }
    let ack = sent.last().unwrap();
    assert_eq!(ack.uri_text(), "sip:102@rollcall.example");
    assert_eq!(ack.via(), parse(&invite).via());
    assert_eq!(ack.vias().count(), 1);
    assert_eq!(ack.to_tag(), Some("t1"));
    assert_eq!(ack.text(HeaderName::CSeq), Some("7 ACK"));
    assert_eq!(ack.text(HeaderName::Route), Some("<sip:p.example;lr>"));
}

#[test]
fn an_accepted_invite_passes_every_2xx_until_timer_m() {
    let mut stage = Stage::new();
    let id = stage.send(INVITE, Unreliable);
    for at in [100, 600, 31_000] {
        stage.run_to(at);
        assert_eq!(stage.answered(INVITE, Status::OK), ReceivedResponse::Pass(id));
    }
    assert_eq!(stage.answered(INVITE, Status::BUSY_HERE), ReceivedResponse::Absorbed);
    stage.run_to(60_000);
    stage.expect(&["0 INVITE", "32100 end"]);
    assert_eq!(stage.answered(INVITE, Status::OK), ReceivedResponse::Stray);
}

#[test]
fn a_request_is_repeated_with_timer_e_and_given_up_with_timer_f() {
    let mut stage = Stage::new();
    stage.send(REGISTER, Unreliable);
    stage.run_to(60_000);
    stage.expect(&[
        "0 REGISTER",
        "500 REGISTER",
        "1500 REGISTER",
        "3500 REGISTER",
        "7500 REGISTER",
        "11500 REGISTER",
        "15500 REGISTER",
        "19500 REGISTER",
        "23500 REGISTER",
        "27500 REGISTER",
        "31500 REGISTER",
        "32000 TimedOut",
        "32000 end",
    ]);
}

#[test]
fn a_provisional_response_slows_timer_e_to_t2() {
    let mut stage = Stage::new();
    let id = stage.send(REGISTER, Unreliable);
    stage.run_to(100);
    assert_eq!(stage.answered(REGISTER, Status::TRYING), ReceivedResponse::Pass(id));
    stage.run_to(9_000);
    stage.expect(&["0 REGISTER", "500 REGISTER", "4500 REGISTER", "8500 REGISTER"]);
    assert_eq!(stage.answered(REGISTER, Status::OK), ReceivedResponse::Pass(id));
    assert_eq!(stage.answered(REGISTER, Status::OK), ReceivedResponse::Absorbed);
    stage.run_to(60_000);
    stage.expect(&["14000 end"]);
}

#[test]
fn a_refusal_is_repeated_with_timer_g_until_its_ack() {
    let mut stage = Stage::new();
    let id = new(stage.arrives(INVITE, Unreliable));
    stage.answer(id, INVITE, Status::TRYING);
    assert_eq!(stage.arrives(INVITE, Unreliable), Received::Absorbed);
    stage.answer(id, INVITE, Status::BUSY_HERE);
    stage.run_to(10_000);
    stage.expect(&["0 100", "0 100", "0 486", "500 486", "1500 486", "3500 486", "7500 486"]);
    assert_eq!(stage.arrives(&ack_of(INVITE), Unreliable), Received::Absorbed);
    assert_eq!(stage.arrives(INVITE, Unreliable), Received::Absorbed);
    stage.run_to(60_000);
    stage.expect(&["10000 Acknowledged", "15000 end"]);
}

#[test]
fn a_refusal_without_ack_ends_with_timer_h() {
    let mut stage = Stage::new();
    let id = new(stage.arrives(INVITE, Reliable));
    stage.answer(id, INVITE, Status::BUSY_HERE);
    stage.run_to(60_000);
    stage.expect(&["0 486", "32000 NotAcknowledged", "32000 end"]);
}

#[test]
fn an_accepted_invite_leaves_repeating_to_the_dialog_and_absorbs_the_peers() {
    let mut stage = Stage::new();
    let id = new(stage.arrives(INVITE, Unreliable));
    stage.answer(id, INVITE, Status::OK);
    assert_eq!(stage.arrives(INVITE, Unreliable), Received::Absorbed);
    stage.answer(id, INVITE, Status::OK);
    stage.answer(id, INVITE, Status::BUSY_HERE);
    assert_eq!(stage.arrives(&ack_of(INVITE), Unreliable), Received::Ack);
    stage.run_to(60_000);
    stage.expect(&["0 200", "0 200", "32000 end"]);
}

#[test]
fn a_repeated_request_gets_the_same_answer_until_timer_j() {
    let mut stage = Stage::new();
    let id = new(stage.arrives(REGISTER, Unreliable));
    assert_eq!(stage.arrives(REGISTER, Unreliable), Received::Absorbed);
    stage.answer(id, REGISTER, Status::OK);
    stage.run_to(5_000);
    assert_eq!(stage.arrives(REGISTER, Unreliable), Received::Absorbed);
    stage.run_to(60_000);
    stage.expect(&["0 200", "5000 200", "32000 end"]);
    let id = new(stage.arrives(REGISTER, Reliable));
    stage.answer(id, REGISTER, Status::OK);
    stage.expect(&["60000 200", "60000 end"]);
}

#[test]
fn a_cancel_finds_its_invite_until_that_is_answered() {
    let mut stage = Stage::new();
    let none = stage.arrives(&cancel_of(INVITE), Unreliable);
    assert!(matches!(none, Received::Cancel { invite: None, .. }));
    let other = INVITE.replace("z9hG4bK-i1", "z9hG4bK-i2");
    let id = new(stage.arrives(&other, Unreliable));
    let cancel = stage.arrives(&cancel_of(&other), Unreliable);
    let Received::Cancel { transaction, invite } = cancel else { panic!("{cancel:?}") };
    assert_eq!(invite, Some(id));
    stage.answer(transaction, &cancel_of(&other), Status::OK);
    stage.answer(id, &other, Status::REQUEST_TERMINATED);
    stage.expect(&["0 200", "0 487"]);
}

#[test]
fn our_cancel_waits_for_a_provisional_response() {
    let mut stage = Stage::new();
    let id = stage.send(INVITE, Unreliable);
    stage.table.cancel(id, Some(&Reason::answered_elsewhere()), stage.now).unwrap();
    stage.expect(&["0 INVITE"]);
    stage.run_to(100);
    stage.answered(INVITE, Status::RINGING);
    stage.expect(&["100 CANCEL"]);
    stage.answered(INVITE, Status::RINGING);
    stage.answered(&cancel_of(INVITE), Status::OK);
    stage.answered(INVITE, Status::REQUEST_TERMINATED);
    stage.expect(&["100 ACK"]);
}

#[test]
fn a_cancelled_invite_that_never_ends_is_given_up() {
    let mut stage = Stage::new();
    let id = stage.send(INVITE, Reliable);
    stage.answered(INVITE, Status::RINGING);
    stage.table.cancel(id, None, stage.now).unwrap();
    stage.answered(&cancel_of(INVITE), Status::OK);
    stage.run_to(60_000);
    stage.expect(&["0 INVITE", "0 CANCEL", "0 end", "32000 TimedOut", "32000 end"]);
}

#[test]
fn a_cancel_after_the_answer_does_nothing() {
    let mut stage = Stage::new();
    let id = stage.send(INVITE, Reliable);
    stage.answered(INVITE, Status::OK);
    stage.table.cancel(id, None, stage.now).unwrap();
    stage.run_to(1_000);
    stage.expect(&["0 INVITE"]);
}

#[test]
fn a_cancel_carries_its_reason() {
    let mut stage = Stage::new();
    let id = stage.send(INVITE, Reliable);
    stage.answered(INVITE, Status::RINGING);
    stage.table.cancel(id, Some(&Reason::answered_elsewhere()), stage.now).unwrap();
    let Some(Output::Send { bytes, .. }) = stage.table.next_output() else { panic!("no CANCEL") };
    let cancel = Message::parse(bytes).unwrap();
    let reason = cancel.reasons().next().unwrap();
    assert_eq!((reason.protocol.as_ref(), reason.cause), ("SIP", Some(200)));
    assert_eq!(cancel.via().branch(), Some("z9hG4bK-i1"));
}

#[test]
fn a_transport_failure_ends_a_client_and_is_told() {
    let mut stage = Stage::new();
    let id = stage.send(INVITE, Reliable);
    stage.table.transport_failed(id, stage.now);
    stage.drain();
    stage.expect(&["0 INVITE", "0 TransportFailed", "0 end"]);
    assert!(stage.table.is_empty());
}

#[test]
fn a_full_table_says_so_and_takes_no_more() {
    let mut stage = Stage::with_limit(1);
    let id = new(stage.arrives(REGISTER, Reliable));
    assert_eq!(stage.arrives(INVITE, Reliable), Received::Full);
    let invite = parse(INVITE);
    let refused = stage.table.request(Outgoing::of(&invite), PEER, Reliable, stage.now);
    assert_eq!(refused, Err(RequestError::Full));
    stage.answer(id, REGISTER, Status::OK);
    new(stage.arrives(INVITE, Reliable));
}

#[test]
fn a_branch_in_use_and_an_ack_are_refused() {
    let mut stage = Stage::new();
    stage.send(INVITE, Reliable);
    let (invite, ack) = (parse(INVITE), parse(&ack_of(INVITE)));
    let twice = stage.table.request(Outgoing::of(&invite), PEER, Reliable, stage.now);
    assert_eq!(twice, Err(RequestError::BranchInUse));
    let refused = stage.table.request(Outgoing::of(&ack), PEER, Reliable, stage.now);
    assert_eq!(refused, Err(RequestError::Ack));
}

#[test]
fn requests_are_told_apart_by_branch_sender_and_method() {
    let mut stage = Stage::new();
    new(stage.arrives(REGISTER, Reliable));
    new(stage.arrives(&REGISTER.replace("z9hG4bK-r1", "z9hG4bK-r2"), Reliable));
    new(stage.arrives(&REGISTER.replace("UDP 192.0.2.10", "UDP 192.0.2.11"), Reliable));
    new(stage.arrives(
        &REGISTER.replace("REGISTER sip", "OPTIONS sip").replace("1 REG", "1 OPTIONS\nX: "),
        Reliable,
    ));
    assert_eq!(stage.arrives(REGISTER, Reliable), Received::Absorbed);
    assert_eq!(stage.table.len(), 4);
}

#[test]
fn clients_of_rfc_2543_are_matched_without_a_branch() {
    let mut stage = Stage::new();
    let older = INVITE.replace(";branch=z9hG4bK-i1", "");
    let id = new(stage.arrives(&older, Unreliable));
    assert_eq!(stage.arrives(&older, Unreliable), Received::Absorbed);
    stage.answer(id, &older, Status::BUSY_HERE);
    let ack = ack_of(&older)
        .replace("To: <sip:102@rollcall.example>", "To: <sip:102@rollcall.example>;tag=t1");
    assert_eq!(stage.arrives(&ack, Unreliable), Received::Absorbed);
    new(stage.arrives(&older.replace("7 INVITE", "8 INVITE"), Unreliable));
}

#[test]
fn stray_messages_are_passed_on_or_named_so() {
    let mut stage = Stage::new();
    assert_eq!(stage.arrives(&ack_of(INVITE), Unreliable), Received::Ack);
    assert_eq!(stage.answered(INVITE, Status::OK), ReceivedResponse::Stray);
    assert!(stage.table.is_empty());
}

#[test]
fn many_answered_requests_leave_nothing_behind() {
    let mut stage = Stage::with_limit(10_000);
    for number in 0..5_000 {
        let text = REGISTER.replace("z9hG4bK-r1", &format!("z9hG4bK-{number}"));
        stage.send(&text, Unreliable);
        stage.answered(&text, Status::OK);
    }
    stage.run_to(100_000);
    assert!(stage.table.is_empty());
    assert_eq!(stage.table.next_timeout(), None);
}
