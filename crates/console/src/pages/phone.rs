//! The browser softphone: a page that registers, rings and calls through `assets/phone.js`. The
//! password it registers with is made for the session and fetched by that script, never rendered.

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderValue, Response, header};
use directory::{SoftphoneLogin, SoftphoneRefused};
use domain::permission::Permission;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::assets::{JSSIP, PHONE, PHONE_SOUND};
use crate::fault::sentence;
use crate::layout::Shell;
use crate::session::{Posted, Signed};

#[derive(Template)]
#[template(path = "phone.html")]
struct PhonePage {
    shell: Shell,
    extension: Option<String>,
    keys: &'static [(&'static str, &'static str)],
    jssip: &'static str,
    sound: &'static str,
    script: &'static str,
}

/// What a key sends, and the letters on it.
const KEYS: &[(&str, &str)] = &[
    ("1", ""),
    ("2", "ABC"),
    ("3", "DEF"),
    ("4", "GHI"),
    ("5", "JKL"),
    ("6", "MNO"),
    ("7", "PQRS"),
    ("8", "TUV"),
    ("9", "WXYZ"),
    ("*", ""),
    ("0", "+"),
    ("#", ""),
];

pub(crate) async fn show(signed: Signed) -> Answer {
    signed.require(Permission::OwnWrite)?;
    let extension = signed.user.telephone.extension.map(|it| it.to_string());
    let page = PhonePage {
        shell: Shell::of(&signed, "Phone"),
        extension,
        keys: KEYS,
        jssip: &JSSIP.address,
        sound: &PHONE_SOUND.address,
        script: &PHONE.address,
    };
    signed.page(&page)
}

/// What this browser may register with for the next hour, or a sentence why it may not.
pub(crate) async fn credential(Posted { signed, .. }: Posted) -> Answer {
    // Answered as a page would be: the script shows the sentence, and nothing went wrong.
    let refused = |words: String| json!({ "refused": words });
    let body = match signed.console.directory.softphone_login(&signed.caller) {
        Ok(login) => shown(&signed, &login),
        Err(SoftphoneRefused::Error(error)) => refused(sentence(&error)),
        Err(SoftphoneRefused::NoExtension) => refused("You have no extension.".to_owned()),
        Err(SoftphoneRefused::Rule(rule)) => refused(rule.sentence(signed.zone()).into_owned()),
    };
    let mut response = Response::new(Body::from(body.to_string()));
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

fn shown(signed: &Signed, login: &SoftphoneLogin) -> Value {
    json!({
        "username": login.username,
        "password": login.password.expose(),
        "address": format!("sip:{}@{}", login.extension, login.realm),
        "name": signed.user.name(),
        "seconds": login.lifetime.as_secs(),
    })
}
