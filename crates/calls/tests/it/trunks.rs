//! The public network: calls out with the right number, calls in to the right people.

use domain::call::{CallResult, Direction};
use domain::id::{NumberId, Serial};
use domain::resource::Destination;
use domain::stored_secret::StoredSecret;
use serde_json::json;
use sip::{HeaderName, Method};

use crate::line::{connect, line_to};
use crate::office::{DID, Office, SECOND_DID, blocked, number, number_id, trunk, user_id};
use crate::phone::{ANSWER, Phone, SDP, rule_of, show};
use crate::wire::Wire;

const OUTSIDE: &str = "9811112222";

/// A call out, as the trunk gets it.
async fn invite_out(
    office: &Office,
    network: &mut Phone,
    extra: &[(HeaderName, String)],
) -> sip::Message {
    let mut asha = office.registered(1).await;
    let (_, invite) = tokio::join!(asha.call_with(OUTSIDE, extra, SDP), async {
        let invite = network.request(Method::Invite).await;
        network.reply(&invite, 180, "").await;
        invite
    });
    invite
}

fn granted(numbers: &[NumberId]) -> serde_json::Value {
    json!({ "caller_ids": numbers })
}

#[tokio::test]
async fn a_call_out_shows_a_granted_number_in_from_and_p_asserted_identity() {
    let mut office = Office::open().await;
    let mut network = office.network().await;
    office.set(1, granted(&[number_id(2)])).await;
    let invite = invite_out(&office, &mut network, &[]).await;
    assert!(invite.uri_text().starts_with("sip:+919811112222@"), "{}", show(&invite));
    assert!(invite.from().uri_text.contains(SECOND_DID));
    assert!(invite.asserted_identities().next().unwrap().uri_text.contains(SECOND_DID));
}

#[tokio::test]
async fn a_claimed_number_is_shown_only_when_it_is_granted() {
    for (claim, shown) in [(SECOND_DID, SECOND_DID), ("+911400000000", DID)] {
        let mut office = Office::open().await;
        let mut network = office.network().await;
        office.set(1, granted(&[number_id(1), number_id(2)])).await;
        let claim = [(HeaderName::PPreferredIdentity, format!("<sip:{claim}@lotus.example>"))];
        let invite = invite_out(&office, &mut network, &claim).await;
        assert!(invite.from().uri_text.contains(shown), "{}", show(&invite));
    }
}

#[tokio::test]
async fn a_removed_caller_id_is_not_shown_by_the_next_call() {
    let mut office = Office::open().await;
    let mut network = office.network().await;
    office.set(1, granted(&[number_id(1), number_id(2)])).await;
    office.set(1, granted(&[number_id(2)])).await;
    let invite = invite_out(&office, &mut network, &[]).await;
    assert!(invite.from().uri_text.contains(SECOND_DID));
}

#[tokio::test]
async fn privacy_hides_the_number_from_the_callee_and_not_from_the_network() {
    let mut office = Office::open().await;
    let mut network = office.network().await;
    office.set(1, granted(&[number_id(1)])).await;
    let privacy = [(HeaderName::Privacy, "id".to_owned())];
    let invite = invite_out(&office, &mut network, &privacy).await;
    assert!(invite.from().uri_text.contains("anonymous"));
    assert!(invite.asserted_identities().next().unwrap().uri_text.contains(DID));
    assert_eq!(invite.text(HeaderName::Privacy), Some("id"));
}

const CHALLENGE: &str = "Digest realm=\"carrier\", nonce=\"abc\", algorithm=MD5, qop=\"auth\"";

/// The trunk's other side, which knows us by a password, and a user who may call it.
async fn carrier_with_password() -> (Office, Phone, Phone) {
    let mut office = Office::open().await;
    let network = office.network().await;
    office.set(1, granted(&[number_id(1)])).await;
    let with_password = domain::resource::Trunk {
        username: Some("lotus".into()),
        password: Some(StoredSecret::new("petal")),
        ..trunk(1, network.address())
    };
    office.put(with_password);
    let asha = office.registered(1).await;
    (office, network, asha)
}

