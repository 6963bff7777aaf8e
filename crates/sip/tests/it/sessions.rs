//! Session timers, transfers and session descriptions.

use std::time::Duration;

use sip::dialog::{
    IntervalTooSmall, ReferError, ReferTarget, SessionStep, SessionTimerPolicy, SubscriptionState,
    sipfrag, sipfrag_status,
};
use sip::message::ResponseHead;
use sip::sdp::{Bridge, Direction, Profile, SDP_BYTES_MAX, Sdp, SdpError};
use sip::{HeaderName, Message, MessageWriter, Status};

use crate::samples::{INVITE, parse};

const NOW: Duration = Duration::from_secs(100);
const POLICY: SessionTimerPolicy = SessionTimerPolicy { seconds: 600, seconds_min: 120 };

fn after(seconds: u64) -> Duration {
    NOW + Duration::from_secs(seconds)
}

fn response(request: &Message, headers: &[(HeaderName, &str)], status: Status) -> Message {
    let mut out = Vec::new();
    let head = ResponseHead { status, to_tag: "t1", source: None };
    let mut writer = MessageWriter::response(&mut out, request, head);
    for (name, value) in headers {
        writer.header(*name, value);
    }
    Message::parse_copy(writer.finish()).unwrap()
}

fn answered(request: &str) -> Message {
    let request = parse(request);
    let timer = POLICY.answer(&request, NOW).unwrap();
    let mut out = Vec::new();
    let head = ResponseHead { status: Status::OK, to_tag: "t1", source: None };
    let mut writer = MessageWriter::response(&mut out, &request, head);
    timer.write_answer(&mut writer);
    Message::parse_copy(writer.finish()).unwrap()
}

#[test]
fn the_smaller_interval_wins_and_the_named_refresher_refreshes() {
    let timer = POLICY.answer(&parse(INVITE), NOW).unwrap();
    assert_eq!(timer.interval(), Duration::from_mins(10));
    assert!(!timer.we_refresh());
    assert_eq!(timer.step(after(567)), SessionStep::Wait);
    assert_eq!(timer.step(after(568)), SessionStep::Expired);
    let said = answered(INVITE);
    assert_eq!(said.text(HeaderName::SessionExpires), Some("600;refresher=uac"));
    assert_eq!(said.text(HeaderName::Require), Some("timer"));
}

#[test]
fn a_refresher_acts_after_half_the_interval() {
    let timer = POLICY.answer(&parse(&INVITE.replace("=uac", "=uas")), NOW).unwrap();
    assert!(timer.we_refresh());
    assert_eq!(timer.next_timeout(), after(300));
    assert_eq!(timer.step(after(299)), SessionStep::Wait);
    assert_eq!(timer.step(after(300)), SessionStep::Refresh);
}

#[test]
fn a_refused_refresh_is_tried_again_until_the_interval_ends() {
    let timer = POLICY.answer(&parse(&INVITE.replace("=uac", "=uas")), NOW).unwrap();
    let under_way = timer.refreshing();
    assert_eq!(under_way.step(after(300)), SessionStep::Wait);
    assert_eq!(under_way.next_timeout(), after(568));
    let again = under_way.again_at(after(303));
    assert_eq!(again.next_timeout(), after(303));
    assert_eq!(again.step(after(302)), SessionStep::Wait);
    assert_eq!(again.step(after(303)), SessionStep::Refresh);
    // The interval is the old one: what was refused has refreshed nothing.
    assert_eq!(again.refreshing().step(after(568)), SessionStep::Expired);
    assert_eq!(again.again_at(after(900)).next_timeout(), after(568));
}

#[test]
fn a_peer_without_timers_is_refreshed_by_us() {
    let plain = INVITE.replace("timer, ", "").replace("Session-Expires: 1800;refresher=uac\n", "");
    assert!(POLICY.answer(&parse(&plain), NOW).unwrap().we_refresh());
    assert_eq!(answered(&plain).text(HeaderName::SessionExpires), Some("600;refresher=uas"));
    assert_eq!(answered(&plain).text(HeaderName::Require), None);
}

