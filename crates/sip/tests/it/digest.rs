//! Digest: published vectors, replays, stale nonces, the client's side.

use std::time::Duration;

use sip::digest::{
    Algorithm, Authenticator, Challenge, ClientAnswer, Credentials, Ha1, NonceCounts, NonceSecret,
    ResponseInput, Verdict, response,
};
use sip::{HeaderName, Message};

use crate::samples::{REGISTER, parse};

const LIFETIME: Duration = Duration::from_mins(5);

/// RFC 7616 section 3.9.1, both algorithms.
#[test]
fn responses_match_the_example_of_rfc_7616() {
    for (algorithm, expected) in [
        (Algorithm::Md5, "8ca523f5e9506fed4657c9700eebdbec"),
        (Algorithm::Sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ] {
        let ha1 = Ha1::of(algorithm, "Mufasa", "http-auth@example.org", "Circle of Life");
        let input = ResponseInput {
            method: "GET",
            uri: b"/dir/index.html",
            nonce: b"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
            counted: Some((b"00000001", b"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")),
        };
        assert_eq!(response(&ha1, input).as_str(), expected);
    }
}

/// RFC 2617 section 3.5.
#[test]
fn responses_match_the_example_of_rfc_2617() {
    let ha1 = Ha1::of(Algorithm::Md5, "Mufasa", "testrealm@host.com", "Circle Of Life");
    let input = ResponseInput {
        method: "GET",
        uri: b"/dir/index.html",
        nonce: b"dcd98b7102dd2f0e8b11d0f600bfb0c093",
        counted: Some((b"00000001", b"0a4f113b")),
    };
    assert_eq!(response(&ha1, input).as_str(), "6629fae49393a05397450978507c4ef1");
    let older = ResponseInput { counted: None, ..input };
    assert_eq!(response(&ha1, older).as_str(), "670fd8c2df070c60b045671b8b24ff02");
}

#[test]
fn an_ha1_is_neither_printed_nor_taken_in_the_wrong_length() {
    let ha1 = Ha1::of(Algorithm::Md5, "101", "r", "secret");
    assert_eq!(format!("{ha1:?}"), "Ha1(MD5)");
    assert_eq!(ha1.as_bytes().len(), 16);
    assert!(Ha1::from_bytes(Algorithm::Md5, ha1.as_bytes()).is_some());
    assert!(Ha1::from_bytes(Algorithm::Sha256, ha1.as_bytes()).is_none());
    assert!(Ha1::from_bytes(Algorithm::Md5, &[0; 33]).is_none());
}

fn authenticator(limit: usize) -> Authenticator {
    Authenticator::new("rollcall", NonceSecret::new([7; 32]), NonceCounts::new(limit, LIFETIME))
}

/// A phone that answers challenges with this crate's client side.
struct Phone {
    ha1: Ha1,
    challenge: String,
}

impl Phone {
    fn new(server: &Authenticator, algorithm: Algorithm, salt: u8, now: Duration) -> Self {
        let nonce = server.nonce([salt; 6], now);
        let challenge = server.challenge(algorithm, nonce, false).to_string();
        Self { ha1: Ha1::of(algorithm, "101", "rollcall", "secret"), challenge }
    }

    fn request(&self, count: u32) -> Message {
        let challenge = Challenge::parse(self.challenge.as_bytes()).unwrap();
        let value = challenge.answer(ClientAnswer {
            username: "101",
            ha1: &self.ha1,
            method: "REGISTER",
            uri: "sip:rollcall.example",
            count,
            cnonce: "c0ffee",
        });
        let line = format!("Authorization: {}\nExpires:", String::from_utf8(value).unwrap());
        parse(&REGISTER.replace("Expires:", &line))
    }

    fn try_at(&self, server: &Authenticator, count: u32, now: Duration) -> Verdict {
        judge(server, &self.ha1, &self.request(count), now)
    }
}

fn judge(server: &Authenticator, ha1: &Ha1, request: &Message, now: Duration) -> Verdict {
    let credentials = request.authorizations().next().expect("credentials");
    assert_eq!(credentials.username(), "101");
    server.verify(&credentials, ha1, request, now)
}

const NOW: Duration = Duration::from_secs(1000);

#[test]
fn a_right_answer_is_valid_once_with_either_algorithm() {
    for algorithm in [Algorithm::Md5, Algorithm::Sha256] {
        let server = authenticator(1000);
        let phone = Phone::new(&server, algorithm, 1, NOW);
        assert_eq!(phone.try_at(&server, 1, NOW), Verdict::Valid);
        assert_eq!(phone.try_at(&server, 1, NOW), Verdict::Replayed);
        assert!(Verdict::Replayed.is_stale());
    }
}

#[test]
fn counts_beyond_nine_are_read_as_hexadecimal() {
    let server = authenticator(1000);
    let phone = Phone::new(&server, Algorithm::Md5, 1, NOW);
    for count in 1..=40 {
        assert_eq!(phone.try_at(&server, count, NOW), Verdict::Valid, "{count}");
    }
}

#[test]
fn counts_may_arrive_out_of_order_but_never_twice() {
    use Verdict::{Replayed, Valid};
    let server = authenticator(1000);
    let phone = Phone::new(&server, Algorithm::Md5, 1, NOW);
    let verdicts = [5, 3, 4, 3, 70, 6, 7, 0, 70].map(|count| phone.try_at(&server, count, NOW));
    assert_eq!(
        verdicts,
        [Valid, Valid, Valid, Replayed, Valid, Replayed, Valid, Replayed, Replayed]
    );
}

#[test]
fn an_old_nonce_is_stale_and_a_foreign_one_is_named_so() {
    let server = authenticator(1000);
    let phone = Phone::new(&server, Algorithm::Md5, 1, NOW);
    assert_eq!(phone.try_at(&server, 1, NOW + LIFETIME), Verdict::Stale);
    let other =
        Authenticator::new("rollcall", NonceSecret::new([8; 32]), NonceCounts::new(1000, LIFETIME));
    assert_eq!(phone.try_at(&other, 1, NOW), Verdict::ForeignNonce);
}

#[test]
fn a_wrong_password_is_wrong_even_with_an_old_nonce() {
    let server = authenticator(1000);
    let phone = Phone::new(&server, Algorithm::Sha256, 1, NOW);
    let ha1 = Ha1::of(Algorithm::Sha256, "101", "rollcall", "another");
    let verdict = judge(&server, &ha1, &phone.request(1), NOW + LIFETIME);
    assert_eq!(verdict, Verdict::WrongPassword);
}

#[test]
fn an_answer_for_something_else_is_unusable() {
    let server = authenticator(1000);
    let phone = Phone::new(&server, Algorithm::Md5, 1, NOW);
    let good = String::from_utf8(phone.request(1).as_bytes().to_vec()).unwrap();
    for (from, to) in [
        ("realm=\"rollcall\"", "realm=\"another\""),
        ("qop=auth", "qop=auth-int"),
        ("qop=auth, ", ""),
        ("algorithm=MD5", "algorithm=SHA-256"),
        ("algorithm=MD5", "algorithm=MD5-sess"),
        ("uri=\"sip:rollcall.example\"", "uri=\"sip:102@rollcall.example\""),
        ("nc=00000001", "nc=+1"),
        ("nc=00000001", "nc=000000001"),
    ] {
        assert!(good.contains(from), "{from}");
        let request = Message::parse(good.replace(from, to).into()).unwrap();
        assert_eq!(judge(&server, &phone.ha1, &request, NOW), Verdict::Unusable, "{to}");
    }
}

#[test]
fn a_full_table_forgets_without_letting_a_replay_through() {
    let server = authenticator(64);
    let phones: Vec<_> = (0..200_u8)
        .map(|salt| {
            let now = NOW + Duration::from_millis(u64::from(salt));
            (Phone::new(&server, Algorithm::Md5, salt, now), now)
        })
        .collect();
    for (phone, now) in &phones {
        assert_eq!(phone.try_at(&server, 1, *now), Verdict::Valid);
    }
    let later = NOW + Duration::from_secs(1);
    for (phone, _) in &phones {
        let verdict = phone.try_at(&server, 1, later);
        assert!(matches!(verdict, Verdict::Stale | Verdict::Replayed), "{verdict:?}");
    }
}

#[test]
fn quoted_text_with_escapes_survives_both_ways() {
    let value =
        br#"Digest realm="a \"b\", c", nonce="n,1", qop="auth-int,auth", opaque="o", stale=TRUE"#;
    let challenge = Challenge::parse(value).unwrap();
    assert_eq!(challenge.realm(), "a \"b\", c");
    assert!(challenge.stale);
    let ha1 = Ha1::of(Algorithm::Md5, "u\"x", &challenge.realm(), "p");
    let answer = challenge.answer(ClientAnswer {
        username: "u\"x",
        ha1: &ha1,
        method: "INVITE",
        uri: "sip:a@b",
        count: 11,
        cnonce: "zz",
    });
    let credentials = Credentials::parse(&answer).unwrap();
    assert_eq!(credentials.username(), "u\"x");
    assert_eq!(credentials.realm(), "a \"b\", c");
    assert_eq!((credentials.nonce, credentials.opaque), (&b"n,1"[..], &b"o"[..]));
    assert_eq!((credentials.nc, credentials.count()), (&b"0000000b"[..], Some(11)));
}

#[test]
fn challenges_that_cannot_be_answered_are_passed_over() {
    for value in [
        "Basic realm=\"x\"",
        "Digest realm=\"x\", nonce=\"n\", algorithm=SHA-512-256",
        "Digest realm=\"x\", nonce=\"n\", qop=\"auth-int\"",
        "Digest realm=\"x\"",
        "Digest",
    ] {
        assert!(Challenge::parse(value.as_bytes()).is_none(), "{value}");
    }
    let message = parse(&REGISTER.replace(
        "Expires:",
        "WWW-Authenticate: Digest realm=\"x\", nonce=\"n\", algorithm=SHA-512-256\n\
         WWW-Authenticate: Digest realm=\"x\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"\nExpires:",
    ));
    assert!(message.header(HeaderName::WwwAuthenticate).unwrap().ends_with(b"SHA-512-256"));
    assert_eq!(message.challenges().next().unwrap().algorithm, Algorithm::Sha256);
}

proptest::proptest! {
    /// However small the table and however requests are ordered and delayed: nothing passes twice.
    #[test]
    fn no_header_is_ever_valid_twice(
        limit in 1..80_usize,
        steps in proptest::collection::vec((0..24_u8, 1..70_u32, 0..40_u64), 1..120),
    ) {
        let server = authenticator(limit);
        let phones: Vec<_> = (0..24_u8)
            .map(|salt| Phone::new(&server, Algorithm::Md5, salt, NOW + LIFETIME * u32::from(salt) / 8))
            .collect();
        let mut now = NOW + LIFETIME;
        let mut passed = std::collections::HashSet::new();
        for (phone, count, seconds) in steps {
            now += Duration::from_secs(seconds);
            let verdict = phones[usize::from(phone)].try_at(&server, count, now);
            if verdict == Verdict::Valid {
                proptest::prop_assert!(passed.insert((phone, count)), "{phone} {count}");
            }
        }
    }
}
