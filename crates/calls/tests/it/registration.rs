//! Devices register, are asked for their password, and are forgotten.

use calls::{BindingEvent, DigestOffer};
use domain::id::Serial;
use serde_json::json;
use sip::HeaderName;
use sip::digest::Algorithm;

use crate::office::{Office, account_id, config};
use crate::phone::{rule_of, show};
use crate::wire::Wire;

#[tokio::test]
async fn a_phone_registers_over_udp_and_tcp_with_either_algorithm() {
    let office = Office::open().await;
    for algorithm in [Algorithm::Sha256, Algorithm::Md5] {
        for wire in [Wire::udp(office.address()).await, Wire::tcp(office.address()).await] {
            let mut phone = office.phone_over(1, wire);
            phone.algorithm = algorithm;
            let answer = phone.register(600).await;
            assert_eq!(answer.status().unwrap().code(), 200, "{}", show(&answer));
        }
    }
    assert_eq!(office.calls.registrations_of(Serial(1)).len(), 4);
}

#[tokio::test]
async fn the_challenge_offers_both_algorithms_in_the_order_of_the_configuration() {
    let both = [Algorithm::Md5, Algorithm::Sha256];
    for (digest, expected) in [
        (DigestOffer::Md5First, &both[..]),
        (DigestOffer::Sha256First, &[Algorithm::Sha256, Algorithm::Md5]),
        (DigestOffer::Md5Only, &both[..1]),
    ] {
        let config = calls::CallsConfig { digest, ..config() };
        let office = Office::open_with(config, Vec::new()).await;
        let mut phone = office.phone(1).await;
        let challenge = phone.register_bare(&[]).await;
        assert_eq!(challenge.status().unwrap().code(), 401);
        let offered: Vec<_> = challenge.challenges().map(|it| it.algorithm).collect();
        assert_eq!(offered, expected);
    }
}

#[tokio::test]
async fn the_answer_lists_the_devices_and_their_expiry() {
    let office = Office::open().await;
    let mut phone = office.phone(1).await;
    let answer = phone.register(600).await;
    let contact = answer.contacts().next().unwrap().unwrap().address().unwrap();
    assert_eq!(contact.expires_seconds(), Some(600));
    assert!(phone.contact.contains(contact.uri_text()));
}

#[tokio::test]
async fn zero_expiry_removes_one_device_and_a_star_all() {
    let office = Office::open().await;
    let mut one = office.registered(1).await;
    let _two = office.registered(1).await;
    assert_eq!(one.register(0).await.status().unwrap().code(), 200);
    assert_eq!(office.calls.registrations_of(Serial(1)).len(), 1);
    one.contact = "*".into();
    assert_eq!(one.register(0).await.status().unwrap().code(), 200);
    assert_eq!(office.calls.registrations_of(Serial(1)).len(), 0);
    assert_eq!(one.register(60).await.status().unwrap().code(), 400, "a star needs expiry zero");
}

#[tokio::test]
async fn too_short_an_expiry_is_answered_with_the_shortest() {
    let office = Office::open().await;
    let answer = office.phone(1).await.register(5).await;
    assert_eq!(answer.status().unwrap().code(), 423);
    assert_eq!(answer.text(HeaderName::MinExpires), Some("60"));
}

