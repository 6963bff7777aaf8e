//! The way in with an authenticator app: enrolled, asked for, replaced by a recovery code.

use axum::http::StatusCode;
use domain::change::Change;
use domain::patch::UserPatch;
use domain::text::Email;
use domain::user::TwoFactor;
use totp_rs::Builder;

use crate::harness::{Browser, Harness, PASSWORD, Page, harness};

fn code(harness: &Harness, secret: &str, steps_later: i64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    let seconds = harness.directory.clock().now().as_second() + 30 * steps_later;
    totp.generate(seconds.try_into().unwrap()).to_string()
}

async fn owing(factor: TwoFactor) -> Harness {
    let harness = harness().await;
    let patch = UserPatch {
        two_factor: Change::Set(factor),
        email: Change::Set(Email::parse("asha@example.com").unwrap()),
        ..UserPatch::default()
    };
    harness.change(harness.users[0], patch).await;
    harness
}

/// The step after the password.
async fn second_step(browser: &mut Browser) -> Page {
    let place = browser.sign_in("asha", PASSWORD).await.location().to_owned();
    assert!(place.starts_with("/sign-in/code?ticket="), "{place}");
    browser.get(&place).await
}

async fn answer(browser: &mut Browser, step: &Page, code: &str) -> Page {
    let (ticket, secret) = (step.field("ticket"), step.field("secret"));
    let mut form = vec![("ticket", ticket.as_str()), ("code", code)];
    if !secret.is_empty() {
        form.push(("secret", secret.as_str()));
    }
    browser.post("/sign-in/code", &form).await
}

fn recovery_codes(page: &Page) -> Vec<String> {
    let parts = page.text.split("<li><code>").skip(1);
    parts.map(|part| part.split('<').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_first_sign_in_enrols_an_app_and_the_next_one_asks_for_it() {
    let harness = owing(TwoFactor::Totp).await;
    let mut browser = harness.browser();
    let step = second_step(&mut browser).await;
    assert!(step.text.contains("<svg class=\"qr\""));
    let secret = step.field("secret");
    let wrong = answer(&mut browser, &step, "nothing").await;
    assert_eq!(
        (wrong.status, wrong.field("secret")),
        (StatusCode::UNPROCESSABLE_ENTITY, secret.clone())
    );
    let done = answer(&mut browser, &step, &code(&harness, &secret, 0)).await;
    assert_eq!(recovery_codes(&done).len(), directory::RECOVERY_CODES);
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);

    let mut other = harness.browser();
    let step = second_step(&mut other).await;
    assert_eq!(step.field("secret"), "");
    let used = answer(&mut other, &step, &code(&harness, &secret, 0)).await;
    assert_eq!(used.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = answer(&mut other, &step, &code(&harness, &secret, 1)).await;
    assert_eq!(done.location(), "/");
    assert_eq!(other.get("/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_recovery_code_signs_in_once() {
    let harness = owing(TwoFactor::Totp).await;
    let mut browser = harness.browser();
    let step = second_step(&mut browser).await;
    let secret = step.field("secret");
    let shown = answer(&mut browser, &step, &code(&harness, &secret, 0)).await;
    let recovery = recovery_codes(&shown).remove(0);
    for expected in [StatusCode::SEE_OTHER, StatusCode::UNPROCESSABLE_ENTITY] {
        let mut other = harness.browser();
        let step = second_step(&mut other).await;
        assert_eq!(answer(&mut other, &step, &recovery).await.status, expected);
    }
    assert!(browser.get("/me").await.text.contains("7 recovery codes are left"));
}

#[tokio::test]
async fn an_enrolled_app_is_not_replaced_by_whoever_knows_the_password() {
    let harness = owing(TwoFactor::Totp).await;
    let mut browser = harness.browser();
    let step = second_step(&mut browser).await;
    let secret = step.field("secret");
    answer(&mut browser, &step, &code(&harness, &secret, 0)).await;
    let enrolled = harness.seen(harness.users[0]).sign_in.totp.clone();

    let mut thief = harness.browser();
    let step = second_step(&mut thief).await;
    let own = harness.directory.totp_offer(&harness.seen(harness.users[0])).secret;
    let code = code(&harness, own.expose(), 0);
    let form = [("ticket", &*step.field("ticket")), ("secret", own.expose()), ("code", &code)];
    let refused = thief.post("/sign-in/code", &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(harness.seen(harness.users[0]).sign_in.totp, enrolled);
}

#[tokio::test]
async fn a_code_by_mail_is_refused_with_a_sentence() {
    let harness = owing(TwoFactor::Email).await;
    let mut browser = harness.browser();
    let step = second_step(&mut browser).await;
    assert!(step.text.contains("cannot send mail"));
    answer(&mut browser, &step, "123456").await;
    assert!(browser.get("/me").await.location().starts_with("/sign-in"));
}

#[tokio::test]
async fn who_owes_a_code_by_mail_cannot_show_an_app_of_his_own_instead() {
    let harness = owing(TwoFactor::Email).await;
    let mut browser = harness.browser();
    let place = browser.sign_in("asha", PASSWORD).await.location().to_owned();
    let ticket = place.split(['=', '&']).nth(1).unwrap();
    let own = harness.directory.totp_offer(&harness.seen(harness.users[0])).secret;
    let shown = code(&harness, own.expose(), 0);
    let form = [("ticket", ticket), ("code", &*shown), ("secret", own.expose())];
    let refused = browser.post("/sign-in/code", &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    assert!(browser.get("/me").await.location().starts_with("/sign-in"));
    assert!(harness.seen(harness.users[0]).sign_in.totp.is_none());
}
