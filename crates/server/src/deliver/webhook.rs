//! A webhook's request: the body as it stands, signed with the webhook's secret.
//! Which events there are, and what they say, is in `announcement`.

use axum::http::{Method, Request, header};
use domain::hex::hex;
use domain::resource::Webhook;
use domain::stored_secret::StoredSecret;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use super::message::{Announcement, MessageId};

pub(super) const SIGNATURE: &str = "rollcall-signature";
pub(super) const DELIVERY: &str = "rollcall-delivery";
pub(super) const EVENT: &str = "rollcall-event";

/// The request of one attempt. The id is the same for every attempt, the signature is not: it
/// says when it was made.
///
/// # Errors
///
/// The URL is none after all.
pub(super) fn request(
    id: MessageId,
    announcement: Announcement,
    webhook: &Webhook,
    now: Timestamp,
) -> axum::http::Result<Request<Vec<u8>>> {
    let signature = signature(&announcement.body, &webhook.secret, now);
    Request::builder()
        .method(Method::POST)
        .uri(&*webhook.url)
        .header(header::CONTENT_TYPE, "application/json")
        .header(EVENT, announcement.event)
        .header(DELIVERY, id.to_string())
        .header(SIGNATURE, signature)
        .body(announcement.body.into_bytes())
}

/// `t=<unix seconds>,v1=<hex>`: HMAC-SHA-256 over the time, a dot and the body.
pub(super) fn signature(body: &str, secret: &StoredSecret, now: Timestamp) -> String {
    let seconds = now.as_second();
    let digest = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).map(|mut mac| {
        mac.update(seconds.to_string().as_bytes());
        mac.update(b".");
        mac.update(body.as_bytes());
        mac.finalize().into_bytes()
    });
    // HMAC takes keys of any length, so there always is a digest.
    let hex = digest.map(|digest| hex(&digest)).unwrap_or_default();
    format!("t={seconds},v1={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_documented_example() {
        let secret = StoredSecret::new("whsec-example");
        let at = Timestamp::from_second(1_767_225_600).unwrap();
        // By Python: hmac.new(b"whsec-example", b'1767225600.{"id":"1"}', "sha256").hexdigest()
        assert_eq!(
            signature("{\"id\":\"1\"}", &secret, at),
            "t=1767225600,v1=07dbe6b6639809841a1c58be3386550035f31180e8b9a1ae54f30cb9d023f467"
        );
    }
}
