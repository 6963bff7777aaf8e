//! What calls do besides an offer and an answer, through the real rtpengine: early media, late
//! offers, several devices, new offers, redirections, joins that fail, and a relay that is gone.

use std::net::SocketAddr;

use domain::call::Click;
use domain::id::Serial;
use serde_json::json;
use sip::{HeaderName, Message, Method};

use crate::attended::{follow, refer_to, renegotiates};
use crate::early::is_told;
use crate::line::Line;
use crate::office::{Office, REALM, account_id, number_id};
use crate::peers::rtpengine::Rtpengine;
use crate::phone::{Phone, show};
use crate::rtpengine::{Ear, OF_A_BROWSER, connect, is_idle, office, place, protocol};
use crate::websocket::registered;

const PLAIN: &str = "RTP/AVP";
const BROWSER: &str = "UDP/TLS/RTP/SAVPF";

fn text(message: &Message) -> String {
    String::from_utf8(message.body().to_vec()).unwrap()
}

fn header(message: &Message, name: HeaderName) -> String {
    String::from_utf8(message.header(name).unwrap().to_vec()).unwrap()
}

/// A line of a description.
fn line_of<'a>(description: &'a str, opening: &str) -> &'a str {
    let found = description.lines().find(|line| line.starts_with(opening));
    found.unwrap_or_else(|| panic!("no {opening}: {description}"))
}

/// A browser's answer, which begins the handshake.
fn answer_of_a_browser(ear: &Ear) -> String {
    ear.description(BROWSER, &OF_A_BROWSER.replace("actpass", "active"))
}

/// Each hears the other at the places they were given.
async fn hear_each_other((one, at_one): (&Ear, SocketAddr), (two, at_two): (&Ear, SocketAddr)) {
    one.is_heard(at_one, two, 0x51).await;
    two.is_heard(at_two, one, 0x52).await;
}

async fn two_phones(relay: &Rtpengine) -> (Office, Phone, Phone) {
    let office = office(relay).await;
    let (asha, ravi) = (office.registered(1).await, office.registered(2).await);
    (office, asha, ravi)
}

#[tokio::test]
async fn what_a_browser_hears_before_the_answer_stays_where_it_is() {
    let relay = Rtpengine::start();
    let office = office(&relay).await;
    let mut asha = registered(&office, 1).await;
    let mut ravi = office.registered(2).await;
    let (one, two) = (Ear::open().await, Ear::open().await);
    let offer = one.description(BROWSER, OF_A_BROWSER);
    let answer = two.description(PLAIN, "");
    let picks_up = async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply(&invite, 183, &answer).await;
        ravi.reply(&invite, 200, &answer).await;
        ravi.request(Method::Ack).await;
    };
    let calls = async {
        let (_, early) = asha.call_with("202", &[], &offer).await;
        assert_eq!(early.status().unwrap().code(), 183);
        (text(&early), text(&asha.answer_of(200).await))
    };
    let ((early, answered), ()) = tokio::join!(calls, picks_up);
    assert_eq!(protocol(&early), BROWSER);
    for opening in ["m=audio ", "a=ice-ufrag:", "a=fingerprint:"] {
        assert_eq!(line_of(&early, opening), line_of(&answered, opening));
    }
}