/// Asks for the password; the INVITE that shows it.
async fn asks(network: &mut Phone, challenge: &str) -> sip::Message {
    let invite = network.request(Method::Invite).await;
    let asks = [(HeaderName::ProxyAuthenticate, challenge.to_owned())];
    network.reply_with(&invite, 407, &asks, "").await;
    network.request(Method::Ack).await;
    network.request(Method::Invite).await
}

#[tokio::test]
async fn a_password_that_was_asked_for_is_shown_in_the_whole_call() {
    let (_office, mut network, mut asha) = carrier_with_password().await;
    let shown = |message: &sip::Message| {
        message.text(HeaderName::ProxyAuthorization).unwrap_or_default().to_owned()
    };
    let picks_up = async {
        let again = asks(&mut network, CHALLENGE).await;
        network.reply(&again, 200, ANSWER).await;
        assert_eq!(shown(&network.request(Method::Ack).await), shown(&again));
    };
    let calls = async {
        let (invite, mut answer) = asha.call(OUTSIDE).await;
        while answer.status().unwrap().is_provisional() {
            answer = asha.answer().await;
        }
        asha.calling_line(invite, &answer).await
    };
    let (mut line, ()) = tokio::join!(calls, picks_up);
    let (bye, ()) = tokio::join!(network.is_hung_up(), asha.hang_up(&mut line));
    let credentials = bye.proxy_authorizations().next().unwrap();
    assert!(shown(&bye).contains("nc=00000002"), "{}", show(&bye));
    assert_eq!(credentials.username(), "lotus");
}

#[tokio::test]
async fn a_nonce_that_was_too_old_is_answered_anew() {
    let (_office, mut network, mut asha) = carrier_with_password().await;
    let ((), ()) = tokio::join!(
        async {
            let again = asks(&mut network, CHALLENGE).await;
            let stale = CHALLENGE.replace("abc", "def") + ", stale=true";
            let asks = [(HeaderName::ProxyAuthenticate, stale)];
            network.reply_with(&again, 407, &asks, "").await;
            network.request(Method::Ack).await;
            let third = network.request(Method::Invite).await;
            assert!(third.text(HeaderName::ProxyAuthorization).unwrap().contains("def"));
            network.reply(&third, 180, "").await;
        },
        async { drop(asha.call(OUTSIDE).await) }
    );
}

#[tokio::test]
async fn a_trunk_s_challenge_is_answered() {
    let (_office, mut network, mut asha) = carrier_with_password().await;
    let (_, again) = tokio::join!(asha.call(OUTSIDE), async {
        let again = asks(&mut network, CHALLENGE).await;
        network.reply(&again, 180, "").await;
        again
    });
    let credentials = again.proxy_authorizations().next().unwrap();
    assert_eq!(credentials.username(), "lotus");
    assert_eq!(again.cseq().number, 2);
}

#[tokio::test]
async fn a_call_in_rings_the_user_behind_the_number() {
    let mut office = Office::open().await;
    let mut network = office.network().await;
    office.put(number(1, DID, Some(Destination::User(user_id(2)))));
    let mut ravi = office.registered(2).await;
    let (mut line, ravi_line) = connect(&mut network, &mut ravi, DID).await;
    assert!(ravi_line.invite.from().uri_text.contains("+919811112222"));
    tokio::join!(network.hang_up(&mut line), ravi.is_hung_up());
    let record = office.record();
    assert_eq!((record.direction, record.result), (Direction::Inbound, CallResult::Answered));
    assert_eq!((record.number, record.users), (Some(number_id(1)), vec![Serial(2)]));
}

