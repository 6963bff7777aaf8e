//! Dialogs from both ends: identifiers, order, routes, forks, and the 2xx that waits for its ACK.

use std::time::Duration;

use bytes::Bytes;
use sip::dialog::{
    AnswerRepeater, Dialog, DialogError, DialogState, FORKS_MAX, Fork, Forks, Opening, RepeatStep,
};
use sip::message::{ResponseHead, ViaLine};
use sip::transaction::Timers;
use sip::{HeaderName, Message, MessageWriter, Method, Status};

use crate::samples::{INVITE, parse};

const VIA: ViaLine<'_> =
    ViaLine { transport: "UDP", sent_by: "192.0.2.1:5060", branch: "z9hG4bKnew" };

fn answer(request: &Message, status: Status, tag: &str, headers: &str) -> Message {
    let mut out = Vec::new();
    let head = ResponseHead { status, to_tag: tag, source: None };
    let bytes = MessageWriter::response(&mut out, request, head).finish().to_vec();
    let text = String::from_utf8(bytes).unwrap();
    let headers = headers.replace('\n', "\r\n");
    parse_wire(&text.replace("Content-Length", &format!("{headers}Content-Length")))
}

fn parse_wire(text: &str) -> Message {
    Message::parse(Bytes::from(text.to_owned())).unwrap()
}

const CONTACT: &str = "Contact: <sip:102@192.0.2.20:5080>\n";

fn next(dialog: &mut Dialog, method: Method) -> Message {
    let mut out = Vec::new();
    Message::parse_copy(dialog.request(&mut out, method, VIA).finish()).unwrap()
}

/// A request of the caller of `INVITE`, in the dialog we answered with tag `t1`.
fn from_caller(method: &str, number: u32) -> Message {
    parse(
        &INVITE
            .replacen("INVITE", method, 1)
            .replace("7 INVITE", &format!("{number} {method}"))
            .replace("To: <sip:102@rollcall.example>", "To: <sip:102@rollcall.example>;tag=t1")
            .replace("<sip:101@192.0.2.10:5070>", "<sip:101@192.0.2.99>"),
    )
}

fn answering() -> Dialog {
    let mut dialog = Dialog::answering(&parse(INVITE), "t1").unwrap();
    dialog.confirm();
    dialog.answered(7);
    dialog
}

#[test]
fn both_ends_name_the_dialog_with_swapped_tags() {
    let invite = parse(INVITE);
    let ours = Dialog::answering(&invite, "t1").unwrap();
    let theirs =
        Dialog::calling(&Opening::of(&invite), &answer(&invite, Status::OK, "t1", CONTACT))
            .unwrap();
    assert_eq!(ours.id().local_tag, theirs.id().remote_tag);
    assert_eq!(ours.id().remote_tag, theirs.id().local_tag);
    assert!(ours.id().is_of_request(&from_caller("BYE", 8)));
    assert!(!ours.id().is_of_request(&invite));
    assert_eq!((ours.state(), theirs.state()), (DialogState::Early, DialogState::Confirmed));
}

#[test]
fn requests_of_the_answering_side_go_back_to_the_contact_through_the_routes() {
    let text = INVITE
        .replace("Contact", "Record-Route: <sip:p1.example;lr>, <sip:p2.example;lr>\nContact");
    let mut dialog = Dialog::answering(&parse(&text), "t1").unwrap();
    dialog.confirm();
    let bye = next(&mut dialog, Method::Bye);
    assert_eq!(bye.uri_text(), "sip:101@192.0.2.10:5070");
    let routes: Vec<_> = bye.routes().map(|route| route.uri_text).collect();
    assert_eq!(routes, ["sip:p1.example;lr", "sip:p2.example;lr"]);
    assert_eq!(dialog.next_hop(), "sip:p1.example;lr");
    assert_eq!(bye.from_tag(), Some("t1"));
    assert_eq!(bye.to_tag(), Some("f1"));
    assert_eq!(bye.call_id(), b"call-1@192.0.2.10");
    assert_eq!(bye.cseq().number, 1);
    assert_eq!(next(&mut dialog, Method::Info).cseq().number, 2);
}

