//! One user calls another: answered, refused, given up, put on hold, hung up, recorded.

use calls::CallEventKind;
use domain::call::{CallResult, Direction, EndedBy};
use domain::id::Serial;
use sip::{HeaderName, Method, Status};

use crate::failover;
use crate::line::connect;
use crate::office::{Office, REALM};
use crate::phone::{ANSWER, SDP, rule_of, show};
use crate::wire::Wire;

#[tokio::test]
async fn a_user_calls_a_colleague_and_either_may_hang_up() {
    for caller_ends in [true, false] {
        let office = Office::open().await;
        let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
        let (mut asha_line, mut ravi_line) = connect(&mut asha, &mut ravi, "202").await;
        if caller_ends {
            tokio::join!(asha.hang_up(&mut asha_line), ravi.is_hung_up());
        } else {
            tokio::join!(ravi.hang_up(&mut ravi_line), asha.is_hung_up());
        }
        let record = office.record();
        assert_eq!(record.result, CallResult::Answered);
        assert_eq!(record.direction, Direction::Internal);
        assert_eq!(record.answered_by, Some(Serial(2)));
        assert_eq!(record.users, [Serial(1), Serial(2)]);
        let by = if caller_ends { EndedBy::Caller } else { EndedBy::Callee };
        assert_eq!((record.ended_by, record.legs.len()), (by, 2));
        assert_eq!((&*record.caller.number, &*record.called.number), ("201", "202"));
        assert!(record.missed.is_empty());
    }
}

#[tokio::test]
async fn descriptions_of_media_pass_unchanged_and_headers_tell_who_calls() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (answer, invite) = tokio::join!(asha.call("202"), async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply(&invite, 183, ANSWER).await;
        invite
    });
    assert_eq!(invite.body(), SDP.as_bytes());
    assert_eq!(invite.from().display(), "User 1");
    assert_eq!(invite.from().uri_text, format!("sip:201@{REALM}"));
    assert_eq!(invite.max_forwards(), Some(69));
    assert_eq!(answer.1.status().unwrap().code(), 183);
    assert_eq!(answer.1.body(), ANSWER.as_bytes());
}

#[tokio::test]
async fn a_phone_cannot_call_under_another_name() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let claimed = [(HeaderName::PAssertedIdentity, "<sip:203@lotus.example>".to_owned())];
    let (_, invite) = tokio::join!(asha.call_with("202", &claimed, SDP), async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply(&invite, 180, "").await;
        invite
    });
    let asserted = invite.asserted_identities().next().unwrap();
    assert_eq!(asserted.uri_text, format!("sip:201@{REALM}"));
}

#[tokio::test]
async fn a_caller_who_wants_privacy_is_not_named() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let privacy = [(HeaderName::Privacy, "id".to_owned())];
    let (_, invite) = tokio::join!(asha.call_with("202", &privacy, SDP), async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply(&invite, 180, "").await;
        invite
    });
    assert!(invite.from().uri_text.contains("anonymous"));
    assert_eq!(invite.asserted_identities().count(), 0);
}

#[tokio::test]
async fn all_devices_ring_and_the_others_stop_when_one_answers() {
    let office = Office::open().await;
    let mut asha = office.registered(1).await;
    let (mut desk, mut mobile) = (office.registered(2).await, office.registered(2).await);
    let mobile_rings = async {
        let invite = mobile.request(Method::Invite).await;
        mobile.reply(&invite, 180, "").await;
        let cancel = mobile.request(Method::Cancel).await;
        mobile.reply(&cancel, 200, "").await;
        mobile.reply(&invite, 487, "").await;
        mobile.request(Method::Ack).await;
        cancel
    };
    let (_, cancel) = tokio::join!(connect(&mut asha, &mut desk, "202"), mobile_rings);
    let reason = cancel.reasons().next().unwrap();
    assert_eq!((&*reason.protocol, reason.cause), ("SIP", Some(200)));
}

#[tokio::test]
async fn a_caller_gives_up_and_the_call_is_missed_once() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let ((invite, _), ringing) = tokio::join!(asha.call("202"), async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply(&invite, 180, "").await;
        invite
    });
    asha.cancel(&invite).await;
    let stopped = async {
        let cancel = ravi.request(Method::Cancel).await;
        ravi.reply(&cancel, 200, "").await;
        ravi.reply(&ringing, 487, "").await;
    };
    let told = async {
        assert_eq!(asha.answer_of(200).await.method(), Method::Cancel);
        let answer = asha.answer_of(487).await;
        asha.acknowledge_refusal(&invite, &answer).await;
    };
    tokio::join!(stopped, told);
    let record = office.record();
    assert_eq!((record.result, record.ended_by), (CallResult::Missed, EndedBy::Caller));
    assert_eq!(record.missed, [Serial(2)]);
    let events = office.events();
    assert_eq!(events, [CallEventKind::Started, CallEventKind::Ringing, CallEventKind::Ended]);
}