#[tokio::test]
async fn a_trunk_s_word_on_the_caller_is_believed() {
    let mut office = Office::open().await;
    let mut network = office.network().await;
    office.put(number(1, DID, Some(Destination::User(user_id(2)))));
    let mut ravi = office.registered(2).await;
    let asserted = [(HeaderName::PAssertedIdentity, "<sip:+919900000009@carrier>".to_owned())];
    let (_, invite) = tokio::join!(network.call_with(DID, &asserted, SDP), async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply(&invite, 180, "").await;
        invite
    });
    assert!(invite.from().uri_text.contains("+919900000009"));
}

#[tokio::test]
async fn blocked_and_unknown_numbers_and_hang_ups_are_refused() {
    let mut office = Office::open().await;
    let mut network = office.network().await;
    office.put(number(2, SECOND_DID, Some(Destination::HangUp)));
    network.refused("+918000000077", 404).await;
    network.refused(DID, 404).await;
    network.refused(SECOND_DID, 603).await;
    office.put(number(1, DID, Some(Destination::User(user_id(2)))));
    office.put(blocked("9811112222"));
    let refusal = network.refused(DID, 403).await;
    assert_eq!(rule_of(&refusal).as_deref(), Some("number_blocked"));
}

#[tokio::test]
async fn a_user_without_device_is_called_on_his_telephone() {
    let mut office = Office::open().await;
    let mut network = office.network().await;
    office.set(2, json!({ "phone": "+919822223333", "caller_ids": [number_id(1)] })).await;
    let mut asha = office.registered(1).await;
    let (_, line) = connect(&mut asha, &mut network, "202").await;
    assert!(line.invite.uri_text().contains("+919822223333"));
    assert_eq!(office.calls.live_calls(None).await[0].answered_by, Some(Serial(2)));
}

#[tokio::test]
async fn a_call_in_is_forwarded_out_by_the_trunk_it_came_by() {
    let mut office = Office::open().await;
    let (mut network, mut carrier) = (office.network().await, office.network().await);
    // One trunk: calls come from the network's address and go to the carrier's port.
    office.put(trunk(1, carrier.address()));
    office.put(number(1, DID, Some(Destination::User(user_id(2)))));
    office.set(2, json!({ "phone": "+919822223333", "caller_ids": [number_id(1)] })).await;
    let (_, line) = connect(&mut network, &mut carrier, DID).await;
    assert!(line.invite.uri_text().contains("+919822223333"));
}

#[tokio::test]
async fn a_forwarded_call_shows_the_same_number_over_the_next_trunk() {
    let mut office = Office::open().await;
    let (mut network, mut second) = (office.network().await, office.network().await);
    office.put(trunk(1, network.address()));
    office.put(trunk(2, second.address()));
    office.set(2, json!({ "phone": "+919822223333", "caller_ids": [number_id(1)] })).await;
    let mut asha = office.registered(1).await;
    let fails = async {
        let first = network.request(Method::Invite).await;
        network.reply(&first, 503, "").await;
    };
    let ((_, line), ()) = tokio::join!(connect(&mut asha, &mut second, "202"), fails);
    assert!(line.invite.from().uri_text.contains(DID), "{}", show(&line.invite));
}

#[tokio::test]
async fn of_accounts_with_one_carrier_the_owner_of_the_number_gets_the_call() {
    let mut office = Office::open().await;
    let mut network = office.network().await;
    office.put_neighbour(trunk(7, network.address()));
    office.put(number(1, DID, Some(Destination::User(user_id(2)))));
    let mut ravi = office.registered(2).await;
    connect(&mut network, &mut ravi, DID).await;
}