#[tokio::test]
async fn a_registration_ends_when_it_expires() {
    let office = Office::open().await;
    office.phone(1).await.register(60).await;
    assert_eq!(office.calls.facts(&office.user(1)).devices, 1);
    office.pass_seconds(61);
    assert_eq!(office.calls.facts(&office.user(1)).devices, 0);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_look_alike() {
    let office = Office::open().await;
    let wire = Wire::udp(office.address()).await;
    let mut wrong = crate::phone::Phone::new(wire, "201", "guess", office.address());
    let wire = Wire::udp(office.address()).await;
    let mut nobody = crate::phone::Phone::new(wire, "999", "guess", office.address());
    let (one, two) = (wrong.register(600).await, nobody.register(600).await);
    assert_eq!(one.status(), two.status());
    assert_eq!(one.status().unwrap().code(), 401);
    assert_eq!(office.calls.counts().wrong_passwords, 2);
}

#[tokio::test]
async fn nobody_registers_somebody_else_s_address() {
    let office = Office::open().await;
    let mut phone = office.phone(1).await;
    let challenge = phone.register_bare(&[]).await;
    let uri = format!("sip:{}", crate::office::REALM);
    let password = phone.password_for(&challenge, sip::Method::Register, &uri);
    let extra = [(HeaderName::Authorization, password)];
    let to = format!("<sip:202@{}>", crate::office::REALM);
    let bytes = phone.write((sip::Method::Register, &uri), ("other", 7, &to), &extra, "");
    phone.send(&bytes).await;
    assert_eq!(phone.response().await.status().unwrap().code(), 403);
    assert!(office.calls.registrations_of(Serial(2)).is_empty());
}

#[tokio::test]
async fn guessing_is_slowed_down_and_shown() {
    let office = Office::open().await;
    let wire = Wire::udp(office.address()).await;
    let mut guesser = crate::phone::Phone::new(wire, "201", "guess", office.address());
    let mut last = 0;
    for _ in 0..11 {
        last = guesser.register(600).await.status().unwrap().code();
    }
    assert_eq!(last, 503);
    assert_eq!(office.calls.locks().len(), 1);
    // Others at the same address are not locked out by one name's failures.
    office.registered(2).await;
}

#[tokio::test]
async fn a_device_beyond_the_user_s_limit_is_refused_and_told_why() {
    let office = Office::open().await;
    office.set(1, json!({ "devices_max": 1 })).await;
    let mut first = office.registered(1).await;
    let refusal = office.phone(1).await.register(600).await;
    assert_eq!(refusal.status().unwrap().code(), 403);
    assert_eq!(rule_of(&refusal).as_deref(), Some("too_many_devices"));
    assert_eq!(
        first.register(600).await.status().unwrap().code(),
        200,
        "renewing is no new device"
    );
}

#[tokio::test]
async fn a_softphone_started_anew_replaces_the_ghost_of_its_last_run() {
    let office = Office::open().await;
    office.set(1, json!({ "devices_max": 1 })).await;
    for port in [40_001, 40_002] {
        let mut phone = office.phone(1).await;
        phone.contact = format!("<sip:201@127.0.0.1:{port}>;+sip.instance=\"<urn:uuid:7>\"");
        assert_eq!(phone.register(600).await.status().unwrap().code(), 200);
        let devices = office.calls.registrations_of(Serial(1));
        assert_eq!(devices.len(), 1);
        assert!(devices[0].contact.ends_with(&port.to_string()), "{}", devices[0].contact);
    }
    // Two contacts that come together are two devices, whatever they call themselves.
    let mut phone = office.phone(2).await;
    phone.contact = "<sip:202@127.0.0.1:40001>;+sip.instance=\"<urn:uuid:8>\", \
                     <sip:202@127.0.0.1:40002>;+sip.instance=\"<urn:uuid:8>\""
        .into();
    assert_eq!(phone.register(600).await.status().unwrap().code(), 200);
    assert_eq!(office.calls.registrations_of(Serial(2)).len(), 2);
}

#[tokio::test]
async fn a_path_is_kept_and_returned() {
    let office = Office::open().await;
    let mut phone = office.phone(1).await;
    let path = (HeaderName::Path, "<sip:edge.example;lr>".to_owned());
    let supported = (HeaderName::Supported, "path".to_owned());
    let answer = phone.register_with(&[path, supported]).await;
    assert_eq!(answer.text(HeaderName::Path), Some("<sip:edge.example;lr>"));
    assert_eq!(&*office.calls.registrations_of(Serial(1))[0].path[0], "<sip:edge.example;lr>");
}

#[tokio::test]
async fn outbound_over_tcp_is_confirmed_and_the_connection_carries_calls() {
    let office = Office::open().await;
    let mut phone = office.phone_over(1, Wire::tcp(office.address()).await);
    phone.contact =
        "<sip:201@10.0.0.9:5060;transport=tcp>;reg-id=1;+sip.instance=\"<urn:uuid:1>\"".into();
    let answer = phone.register_with(&[(HeaderName::Supported, "outbound".to_owned())]).await;
    assert_eq!(answer.text(HeaderName::Require), Some("outbound"));
    phone.send(b"\r\n\r\n").await;
    let mut caller = office.registered(2).await;
    let (_invite, ()) = tokio::join!(caller.call("201"), async {
        let invite = phone.request(sip::Method::Invite).await;
        phone.reply(&invite, 180, "").await;
    });
}

#[tokio::test]
async fn registrations_survive_a_restart() {
    let office = Office::open().await;
    let _phone = office.registered(1).await;
    let kept: Vec<_> = office
        .binding_events()
        .into_iter()
        .filter_map(|event| match event {
            BindingEvent::Put(binding) => Some(binding),
            BindingEvent::Removed { .. } => None,
        })
        .collect();
    let text = serde_json::to_string(&*kept[0]).unwrap();
    let restored = serde_json::from_str(&text).unwrap();
    // The account is there before the calls start, as the directory is.
    let next = Office::reopen(&office, config(), vec![restored]).await;
    assert_eq!(next.calls.registrations_of(Serial(1)).len(), 1);
    assert_eq!(next.calls.registrations(account_id(), Serial(0), 10).len(), 1);
    assert_eq!(next.calls.drop_registrations(Serial(1), None), 1);
    assert_eq!(next.calls.facts(&office.user(1)).devices, 0);
}

#[tokio::test]
async fn a_renewal_is_told_only_when_it_says_something_new() {
    let office = Office::open().await;
    let mut phone = office.phone(1).await;
    phone.register(300).await;
    let told = || office.binding_events().len();
    assert_eq!(told(), 1);
    office.pass_seconds(20);
    phone.register(300).await;
    assert_eq!(told(), 1, "20 seconds later nobody needs to know");
    office.pass_seconds(20);
    phone.register(300).await;
    assert_eq!(told(), 2, "40 seconds after what was told last");
    let shorter = phone.register(120).await;
    assert_eq!(shorter.status().unwrap().code(), 200);
    assert_eq!(told(), 3, "a shorter time is news");
    let another = (HeaderName::UserAgent, "another".to_owned());
    phone.register_with(&[(HeaderName::Expires, "120".to_owned()), another]).await;
    assert_eq!(told(), 4, "so is another phone at the same address");
}

#[tokio::test]
async fn an_extension_that_is_required_and_not_understood_is_named() {
    let office = Office::open().await;
    let mut phone = office.phone(1).await;
    let requires = [(HeaderName::Require, "path, gruu, Outbound".to_owned())];
    let answer = phone.register_with(&requires).await;
    assert_eq!(answer.status().unwrap().code(), 420, "{}", show(&answer));
    assert_eq!(answer.text(HeaderName::Unsupported), Some("gruu"));
    assert!(office.calls.registrations_of(Serial(1)).is_empty());
}