#[tokio::test]
async fn an_offer_that_comes_late_is_a_browser_s_for_the_caller_and_answered_for_the_browser() {
    let relay = Rtpengine::start();
    let office = office(&relay).await;
    let mut asha = office.registered(1).await;
    let mut ravi = registered(&office, 2).await;
    let (one, two) = (Ear::open().await, Ear::open().await);
    let picks_up = async {
        let invite = ravi.request(Method::Invite).await;
        assert!(invite.body().is_empty(), "{}", show(&invite));
        ravi.reply(&invite, 200, &two.description(BROWSER, OF_A_BROWSER)).await;
        text(&ravi.request(Method::Ack).await)
    };
    let calls = async {
        let (invite, offered) = asha.call_with("202", &[], "").await;
        assert_eq!(offered.status().unwrap().code(), 200);
        let description = one.description(PLAIN, "");
        let line = Line {
            target: offered.contact_uri().unwrap().to_owned(),
            local: header(&invite, HeaderName::From),
            remote: header(&offered, HeaderName::To),
            ..asha.called_line(invite.clone())
        };
        asha.acknowledge(&line, invite.cseq().number, &description).await;
        text(&offered)
    };
    let (offered, answered) = tokio::join!(calls, picks_up);
    assert_eq!((protocol(&offered), protocol(&answered)), (PLAIN, BROWSER));
    assert!(!offered.contains("a=fingerprint"), "{offered}");
    assert_eq!(line_of(&answered, "a=setup:"), "a=setup:passive");
}

#[tokio::test]
async fn a_browser_and_a_phone_of_one_user_ring_with_a_description_each() {
    let relay = Rtpengine::start();
    let (office, mut asha, mut desk) = two_phones(&relay).await;
    let mut page = registered(&office, 2).await;
    let (one, two) = (Ear::open().await, Ear::open().await);
    let (offer, answer) = (one.description(PLAIN, ""), two.description(PLAIN, ""));
    for desk_picks_up in [true, false] {
        let rings = async {
            let at_page = page.request(Method::Invite).await;
            let at_desk = desk.request(Method::Invite).await;
            assert_eq!(protocol(&text(&at_page)), BROWSER);
            assert_eq!(protocol(&text(&at_desk)), PLAIN);
            // What several phones send early is heard by nobody, and moves nothing.
            desk.reply(&at_desk, 183, &answer).await;
            page.reply(&at_page, 183, &answer_of_a_browser(&two)).await;
            let (winner, loser, won, lost) = if desk_picks_up {
                (&mut desk, &mut page, at_desk, at_page)
            } else {
                (&mut page, &mut desk, at_page, at_desk)
            };
            let own = if desk_picks_up { answer.clone() } else { answer_of_a_browser(&two) };
            winner.reply(&won, 200, &own).await;
            let cancel = loser.request(Method::Cancel).await;
            loser.reply(&cancel, 200, "").await;
            loser.reply(&lost, 487, "").await;
            loser.request(Method::Ack).await;
            winner.request(Method::Ack).await;
            text(&won)
        };
        let calls = async {
            let (invite, mut answered) = asha.call_with("202", &[], &offer).await;
            while answered.status().unwrap().is_provisional() {
                assert!(answered.body().is_empty(), "{}", show(&answered));
                answered = asha.answer().await;
            }
            let line = asha.calling_line(invite, &answered).await;
            (line, text(&answered))
        };
        let ((mut line, by_asha), by_ravi) = tokio::join!(calls, rings);
        assert_eq!(protocol(&by_asha), PLAIN);
        let winner = if desk_picks_up { &mut desk } else { &mut page };
        if desk_picks_up {
            hear_each_other((&one, place(&by_asha)), (&two, place(&by_ravi))).await;
        }
        tokio::join!(asha.hang_up(&mut line), winner.is_hung_up());
        is_idle(&relay).await;
    }
}