#[test]
fn too_small_an_interval_is_refused_with_the_least() {
    let short = INVITE.replace("1800;refresher=uac", "100");
    let refused = POLICY.answer(&parse(&short), NOW);
    assert_eq!(refused, Err(IntervalTooSmall { seconds_min: 120 }));
    let foreign = short.replace("timer, ", "");
    assert_eq!(POLICY.answer(&parse(&foreign), NOW).unwrap().interval().as_secs(), 120);
    let high = INVITE.replace("Min-SE: 90", "Min-SE: 900");
    assert_eq!(POLICY.answer(&parse(&high), NOW).unwrap().interval().as_secs(), 900);
}

#[test]
fn the_calling_side_obeys_the_answer_and_tries_again_after_422() {
    let invite = parse(INVITE);
    let agreed = |headers: &[(HeaderName, &str)]| {
        POLICY.agreed(&response(&invite, headers, Status::OK), NOW)
    };
    let timer = agreed(&[(HeaderName::SessionExpires, "300;refresher=uas")]);
    assert_eq!((timer.interval().as_secs(), timer.we_refresh()), (300, false));
    assert!(agreed(&[(HeaderName::SessionExpires, "300;refresher=uac")]).we_refresh());
    assert!(agreed(&[]).we_refresh());
    let min_se = [(HeaderName::MinSe, "3600")];
    let refused = response(&invite, &min_se, Status::SESSION_INTERVAL_TOO_SMALL);
    assert_eq!(POLICY.retry_after(&refused), Some(3600));
    assert_eq!(POLICY.retry_after(&response(&invite, &min_se, Status::OK)), None);
    let mut out = Vec::new();
    let mut writer = MessageWriter::request(&mut out, sip::Method::Invite, "sip:a@b");
    POLICY.write_request(Some(3600), &mut writer);
    let text = String::from_utf8(writer.finish().to_vec()).unwrap();
    assert!(text.contains("\r\nSession-Expires: 3600\r\nMin-SE: 3600\r\n"), "{text}");
}

fn refer(to: &str) -> Message {
    parse(
        &INVITE
            .replace("INVITE sip", "REFER sip")
            .replace("7 INVITE", "7 REFER")
            .replace("Min-SE: 90\n", to),
    )
}

#[test]
fn a_blind_transfer_names_its_target() {
    let message = refer(
        "Refer-To: \"B\" <sip:103@rollcall.example;method=INVITE;x=1?Subject=hi>\nRefer-Sub: false\n",
    );
    let target = ReferTarget::of(&message).unwrap();
    assert_eq!(target.uri, "sip:103@rollcall.example;x=1");
    assert!(target.without_subscription);
    assert!(target.replaces().is_none());
}

#[test]
fn an_attended_transfer_names_the_dialog_it_takes_over() {
    let message =
        refer("r: <sip:103@rollcall.example?Replaces=c1%40x%3Bto-tag%3Da%3Bfrom-tag%3Db&X=1>\n");
    let target = ReferTarget::of(&message).unwrap();
    assert_eq!(target.uri, "sip:103@rollcall.example");
    let replaces = target.replaces().unwrap();
    assert_eq!((replaces.call_id, replaces.to_tag, replaces.from_tag), ("c1@x", "a", "b"));
}

#[test]
fn transfers_that_make_no_sense_are_refused() {
    for (to, cause) in [
        ("", ReferError::Count),
        ("Refer-To: <sip:a@b>, <sip:c@d>\n", ReferError::Count),
        ("Refer-To: <sip:a@b\n", ReferError::Malformed),
        ("Refer-To: <sip:@>\n", ReferError::Malformed),
        ("Refer-To: <sip:a@b;method=BYE>\n", ReferError::Method),
    ] {
        assert_eq!(ReferTarget::of(&refer(to)).unwrap_err(), cause, "{to}");
    }
}