#[tokio::test]
async fn a_busy_phone_makes_the_call_busy() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    tokio::join!(asha.refused("202", 486), async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply(&invite, 486, "").await;
        ravi.request(Method::Ack).await;
    });
    assert_eq!(office.record().result, CallResult::Busy);
}

#[tokio::test]
async fn who_declines_for_all_his_devices_ends_the_call_at_once() {
    let office = Office::open().await;
    let mut asha = office.registered(1).await;
    let (mut ravi, mut mobile) = (office.registered(2).await, office.registered(2).await);
    let declines = async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply(&invite, 603, "").await;
        ravi.request(Method::Ack).await;
    };
    let stops = async {
        let invite = mobile.request(Method::Invite).await;
        mobile.reply(&invite, 180, "").await;
        let cancel = mobile.request(Method::Cancel).await;
        mobile.reply(&cancel, 200, "").await;
        mobile.reply(&invite, 487, "").await;
    };
    let calls = async {
        let (invite, answer) = asha.call("202").await;
        let answer = if answer.status().unwrap().is_provisional() {
            asha.answer_of(603).await
        } else {
            answer
        };
        assert_eq!(answer.status().unwrap().code(), 603);
        asha.acknowledge_refusal(&invite, &answer).await;
    };
    tokio::join!(declines, stops, calls);
    assert_eq!(office.record().result, CallResult::Refused);
}

#[tokio::test]
async fn nobody_answers_in_time() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    office.put_user(failover::impatient(&office, 2));
    let rings = async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply(&invite, 180, "").await;
        let cancel = ravi.request(Method::Cancel).await;
        ravi.reply(&cancel, 200, "").await;
        ravi.reply(&invite, 487, "").await;
    };
    let calls = async {
        let (invite, answer) = asha.call("202").await;
        assert_eq!(answer.status().unwrap().code(), 180);
        let answer = asha.answer_of(480).await;
        asha.acknowledge_refusal(&invite, &answer).await;
    };
    tokio::join!(rings, calls);
    assert_eq!(office.record().result, CallResult::Missed);
}

#[tokio::test]
async fn what_nobody_has_is_not_found() {
    let office = Office::open().await;
    let mut asha = office.registered(1).await;
    let refusal = asha.refused("299", 404).await;
    assert_eq!(rule_of(&refusal).as_deref(), Some("no_such_destination"));
    assert_eq!(office.record().result, CallResult::Refused);
}

#[tokio::test]
async fn a_re_invite_and_an_update_pass_both_ways() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (mut asha_line, mut ravi_line) = connect(&mut asha, &mut ravi, "202").await;
    let hold = SDP.replace("t=0 0", "t=0 0\r\na=sendonly");
    asha.within(&mut asha_line, Method::Invite, &[], &hold).await;
    let held = ravi.request(Method::Invite).await;
    assert_eq!(held.body(), hold.as_bytes());
    ravi.reply(&held, 200, ANSWER).await;
    ravi.request(Method::Ack).await;
    let answer = asha.answer_of(200).await;
    assert_eq!(answer.body(), ANSWER.as_bytes());
    asha.acknowledge(&asha_line, asha_line.number, "").await;
    // Asha never said that she takes UPDATE, so she gets Ravi's as a re-INVITE.
    ravi.within(&mut ravi_line, Method::Update, &[], SDP).await;
    let offered = asha.request(Method::Invite).await;
    assert_eq!(offered.body(), SDP.as_bytes());
    asha.reply(&offered, 200, ANSWER).await;
    asha.request(Method::Ack).await;
    assert_eq!(ravi.answer_of(200).await.body(), ANSWER.as_bytes());
}

#[tokio::test]
async fn an_offer_in_the_answer_is_answered_in_the_ack() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let callee = async {
        let invite = ravi.request(Method::Invite).await;
        assert!(invite.body().is_empty());
        ravi.reply(&invite, 200, SDP).await;
        ravi.request(Method::Ack).await
    };
    let caller = async {
        let (invite, answer) = asha.call_with("202", &[], "").await;
        assert_eq!(answer.body(), SDP.as_bytes(), "{}", show(&answer));
        let line = asha.calling_line(invite, &answer).await;
        (line.number, line)
    };
    let (ack, ()) = tokio::join!(callee, async {
        let (number, line) = caller.await;
        let _ = (number, line);
    });
    assert!(ack.body().is_empty());
}