#[tokio::test]
async fn new_offers_of_either_side_go_through_the_relay() {
    let relay = Rtpengine::start();
    let (_office, mut asha, mut ravi) = two_phones(&relay).await;
    let (one, two) = (Ear::open().await, Ear::open().await);
    let (offer, answer) = (one.description(PLAIN, ""), two.description(PLAIN, ""));
    let invite = async {
        let invite = ravi.request(Method::Invite).await;
        let takes_update = [(HeaderName::Allow, "INVITE, ACK, BYE, CANCEL, UPDATE".to_owned())];
        ravi.reply_with(&invite, 200, &takes_update, &answer).await;
        ravi.request(Method::Ack).await;
        ravi.called_line(invite)
    };
    let calls = async {
        let (invite, answered) = asha.call_with("202", &[], &offer).await;
        asha.calling_line(invite, &answered).await
    };
    let (mut line, mut ravi_line) = tokio::join!(calls, invite);
    // Each moves to another place, as a phone that changes its network does.
    let (three, four) = (Ear::open().await, Ear::open().await);
    let (moved, moved_too) = (three.description(PLAIN, ""), four.description(PLAIN, ""));
    asha.within(&mut line, Method::Update, &[], &moved).await;
    let update = ravi.request(Method::Update).await;
    ravi.reply(&update, 200, &answer).await;
    let (at_asha, at_ravi) = (text(&asha.answer_of(200).await), text(&update));
    hear_each_other((&three, place(&at_asha)), (&two, place(&at_ravi))).await;
    ravi.within(&mut ravi_line, Method::Invite, &[], &moved_too).await;
    let again = asha.request(Method::Invite).await;
    asha.reply(&again, 200, &moved).await;
    asha.request(Method::Ack).await;
    let (at_ravi, at_asha) = (text(&ravi.answer_of(200).await), text(&again));
    let number = ravi_line.number;
    ravi.acknowledge(&ravi_line, number, "").await;
    hear_each_other((&three, place(&at_asha)), (&four, place(&at_ravi))).await;
    tokio::join!(ravi.hang_up(&mut ravi_line), asha.is_hung_up());
    is_idle(&relay).await;
}

#[tokio::test]
async fn a_redirected_call_is_heard_where_it_went() {
    let relay = Rtpengine::start();
    let (office, mut asha, mut ravi) = two_phones(&relay).await;
    let mut mina = office.registered(3).await;
    let (one, two) = (Ear::open().await, Ear::open().await);
    let (offer, answer) = (one.description(PLAIN, ""), two.description(PLAIN, ""));
    let elsewhere = [(HeaderName::Contact, format!("<sip:203@{REALM}>"))];
    let redirects = async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply_with(&invite, 302, &elsewhere, "").await;
        ravi.request(Method::Ack).await;
    };
    let connects = connect((&mut asha, &offer), (&mut mina, &answer), "202");
    let ((mut line, by_asha, by_mina), ()) = tokio::join!(connects, redirects);
    hear_each_other((&one, place(&by_asha)), (&two, place(&by_mina))).await;
    tokio::join!(asha.hang_up(&mut line), mina.is_hung_up());
    is_idle(&relay).await;
}

#[tokio::test]
async fn two_hear_each_other_again_after_a_transfer_that_was_not_taken() {
    let relay = Rtpengine::start();
    let (office, mut asha, mut ravi) = two_phones(&relay).await;
    let mut mina = office.registered(3).await;
    let (one, two, three) = (Ear::open().await, Ear::open().await, Ear::open().await);
    let (offer, answer) = (one.description(PLAIN, ""), two.description(PLAIN, ""));
    let (mut line, by_asha, by_ravi) =
        connect((&mut asha, &offer), (&mut ravi, &answer), "202").await;
    let refer = [(HeaderName::ReferTo, format!("<sip:203@{REALM}>"))];
    asha.within(&mut line, Method::Refer, &refer, "").await;
    asha.answer_of(202).await;
    let new_party = async {
        let invite = mina.request(Method::Invite).await;
        mina.reply(&invite, 200, &three.description(PLAIN, "")).await;
        mina.request(Method::Ack).await;
        mina.is_hung_up().await;
    };
    let stays = async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply(&invite, 488, "").await;
        ravi.request(Method::Ack).await;
    };
    let (status, (), ()) = tokio::join!(follow(&mut asha, 0), new_party, stays);
    assert_eq!(status, 488);
    hear_each_other((&one, place(&by_asha)), (&two, place(&by_ravi))).await;
    tokio::join!(asha.hang_up(&mut line), ravi.is_hung_up());
    is_idle(&relay).await;
}

