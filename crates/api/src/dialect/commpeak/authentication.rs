//! CommPeak's credentials: an API user's name and password, by HTTP Digest or Basic.
//! Realm and challenges are the vendor's; whose the credential is, the directory knows.

use axum::http::Method;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use directory::{COMMPEAK_REALM, Unrecognised};
use domain::caller::Caller;
use md5::{Digest as _, Md5};
use subtle::ConstantTimeEq;

use super::envelope::Failure;
use super::nonce;
use crate::request::{Incoming, pairs};
use crate::state::Api;

/// Recognises the API user of a request.
pub(super) fn recognise(incoming: &Incoming, api: &Api) -> Result<Caller, Failure> {
    let header = incoming.header("authorization").unwrap_or_default();
    let (scheme, shown) = header.split_once(' ').unwrap_or_default();
    match scheme.to_ascii_lowercase().as_str() {
        "basic" => basic(shown, incoming, api),
        "digest" => digest(shown, incoming, api),
        _ => Err(Failure::Challenge { stale: false }),
    }
}

/// What clients are asked for, the better one first.
pub(super) fn challenges(stale: bool, api: &Api) -> [String; 2] {
    let nonce = nonce::issue(&api.nonce_key, api.directory.clock().now());
    let stale = if stale { ", stale=true" } else { "" };
    [
        format!(
            "Digest realm=\"{COMMPEAK_REALM}\", qop=\"auth\", algorithm=MD5, nonce=\"{nonce}\"{stale}"
        ),
        format!("Basic realm=\"{COMMPEAK_REALM}\""),
    ]
}

fn basic(shown: &str, incoming: &Incoming, api: &Api) -> Result<Caller, Failure> {
    let decoded = BASE64_STANDARD.decode(shown.trim()).ok();
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let Some((username, password)) = text.as_deref().and_then(|text| text.split_once(':')) else {
        return Err(Failure::Challenge { stale: false });
    };
    api.directory.by_password(username, password, incoming.address).map_err(unrecognised)
}

fn digest(shown: &str, incoming: &Incoming, api: &Api) -> Result<Caller, Failure> {
    let answer = DigestAnswer::parse(shown).ok_or(Failure::Challenge { stale: false })?;
    if !answer.is_for(incoming) {
        return Err(Failure::Challenge { stale: false });
    }
    let now = api.directory.clock().now();
    let nonce = nonce::read(&answer.nonce, &api.nonce_key, now)
        .ok_or(Failure::Challenge { stale: true })?;
    let caller = api
        .directory
        .by_digest(&answer.username, incoming.address, |ha1| {
            answer.is_right(&ha1.0, &incoming.method)
        })
        .map_err(unrecognised)?;
    // Only now, so that nobody without the password can use up a count.
    if nonce::take(nonce, answer.count, now) {
        Ok(caller)
    } else {
        Err(Failure::Challenge { stale: true })
    }
}

fn unrecognised(why: Unrecognised) -> Failure {
    match why {
        Unrecognised::Wrong => Failure::Challenge { stale: false },
        Unrecognised::Inactive => Failure::Forbidden("The account is not active"),
        Unrecognised::Address => Failure::Forbidden("Access from this IP address is not allowed"),
        Unrecognised::Locked { .. } => Failure::Locked,
    }
}

/// What a client answers to the Digest challenge (RFC 7616 section 3.4). Only `qop=auth` is taken:
/// without it an answer could be sent again.
#[derive(Debug, Default)]
struct DigestAnswer {
    username: String,
    realm: String,
    nonce: String,
    uri: String,
    response: String,
    cnonce: String,
    count_text: String,
    count: u32,
}

impl DigestAnswer {
    fn parse(text: &str) -> Option<Self> {
        let mut answer = Self::default();
        let (mut algorithm, mut qop) = ("MD5".to_owned(), String::new());
        for (name, value) in parameters(text)? {
            match name.to_ascii_lowercase().as_str() {
                "username" => answer.username = value,
                "realm" => answer.realm = value,
                "nonce" => answer.nonce = value,
                "uri" => answer.uri = value,
                "response" => answer.response = value.to_ascii_lowercase(),
                "cnonce" => answer.cnonce = value,
                "nc" => answer.count_text = value,
                "qop" => qop = value,
                "algorithm" => algorithm = value,
                _ => {}
            }
        }
        let digits = answer.count_text.bytes().all(|byte| byte.is_ascii_hexdigit());
        answer.count = u32::from_str_radix(&answer.count_text, 16).ok().filter(|_| digits)?;
        let ours = qop.eq_ignore_ascii_case("auth") && algorithm.eq_ignore_ascii_case("MD5");
        ours.then_some(answer)
    }

    /// Whether it was made for this request: a proxy may have cut the front off the path, so the
    /// path below the mount is what has to be the same.
    fn is_for(&self, incoming: &Incoming) -> bool {
        let (path, query) = self.uri.split_once('?').unwrap_or((&self.uri, ""));
        let path = path.trim_end_matches('/');
        let below = path.strip_suffix(&incoming.path).is_some_and(|front| front.ends_with('/'));
        self.realm == COMMPEAK_REALM && below && pairs(query.as_bytes()) == incoming.query
    }

    fn is_right(&self, ha1: &str, method: &Method) -> bool {
        let ha2 = hex_md5(&[method.as_str(), &self.uri]);
        let parts = [ha1, &self.nonce, &self.count_text, &self.cnonce, "auth", &ha2];
        hex_md5(&parts).as_bytes().ct_eq(self.response.as_bytes()).into()
    }
}

fn hex_md5(parts: &[&str]) -> String {
    let digest = Md5::digest(parts.join(":"));
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
    digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The `name=value` and `name="value"` pairs of a header (RFC 9110 section 11.4).
fn parameters(text: &str) -> Option<Vec<(String, String)>> {
    let mut rest = text.trim();
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => quoted_text(quoted)?,
            None => {
                let (value, after) = after.split_once(',').unwrap_or((after, ""));
                (value.trim().to_owned(), after)
            }
        };
        found.push((name.trim().to_owned(), value));
        rest = after.trim_start_matches([',', ' ', '\t']);
    }
    Some(found)
}

/// A quoted text up to its closing quote, and what follows it.
fn quoted_text(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.chars();
    loop {
        match characters.next()? {
            '"' => return Some((value, characters.as_str())),
            '\\' => value.push(characters.next()?),
            character => value.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7616 section 3.9.1, with MD5.
    #[test]
    fn the_answer_of_the_standards_example_is_right() {
        let answer = DigestAnswer::parse(
            r#"username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html",
               algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001,
               cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth,
               response="8ca523f5e9506fed4657c9700eebdbec",
               opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#,
        )
        .unwrap();
        let ha1 = "3d78807defe7de2157e2b0b6573a855f";
        assert!(answer.is_right(ha1, &Method::GET));
        assert!(!answer.is_right(ha1, &Method::PUT));
    }

    #[test]
    fn what_is_no_answer_is_not_taken() {
        for text in [
            "",
            "username",
            "username=\"a",
            "username=\"a\", nc=1",
            "username=\"a\", qop=auth-int, nc=00000001",
            "username=\"a\", qop=auth, nc=+1",
            "username=\"a\", qop=auth, nc=00000001, algorithm=SHA-256",
        ] {
            assert!(DigestAnswer::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn quotes_inside_a_value_are_escaped() {
        let found = parameters(r#"a="x\"y, z=", b=c,d = "e""#).unwrap();
        let texts: Vec<_> = found.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(texts, [("a", "x\"y, z="), ("b", "c"), ("d", "e")]);
    }
}