#[tokio::test]
async fn dtmf_in_an_info_passes_and_options_are_answered() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (mut line, _) = connect(&mut asha, &mut ravi, "202").await;
    asha.within(&mut line, Method::Info, &[], "Signal=5").await;
    let info = ravi.request(Method::Info).await;
    assert_eq!(info.body(), b"Signal=5");
    ravi.reply(&info, 200, "").await;
    asha.answer_of(200).await;
    asha.within(&mut line, Method::Options, &[], "").await;
    asha.answer_of(200).await;
}

#[tokio::test]
async fn calls_cross_from_tcp_to_udp() {
    let office = Office::open().await;
    let mut asha = office.phone_over(1, Wire::tcp(office.address()).await);
    asha.register(600).await;
    let mut ravi = office.registered(2).await;
    let (_, mut ravi_line) = connect(&mut asha, &mut ravi, "202").await;
    tokio::join!(ravi.hang_up(&mut ravi_line), asha.is_hung_up());
}

#[tokio::test]
async fn hops_run_out_and_loops_are_noticed() {
    let office = Office::open().await;
    let mut asha = office.registered(1).await;
    let uri = format!("sip:202@{REALM}");
    let bytes = asha.write((Method::Invite, &uri), ("hops", 1, &format!("<{uri}>")), &[], SDP);
    let text = String::from_utf8(bytes).unwrap();
    asha.send(text.replace("Max-Forwards: 70", "Max-Forwards: 0").as_bytes()).await;
    asha.answer_of(483).await;
    // A proxy that sends our own INVITE back to us.
    let mut ravi = office.registered(2).await;
    let (_, ours) = tokio::join!(asha.call("202"), async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply(&invite, 180, "").await;
        invite
    });
    let mut back = String::from_utf8(ours.as_bytes().to_vec()).unwrap();
    let via = format!("Via: SIP/2.0/UDP {};branch=z9hG4bKproxy;rport\r\n", ravi.address());
    back.insert_str(back.find("Via:").unwrap(), &via);
    ravi.send(back.as_bytes()).await;
    ravi.answer_of(482).await;
}

#[tokio::test]
async fn an_unknown_extension_in_require_is_refused() {
    let office = Office::open().await;
    let mut asha = office.registered(1).await;
    let require = [(HeaderName::Require, "100rel".to_owned())];
    let (_, answer) = asha.call_with("202", &require, SDP).await;
    assert_eq!(answer.status().unwrap().code(), 420);
    assert_eq!(answer.text(HeaderName::Unsupported), Some("100rel"));
}

#[tokio::test]
async fn a_session_interval_is_agreed_and_too_short_a_one_refused() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let timer = |seconds: &str| {
        vec![
            (HeaderName::Supported, "timer".to_owned()),
            (HeaderName::SessionExpires, seconds.to_owned()),
        ]
    };
    let (_, answer) = asha.call_with("202", &timer("30"), SDP).await;
    assert_eq!(answer.status().unwrap().code(), 422);
    assert_eq!(answer.min_se_seconds(), Some(90));
    assert!(office.records().is_empty(), "no call has begun");
    let timer = timer("120");
    let ((_, answer), ()) = tokio::join!(asha.call_with("202", &timer, SDP), async {
        let invite = ravi.request(Method::Invite).await;
        assert_eq!(invite.session_expires().unwrap().seconds, 1800);
        ravi.reply(&invite, 200, ANSWER).await;
    });
    assert_eq!(answer.session_expires().unwrap().seconds, 120);
}

#[tokio::test]
async fn a_new_offer_that_is_unanswered_ends_with_the_call() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (mut line, mut other) = connect(&mut asha, &mut ravi, "202").await;
    asha.within(&mut line, Method::Invite, &[], SDP).await;
    assert_eq!(asha.response().await.status(), Some(Status::TRYING));
    let offer = ravi.request(Method::Invite).await;
    ravi.reply(&offer, 180, "").await;
    ravi.within(&mut other, Method::Bye, &[], "").await;
    asha.answer_of(487).await;
    asha.is_hung_up().await;
}

#[tokio::test]
async fn a_redirection_to_nowhere_is_a_refusal_at_once() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let nowhere = [(HeaderName::Contact, format!("<sip:nonsense@{REALM}>"))];
    let redirects = async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply_with(&invite, 302, &nowhere, "").await;
        ravi.request(Method::Ack).await;
    };
    tokio::join!(asha.refused("202", 480), redirects);
}

#[tokio::test]
async fn a_redirection_is_followed_once_within_the_rules() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let mut mina = office.registered(3).await;
    let elsewhere = [(HeaderName::Contact, format!("<sip:203@{REALM}>"))];
    let redirects = async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply_with(&invite, 302, &elsewhere, "").await;
        ravi.request(Method::Ack).await;
    };
    tokio::join!(connect(&mut asha, &mut mina, "202"), redirects);
    let live = office.calls.live_calls(None).await;
    assert_eq!(live[0].answered_by, Some(Serial(3)));
}