#[test]
fn the_progress_of_a_transfer_is_told_in_fragments() {
    assert_eq!(sipfrag(Status::RINGING), "SIP/2.0 180 Ringing\r\n");
    assert_eq!(sipfrag_status(b"SIP/2.0 603 Decline\r\n"), Some(Status::DECLINE));
    assert_eq!(sipfrag_status(b"SIP/2.0 99"), None);
    assert_eq!(sipfrag_status(b"hello"), None);
    let active = SubscriptionState::Active { expires_seconds: 60 };
    assert_eq!(active.to_string(), "active;expires=60");
    assert_eq!(SubscriptionState::Finished.to_string(), "terminated;reason=noresource");
}

const PHONE: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=caf\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n\
    m=audio 4000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\nm=video 0 RTP/AVP 31\r\n";

const BROWSER: &str = "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nt=0 0\na=fingerprint:sha-256 AA\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 111\nc=IN IP4 0.0.0.0\na=ice-ufrag:x\na=sendrecv\n";

#[test]
fn a_phone_and_a_browser_are_told_apart() {
    let phone = Sdp::parse(PHONE.as_bytes()).unwrap();
    assert_eq!(phone.bridge(), Some(Bridge::Phone));
    assert_eq!(phone.media.len(), 2);
    assert_eq!(phone.media[0].profile, Profile::Plain);
    assert_eq!(phone.media[0].ip(), Some("192.0.2.10".parse().unwrap()));
    assert!(!phone.is_hold());
    let browser = Sdp::parse(BROWSER.as_bytes()).unwrap();
    assert_eq!(browser.bridge(), Some(Bridge::Browser));
    assert!(browser.media[0].ice && browser.media[0].fingerprint);
    assert_eq!(browser.media[0].direction, Direction::Both);
}

#[test]
fn a_hold_is_seen_in_either_way_of_writing_it() {
    for line in ["a=sendonly", "a=inactive", "c=IN IP4 0.0.0.0"] {
        let text = PHONE
            .replace("t=0 0", "t=0 0\r\na=sendrecv")
            .replace("m=video", &format!("{line}\r\nm=video"));
        assert!(Sdp::parse(text.as_bytes()).unwrap().is_hold(), "{line}");
    }
    let session = PHONE.replace("t=0 0", "t=0 0\r\na=sendonly");
    assert!(Sdp::parse(session.as_bytes()).unwrap().is_hold());
    let answer = PHONE.replace("t=0 0", "t=0 0\r\na=recvonly");
    assert!(!Sdp::parse(answer.as_bytes()).unwrap().is_hold());
}

#[test]
fn a_browser_waiting_for_candidates_is_not_on_hold() {
    assert!(!Sdp::parse(BROWSER.as_bytes()).unwrap().is_hold());
}

#[test]
fn other_bodies_are_no_session_descriptions() {
    assert_eq!(Sdp::parse(b""), Err(SdpError::Malformed));
    assert_eq!(Sdp::parse(b"v=1\r\n"), Err(SdpError::Malformed));
    assert_eq!(Sdp::parse(b"v=0\r\nnonsense\r\n"), Err(SdpError::Malformed));
    assert_eq!(Sdp::parse(b"v=0\r\nm=audio x RTP/AVP 0\r\n"), Err(SdpError::Malformed));
    assert_eq!(Sdp::parse(&vec![b'v'; SDP_BYTES_MAX + 1]), Err(SdpError::TooLong));
    let latin = Sdp::parse(b"v=0\r\ns=caf\xe9\r\nm=image 5000 udptl t38\r\n").unwrap();
    assert_eq!((latin.bridge(), latin.media[0].profile), (None, Profile::Other));
    let many = format!("v=0\r\n{}", "m=audio 1 RTP/AVP 0\r\n".repeat(50));
    assert_eq!(Sdp::parse(many.as_bytes()).unwrap().media.len(), sip::sdp::MEDIA_MAX);
}