#[test]
fn requests_of_the_calling_side_take_the_routes_the_other_way_round() {
    let invite = parse(INVITE);
    let routes =
        format!("Record-Route: <sip:p1.example;lr>\nRecord-Route: <sip:p2.example;lr>\n{CONTACT}");
    let mut dialog =
        Dialog::calling(&Opening::of(&invite), &answer(&invite, Status::OK, "t1", &routes))
            .unwrap();
    let bye = next(&mut dialog, Method::Bye);
    assert_eq!(bye.uri_text(), "sip:102@192.0.2.20:5080");
    let routes: Vec<_> = bye.routes().map(|route| route.uri_text).collect();
    assert_eq!(routes, ["sip:p2.example;lr", "sip:p1.example;lr"]);
    assert_eq!(bye.cseq().number, 8);
    let mut out = Vec::new();
    let ack = Message::parse_copy(dialog.ack(&mut out, 7, VIA).finish()).unwrap();
    assert_eq!(ack.text(HeaderName::CSeq), Some("7 ACK"));
    assert_eq!(ack.method(), Method::Ack);
}

#[test]
fn a_strict_router_finds_itself_in_the_request_uri() {
    let text =
        INVITE.replace("Contact", "Record-Route: <sip:old.example>, <sip:p2.example;lr>\nContact");
    let mut dialog = Dialog::answering(&parse(&text), "t1").unwrap();
    let bye = next(&mut dialog, Method::Bye);
    assert_eq!(bye.uri_text(), "sip:old.example");
    let routes: Vec<_> = bye.routes().map(|route| route.uri_text).collect();
    assert_eq!(routes, ["sip:p2.example;lr", "sip:101@192.0.2.10:5070"]);
}

#[test]
fn requests_out_of_order_are_refused() {
    let mut dialog = answering();
    assert_eq!(dialog.receive_request(&from_caller("INFO", 9)), Ok(()));
    assert_eq!(dialog.receive_request(&from_caller("INFO", 9)), Err(Status::SERVER_ERROR));
    assert_eq!(dialog.receive_request(&from_caller("INFO", 8)), Err(Status::SERVER_ERROR));
    assert_eq!(dialog.receive_request(&from_caller("ACK", 7)), Ok(()));
    assert_eq!(dialog.receive_request(&from_caller("BYE", 20)), Ok(()));
    dialog.terminate();
    assert_eq!(dialog.receive_request(&from_caller("INFO", 21)), Err(Status::NO_SUCH_CALL));
}

#[test]
fn crossing_offers_are_refused_as_glare() {
    let mut dialog = answering();
    next(&mut dialog, Method::Invite);
    assert!(dialog.has_open_offer());
    assert_eq!(dialog.receive_request(&from_caller("INVITE", 8)), Err(Status::REQUEST_PENDING));
    let reinvite = next(&mut answering(), Method::Invite);
    dialog.receive_response(&answer(&reinvite, Status::REQUEST_PENDING, "", ""));
    assert_eq!(dialog.receive_request(&from_caller("INVITE", 9)), Ok(()));
    assert_eq!(dialog.receive_request(&from_caller("UPDATE", 10)), Err(Status::SERVER_ERROR));
    dialog.answered(9);
    assert!(!dialog.has_open_offer());
}

#[test]
fn a_reinvite_moves_the_target_and_an_info_does_not() {
    let mut dialog = answering();
    dialog.receive_request(&from_caller("INFO", 8)).unwrap();
    assert_eq!(dialog.target(), "sip:101@192.0.2.10:5070");
    dialog.receive_request(&from_caller("INVITE", 9)).unwrap();
    assert_eq!(dialog.target(), "sip:101@192.0.2.99");
}

#[test]
fn an_early_dialog_takes_the_routes_of_the_2xx() {
    let invite = parse(INVITE);
    let early = format!("Record-Route: <sip:p1.example;lr>\n{CONTACT}");
    let mut dialog =
        Dialog::calling(&Opening::of(&invite), &answer(&invite, Status::RINGING, "t1", &early))
            .unwrap();
    assert_eq!(dialog.state(), DialogState::Early);
    assert!(dialog.has_open_offer());
    let other = "Record-Route: <sip:p9.example;lr>\nContact: <sip:102@192.0.2.21>\n";
    dialog.receive_response(&answer(&invite, Status::OK, "t1", other));
    assert_eq!(dialog.state(), DialogState::Confirmed);
    assert_eq!(dialog.next_hop(), "sip:p9.example;lr");
    assert_eq!(dialog.target(), "sip:102@192.0.2.21");
    assert!(!dialog.has_open_offer());
}

