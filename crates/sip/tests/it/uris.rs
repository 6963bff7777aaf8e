//! URIs and addresses: reading, comparing, telephone numbers.

use sip::{NameAddr, Scheme, Uri, UriError};

fn uri(text: &str) -> Uri<'_> {
    Uri::parse(text).expect("a valid URI")
}

#[test]
fn every_part_of_a_uri_is_found() {
    let uri = uri("SIPS:al%20ice;x=1?y:pw@[2001:db8::9]:5061;transport=tcp;lr?Subject=a&b=c");
    assert_eq!(uri.scheme, Scheme::Sips);
    assert_eq!(uri.user, Some("al%20ice;x=1?y"));
    assert_eq!(uri.user_decoded().as_deref(), Some("al ice;x=1?y"));
    assert_eq!(uri.password, Some("pw"));
    assert_eq!((uri.host, uri.port), ("[2001:db8::9]", Some(5061)));
    assert_eq!(uri.ip(), Some("2001:db8::9".parse().unwrap()));
    assert_eq!(uri.transport(), Some("tcp"));
    assert!(uri.is_loose_router());
    assert_eq!(uri.headers, "Subject=a&b=c");
}

#[test]
fn malformed_uris_are_refused_with_the_cause() {
    for (text, cause) in [
        ("101", UriError::Scheme),
        ("1x:a", UriError::Scheme),
        ("sip:", UriError::Host),
        ("sip:a@", UriError::Host),
        ("sip:a@b@c", UriError::Host),
        ("sip:a@[::1", UriError::Host),
        ("sip:a@[zz]", UriError::Host),
        ("sip:a@b:70000", UriError::Port),
        ("sip:a@b:", UriError::Port),
        ("sip:a@b:+5", UriError::Port),
        ("sip:a@[::1]5060", UriError::Port),
        ("sip:a b@c", UriError::Characters),
        ("<sip:a@b>", UriError::Scheme),
        ("sip:a@b>", UriError::Characters),
        ("sip:a%2@b", UriError::Escape),
        ("sip:@b", UriError::Escape),
    ] {
        assert_eq!(Uri::parse(text).err(), Some(cause), "{text}");
    }
}

/// The examples of RFC 3261 section 19.1.4.
#[test]
fn equivalent_uris_are_those_of_the_rfc() {
    for (one, two) in [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5"),
        (
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
        ),
        (
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
        ),
        ("tel:+1-201-555-0123", "tel:+12015550123"),
    ] {
        assert!(uri(one).is_equivalent(&uri(two)), "{one} {two}");
        assert!(uri(two).is_equivalent(&uri(one)), "{two} {one}");
    }
}

#[test]
fn different_uris_are_those_of_the_rfc() {
    for (one, two) in [
        ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
        ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
        ("sip:a@b;security=on", "sip:a@b;security=off"),
        ("sip:a@b", "sips:a@b"),
        ("sip:a@b;maddr=192.0.2.1", "sip:a@b"),
    ] {
        assert!(!uri(one).is_equivalent(&uri(two)), "{one} {two}");
        assert!(!uri(two).is_equivalent(&uri(one)), "{two} {one}");
    }
}

#[test]
fn telephone_numbers_are_found_in_user_parts() {
    let e164 = |text| uri(text).e164().map(std::borrow::Cow::into_owned);
    assert_eq!(
        e164("sip:+91-98.765(43)210@t.example;user=phone").as_deref(),
        Some("+919876543210")
    );
    assert_eq!(e164("tel:+12015550123;ext=7").as_deref(), Some("+12015550123"));
    assert_eq!(e164("sip:%2B4930123@t.example").as_deref(), Some("+4930123"));
    assert_eq!(e164("sip:+4930123;phone-context=x@t.example").as_deref(), Some("+4930123"));
    assert_eq!(e164("sip:4930123@t.example"), None);
    assert_eq!(e164("sip:+1234567890123456@t.example"), None);
    assert_eq!(e164("sip:+12a@t.example"), None);
    assert_eq!(uri("sip:*21#@t.example").dialled().as_deref(), Some("*21#"));
    assert_eq!(uri("sip:asha@t.example").dialled(), None);
}

#[test]
fn addresses_are_read_in_both_forms() {
    let named = NameAddr::parse(br#""A \"q\" <x>, B" <sip:a@b;lr?h=1>;tag=7 ; x"#).unwrap();
    assert_eq!(named.display(), "A \"q\" <x>, B");
    assert_eq!(named.uri_text, "sip:a@b;lr?h=1");
    assert_eq!(named.tag(), Some("7"));
    let bare = NameAddr::parse(b"sip:a@b;tag=7").unwrap();
    assert_eq!((bare.uri_text, bare.tag()), ("sip:a@b", Some("7")));
    let tokens = NameAddr::parse(b"Front Desk <tel:100>").unwrap();
    assert_eq!((tokens.display().as_ref(), tokens.uri_text), ("Front Desk", "tel:100"));
}

#[test]
fn broken_addresses_are_refused() {
    for text in [
        "",
        "<>",
        "<sip:a@b",
        "\"open <sip:a@b>",
        "\"x\" sip:a@b",
        "sip:a@b?h=1",
        "a \"b\" <sip:a@b>",
        "<sip:a@b> junk",
        "<sip:a@b>;x=\"open",
        "nothing",
    ] {
        assert!(NameAddr::parse(text.as_bytes()).is_err(), "{text}");
    }
}
