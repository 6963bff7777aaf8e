//! SMS through a provider's HTTP interface, as the configuration describes it: a URL, headers and
//! a body into which number and text are put. No provider is known by name.

use std::borrow::Cow;

use axum::http::{Method, Request, header};

use super::config::{SmsConfig, SmsEncoding, SmsMethod};
use super::message::Sms;

/// How a value is written where it is put.
#[derive(Clone, Copy)]
enum Place {
    Url,
    Json,
    Form,
}

/// The provider's request for one message.
///
/// # Errors
///
/// URL or headers are none.
pub(super) fn request(sms: &Sms, config: &SmsConfig) -> axum::http::Result<Request<Vec<u8>>> {
    let url = config.url.as_ref().map(|url| filled(url.expose(), sms, Place::Url));
    let (place, content_type) = match config.encoding {
        SmsEncoding::Json => (Place::Json, "application/json"),
        SmsEncoding::Form => (Place::Form, "application/x-www-form-urlencoded"),
    };
    let body = config.body.as_ref().map(|body| filled(body.expose(), sms, place));
    let mut request = Request::builder().method(method(config.method)).uri(url.unwrap_or_default());
    for (name, value) in &config.headers {
        request = request.header(name, value.expose());
    }
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, content_type);
    }
    request.body(body.unwrap_or_default().into_bytes())
}

/// Whether everything the configuration names can be sent.
pub(super) fn is_usable(config: &SmsConfig) -> bool {
    let sample = Sms { to: "+10000000000".to_owned(), text: "sample".to_owned() };
    request(&sample, config).is_ok_and(|request| request.uri().host().is_some())
}

const fn method(method: SmsMethod) -> Method {
    match method {
        SmsMethod::Get => Method::GET,
        SmsMethod::Post => Method::POST,
        SmsMethod::Put => Method::PUT,
    }
}

/// `{to}` is the number with its plus, `{digits}` without, `{text}` the text. In one pass, so that
/// a text that holds `{to}` stays as it is.
fn filled(template: &str, sms: &Sms, place: Place) -> String {
    let mut out = String::with_capacity(template.len() + sms.text.len());
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        let known = behind.split_once('}').and_then(|(name, behind)| {
            let value = match name {
                "to" => sms.to.as_str(),
                "digits" => sms.to.trim_start_matches('+'),
                "text" => sms.text.as_str(),
                _ => return None,
            };
            Some((value, behind))
        });
        if let Some((value, behind)) = known {
            out.push_str(&written(value, place));
            rest = behind;
        } else {
            out.push('{');
            rest = behind;
        }
    }
    out.push_str(rest);
    out
}

fn written(value: &str, place: Place) -> Cow<'_, str> {
    match place {
        Place::Url | Place::Form => form_urlencoded::byte_serialize(value.as_bytes())
            .map(|part| if part == "+" { "%20" } else { part })
            .collect::<String>()
            .into(),
        Place::Json => {
            let quoted = serde_json::Value::from(value).to_string();
            let bare = quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
            bare.unwrap_or_default().to_owned().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_their_place_asks() {
        let sms = Sms { to: "+919100000101".into(), text: "\"a\" & {to}\n".into() };
        assert_eq!(
            filled("http://x/?t={digits}&n={to}&m={text}", &sms, Place::Url),
            "http://x/?t=919100000101&n=%2B919100000101&m=%22a%22%20%26%20%7Bto%7D%0A"
        );
        assert_eq!(
            filled("{\"to\":\"{to}\",\"text\":\"{text}\",\"x\":{}}", &sms, Place::Json),
            "{\"to\":\"+919100000101\",\"text\":\"\\\"a\\\" & {to}\\n\",\"x\":{}}"
        );
    }
}