#[tokio::test]
async fn an_ack_may_come_from_any_address_of_the_carrier() {
    let mut office = Office::open().await;
    let mut network = office.network().await;
    let wide = domain::network::IpNetwork::parse("127.0.0.0/8").unwrap();
    office.put(domain::resource::Trunk { networks: vec![wide], ..trunk(1, network.address()) });
    office.put(number(1, DID, Some(Destination::User(user_id(2)))));
    let mut ravi = office.registered(2).await;
    let picks_up = async {
        let invite = ravi.request(Method::Invite).await;
        ravi.reply(&invite, 200, ANSWER).await;
    };
    let calls = async {
        let (invite, mut answer) = network.call(DID).await;
        while answer.status().unwrap().is_provisional() {
            answer = network.answer().await;
        }
        let line = line_to(invite, &answer);
        let ack = network.write_within(&line, (Method::Ack, line.number), &[], "");
        let elsewhere = tokio::net::UdpSocket::bind("127.0.0.7:0").await.unwrap();
        elsewhere.send_to(&ack, office.address()).await.unwrap();
    };
    tokio::join!(calls, picks_up);
    // Acknowledged, the 200 does not come again.
    assert!(network.wire.is_silent().await);
}

#[tokio::test]
async fn a_carrier_that_closes_its_connection_keeps_its_call() {
    let mut office = Office::open().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let wire = Wire::tcp(office.address()).await;
    let mut network = Phone::new(wire, "+919811112222", "", office.address());
    network.contact = format!("<sip:{};transport=tcp>", listener.local_addr().unwrap());
    office.put(trunk(1, network.address()));
    office.put(number(1, DID, Some(Destination::User(user_id(2)))));
    let mut ravi = office.registered(2).await;
    let (_, mut line) = connect(&mut network, &mut ravi, DID).await;
    drop(network);
    let hears = async {
        let wire = Wire::accepted(&listener).await;
        let mut network = Phone::new(wire, "+919811112222", "", office.address());
        network.is_hung_up().await;
    };
    // Later than a connection that is lost may come back.
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(office.calls.live_calls(None).await.len(), 1);
    tokio::join!(ravi.hang_up(&mut line), hears);
}

#[tokio::test]
async fn another_trunk_takes_over_where_one_is_in_trouble() {
    let mut office = Office::open().await;
    let mut network = office.network().await;
    let mut second = office.network().await;
    office.put(trunk(1, network.address()));
    office.put(trunk(2, second.address()));
    office.set(1, granted(&[number_id(1)])).await;
    let mut asha = office.registered(1).await;
    let (_, invite) = tokio::join!(asha.call(OUTSIDE), async {
        let first = network.request(Method::Invite).await;
        network.reply(&first, 503, "").await;
        let invite = second.request(Method::Invite).await;
        second.reply(&invite, 183, ANSWER).await;
        invite
    });
    assert!(invite.from().uri_text.contains(DID));
}

#[tokio::test]
async fn a_call_out_without_a_trunk_fails_and_is_recorded() {
    let office = Office::open().await;
    office.set(1, granted(&[number_id(1)])).await;
    let mut asha = office.registered(1).await;
    asha.refused(OUTSIDE, 503).await;
    assert_eq!(office.record().result, CallResult::Failed);
}

#[tokio::test]
async fn emergency_numbers_pass_whatever_the_settings_say() {
    let mut office = Office::open().await;
    let mut network = office.network().await;
    let mut asha = office.registered(1).await;
    office.set(1, json!({ "calls_blocked": true })).await;
    // The trunk carries as many calls as it may.
    let full = domain::resource::Trunk { calls_max: 1, ..trunk(1, network.address()) };
    office.put(full);
    office.set(2, granted(&[number_id(1)])).await;
    let mut ravi = office.registered(2).await;
    let (_, first) = tokio::join!(ravi.call(OUTSIDE), async {
        let invite = network.request(Method::Invite).await;
        network.reply(&invite, 180, "").await;
        invite
    });
    assert!(first.uri_text().contains("+919811112222"));
    let mut mina = office.registered(3).await;
    office.set(3, granted(&[number_id(1)])).await;
    mina.refused(OUTSIDE, 503).await;
    let (_, invite) = tokio::join!(asha.call("112"), async {
        let invite = network.request(Method::Invite).await;
        network.reply(&invite, 180, "").await;
        invite
    });
    assert!(invite.uri_text().starts_with("sip:112@"));
}
