//! Requests outside calls and registrations, keep-alives, and refreshes of a session.

use sip::{HeaderName, Method};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::line::connect;
use crate::office::{Office, REALM};
use crate::wire::Wire;

#[tokio::test]
async fn requests_outside_a_call_get_the_answer_their_method_deserves() {
    let office = Office::open().await;
    let mut phone = office.phone(1).await;
    let uri = format!("sip:{REALM}");
    let methods = [
        (Method::Options, 200),
        (Method::Subscribe, 489),
        (Method::Message, 405),
        (Method::Publish, 405),
        (Method::Bye, 481),
        (Method::Info, 481),
        (Method::Update, 481),
        (Method::Refer, 481),
        (Method::Other, 501),
    ];
    for (method, code) in methods {
        let call_id = format!("outside-{code}-{method}");
        let bytes = phone.write((method, &uri), (&call_id, 1, "<sip:x@y>"), &[], "");
        phone.send(&bytes).await;
        let answer = phone.answer_of(code).await;
        let allows = answer.tokens(HeaderName::Allow).any(|it| it == "INVITE");
        assert_eq!(allows, matches!(code, 200 | 405 | 501), "{method}");
    }
}

#[tokio::test]
async fn a_stun_request_is_told_its_address_and_line_ends_are_not_answered() {
    let office = Office::open().await;
    let Wire::Udp { socket, server } = Wire::udp(office.address()).await else { unreachable!() };
    socket.send_to(b"\r\n\r\n", server).await.unwrap();
    let mut question = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    question.extend_from_slice(b"twelve-bytes");
    socket.send_to(&question, server).await.unwrap();
    let mut buffer = [0; 128];
    let (length, _) = socket.recv_from(&mut buffer).await.unwrap();
    assert_eq!((&buffer[..2], &buffer[8..20]), (&[1, 1][..], &b"twelve-bytes"[..]));
    assert_eq!(length, 32);
    assert_eq!(office.calls.counts().malformed, 0);
}

#[tokio::test]
async fn a_ping_on_a_stream_is_answered() {
    let office = Office::open().await;
    let Wire::Stream { mut stream, .. } = Wire::tcp(office.address()).await else { unreachable!() };
    stream.write_all(b"\r\n\r\n").await.unwrap();
    let mut pong = [0; 2];
    stream.read_exact(&mut pong).await.unwrap();
    assert_eq!(&pong, b"\r\n");
}

#[tokio::test]
async fn an_update_without_description_refreshes_the_session_here() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (mut line, _) = connect(&mut asha, &mut ravi, "202").await;
    let refresh = [
        (HeaderName::Supported, "timer".to_owned()),
        (HeaderName::SessionExpires, "600;refresher=uac".to_owned()),
    ];
    asha.within(&mut line, Method::Update, &refresh, "").await;
    let answer = asha.answer_of(200).await;
    assert_eq!(answer.session_expires().unwrap().seconds, 600);
    assert!(ravi.wire.is_silent().await);
}

#[tokio::test]
async fn a_trunk_s_or_phone_s_request_out_of_order_is_refused() {
    let office = Office::open().await;
    let (mut asha, mut ravi) = (office.registered(1).await, office.registered(2).await);
    let (mut line, _) = connect(&mut asha, &mut ravi, "202").await;
    asha.within(&mut line, Method::Options, &[], "").await;
    asha.answer_of(200).await;
    line.number -= 1;
    asha.within(&mut line, Method::Options, &[], "").await;
    asha.answer_of(500).await;
}