#[tokio::test]
async fn of_two_browsers_that_are_joined_one_is_shown_another_fingerprint() {
    let relay = Rtpengine::start();
    let office = office(&relay).await;
    let (mut asha, mut mina) = (registered(&office, 1).await, registered(&office, 3).await);
    let mut ravi = office.registered(2).await;
    let (one, two, three) = (Ear::open().await, Ear::open().await, Ear::open().await);
    let plain = two.description(PLAIN, "");
    let (mut to_asha, _, by_asha) =
        connect((&mut ravi, &plain), (&mut asha, &answer_of_a_browser(&one)), "201").await;
    let (to_mina, _, by_mina) =
        connect((&mut ravi, &plain), (&mut mina, &answer_of_a_browser(&three)), "203").await;
    ravi.within(&mut to_asha, Method::Refer, &refer_to("203", &to_mina), "").await;
    ravi.answer_of(202).await;
    let asked = async {
        let invite = mina.request(Method::Invite).await;
        mina.reply(&invite, 200, &three.description(BROWSER, OF_A_BROWSER)).await;
        text(&mina.request(Method::Ack).await)
    };
    let stays = async {
        let invite = asha.request(Method::Invite).await;
        asha.reply(&invite, 200, &answer_of_a_browser(&one)).await;
        asha.request(Method::Ack).await;
        text(&invite)
    };
    let (status, now_mina, now_asha) = tokio::join!(follow(&mut ravi, 2), asked, stays);
    assert_eq!(status, 200);
    assert_eq!(line_of(&by_mina, "a=ice-ufrag:"), line_of(&now_mina, "a=ice-ufrag:"));
    assert_eq!(line_of(&by_mina, "a=fingerprint:"), line_of(&now_mina, "a=fingerprint:"));
    assert_ne!(line_of(&by_asha, "a=ice-ufrag:"), line_of(&now_asha, "a=ice-ufrag:"));
    assert!(line_of(&now_asha, "a=fingerprint:").starts_with("a=fingerprint:sha-512 "));
    assert_eq!(relay.calls().map(|calls| calls.len()), Some(1));
}

#[tokio::test]
async fn a_new_offer_without_the_relay_is_refused_and_the_call_goes_on() {
    let relay = Rtpengine::start();
    let (_office, mut asha, mut ravi) = two_phones(&relay).await;
    let (one, two) = (Ear::open().await, Ear::open().await);
    let (offer, answer) = (one.description(PLAIN, ""), two.description(PLAIN, ""));
    let (mut line, _, _) = connect((&mut asha, &offer), (&mut ravi, &answer), "202").await;
    drop(relay);
    asha.within(&mut line, Method::Invite, &[], &offer).await;
    let refused = asha.answer_of(503).await;
    assert!(refused.header(HeaderName::RetryAfter).is_some());
    tokio::join!(asha.hang_up(&mut line), ravi.is_hung_up());
}

#[tokio::test]
async fn who_waited_for_a_ringing_phone_and_who_picks_it_up_hear_each_other() {
    let relay = Rtpengine::start();
    let (office, mut asha, mut ravi) = two_phones(&relay).await;
    let mut mina = office.registered(3).await;
    let (one, two, three) = (Ear::open().await, Ear::open().await, Ear::open().await);
    let [of_asha, of_ravi, of_mina] = [&one, &two, &three].map(|ear| ear.description(PLAIN, ""));
    let (mut to_asha, _, _) = connect((&mut ravi, &of_ravi), (&mut asha, &of_asha), "201").await;
    let rings = async {
        let invite = mina.request(Method::Invite).await;
        mina.reply(&invite, 180, "").await;
        invite
    };
    let ((calling, ringing), invite) = tokio::join!(ravi.call_with("203", &[], &of_ravi), rings);
    let to_mina = Line {
        local: header(&calling, HeaderName::From),
        remote: header(&ringing, HeaderName::To),
        ..ravi.called_line(calling.clone())
    };
    ravi.within(&mut to_asha, Method::Refer, &refer_to("203", &to_mina), "").await;
    ravi.answer_of(202).await;
    let picks_up = async {
        mina.reply(&invite, 200, &of_mina).await;
        mina.request(Method::Ack).await;
        text(&renegotiates(&mut mina, &of_mina).await.1)
    };
    let (told, by_mina, (by_asha, _)) =
        tokio::join!(is_told(&mut ravi, &calling, 1), picks_up, renegotiates(&mut asha, &of_asha));
    assert_eq!(told, (200, 487));
    hear_each_other((&one, place(&text(&by_asha))), (&three, place(&by_mina))).await;
}