#[test]
fn a_481_or_a_time_out_ends_the_dialog() {
    let mut dialog = answering();
    let info = next(&mut dialog, Method::Info);
    dialog.receive_response(&answer(&info, Status::NO_SUCH_CALL, "", ""));
    assert_eq!(dialog.state(), DialogState::Terminated);
    let mut dialog = answering();
    let number = next(&mut dialog, Method::Invite).cseq().number;
    dialog.request_timed_out(number);
    assert_eq!((dialog.state(), dialog.has_open_offer()), (DialogState::Terminated, false));
}

#[test]
fn a_dialog_needs_tags_and_a_contact() {
    let invite = parse(INVITE);
    let cause = |status, tag, headers| {
        Dialog::calling(&Opening::of(&invite), &answer(&invite, status, tag, headers)).err()
    };
    assert_eq!(cause(Status::OK, "", CONTACT), Some(DialogError::Tag));
    assert_eq!(cause(Status::OK, "t1", ""), Some(DialogError::Contact));
    let routes = format!("Record-Route: \"broken\n{CONTACT}");
    assert_eq!(cause(Status::OK, "t1", &routes), Some(DialogError::Route));
    let many = format!("{}{CONTACT}", "Record-Route: <sip:p.example;lr>\n".repeat(33));
    assert_eq!(cause(Status::OK, "t1", &many), Some(DialogError::Route));
}

#[test]
fn of_several_forks_one_wins_and_the_others_are_to_be_ended() {
    let invite = parse(INVITE);
    let mut forks = Forks::default();
    let mut take = |status, tag, headers| {
        forks.receive(&Opening::of(&invite), &answer(&invite, status, tag, headers))
    };
    assert_eq!(take(Status::TRYING, "", ""), Ok(Fork::None));
    assert_eq!(take(Status::RINGING, "", ""), Ok(Fork::None));
    assert_eq!(take(Status::RINGING, "a", CONTACT), Ok(Fork::Early));
    assert_eq!(take(Status::RINGING, "b", CONTACT), Ok(Fork::Early));
    assert_eq!(take(Status::OK, "b", CONTACT), Ok(Fork::Won));
    assert_eq!(take(Status::OK, "b", CONTACT), Ok(Fork::Repeated));
    assert_eq!(take(Status::OK, "c", CONTACT), Ok(Fork::Extra));
    assert_eq!(take(Status::OK, "d", ""), Err(DialogError::Contact));
    assert_eq!(take(Status::BUSY_HERE, "e", ""), Ok(Fork::None));
    assert_eq!(forks.dialogs().len(), 3);
    assert_eq!(forks.into_winner().unwrap().id().remote_tag.as_ref(), "b");
}

#[test]
fn invented_tags_make_no_endless_dialogs() {
    let invite = parse(INVITE);
    let mut forks = Forks::default();
    for number in 0..FORKS_MAX {
        let response = answer(&invite, Status::RINGING, &format!("t{number}"), CONTACT);
        assert_eq!(forks.receive(&Opening::of(&invite), &response), Ok(Fork::Early));
    }
    let response = answer(&invite, Status::OK, "more", CONTACT);
    assert_eq!(forks.receive(&Opening::of(&invite), &response), Ok(Fork::TooMany));
}

#[test]
fn a_2xx_is_repeated_until_its_ack_or_64_times_t1() {
    let start = Duration::from_secs(5);
    let bytes = Bytes::from_static(b"SIP/2.0 200 OK");
    let mut repeater = AnswerRepeater::new(bytes.clone(), 7, &Timers::default(), start);
    let mut sent = Vec::new();
    let gave_up = loop {
        let now = repeater.next_timeout();
        match repeater.step(now) {
            RepeatStep::Send(again) => {
                assert_eq!(again, bytes);
                sent.push(now.checked_sub(start).unwrap().as_millis());
            }
            RepeatStep::GiveUp => break now.checked_sub(start).unwrap(),
            RepeatStep::Wait => panic!("nothing to do at {now:?}"),
        }
        assert_eq!(repeater.step(now), RepeatStep::Wait);
    };
    assert_eq!(sent, [500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500]);
    assert_eq!(gave_up.as_millis(), 32_000);
    assert!(repeater.is_acknowledged_by(7) && !repeater.is_acknowledged_by(8));
}