#[tokio::test]
async fn a_browser_that_clicked_is_answered_as_a_browser() {
    let relay = Rtpengine::start();
    let office = office(&relay).await;
    let mut asha = registered(&office, 1).await;
    let mut ravi = office.registered(2).await;
    let (one, two) = (Ear::open().await, Ear::open().await);
    office.calls.click_to_call(account_id(), Serial(1), Click::to("202")).await.unwrap();
    let invite = asha.request(Method::Invite).await;
    asha.reply(&invite, 200, &one.description(BROWSER, OF_A_BROWSER)).await;
    let theirs = ravi.request(Method::Invite).await;
    assert_eq!(protocol(&text(&theirs)), PLAIN);
    ravi.reply(&theirs, 200, &two.description(PLAIN, "")).await;
    ravi.request(Method::Ack).await;
    let answered = text(&asha.request(Method::Ack).await);
    assert_eq!(protocol(&answered), BROWSER);
    assert_eq!(line_of(&answered, "a=setup:"), "a=setup:passive");
    let mut line = asha.called_line(invite);
    tokio::join!(asha.hang_up(&mut line), ravi.is_hung_up());
    is_idle(&relay).await;
}

#[tokio::test]
async fn a_browser_s_call_that_is_forwarded_outside_is_plain_for_the_trunk() {
    let relay = Rtpengine::start();
    let mut office = office(&relay).await;
    let mut network = office.network().await;
    let mut asha = registered(&office, 1).await;
    office.set(2, json!({ "phone": "+919822223333", "caller_ids": [number_id(1)] })).await;
    let (one, two) = (Ear::open().await, Ear::open().await);
    let offer = one.description(BROWSER, OF_A_BROWSER);
    let answer = two.description(PLAIN, "");
    let (mut line, by_asha, by_network) =
        connect((&mut asha, &offer), (&mut network, &answer), "202").await;
    assert_eq!((protocol(&by_asha), protocol(&by_network)), (BROWSER, PLAIN));
    assert!(!by_network.contains("a=candidate"), "{by_network}");
    tokio::join!(asha.hang_up(&mut line), network.is_hung_up());
    is_idle(&relay).await;
}

#[tokio::test]
async fn who_picks_up_when_the_relay_has_gone_is_let_go_and_the_caller_refused() {
    let relay = Rtpengine::start();
    let (office, mut asha, mut ravi) = two_phones(&relay).await;
    let (one, two) = (Ear::open().await, Ear::open().await);
    let picks_up = async {
        let invite = ravi.request(Method::Invite).await;
        drop(relay);
        ravi.reply(&invite, 200, &two.description(PLAIN, "")).await;
        ravi.request(Method::Ack).await;
        ravi.is_hung_up().await;
    };
    let calls = async {
        let (invite, refused) = asha.call_with("202", &[], &one.description(PLAIN, "")).await;
        assert_eq!(refused.status().unwrap().code(), 503, "{}", show(&refused));
        asha.acknowledge_refusal(&invite, &refused).await;
    };
    tokio::join!(calls, picks_up);
    assert!(office.record().answered_by.is_none());
    assert_eq!([1, 2].map(|it| office.calls.facts(&office.user(it)).calls), [0; 2]);
}
