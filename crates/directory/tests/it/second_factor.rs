//! An authenticator app is enrolled, asked for and replaced by recovery codes.

use std::sync::Arc;

use directory::{Options, SignInError};
use domain::diff::{SECRET, TOTP};
use domain::secret::Secret;
use jiff::Timestamp;
use totp_rs::Builder;

use crate::fixture::{Fixture, fixture, with_password};

fn code_at(secret: &str, now: Timestamp) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    totp.generate(now.as_second().try_into().unwrap()).to_string()
}

async fn enrolled(fixture: &Fixture) -> (domain::id::UserId, String, Vec<Secret>) {
    let user = fixture.user_with(with_password("101", "Initial-pw-1")).await;
    let seen = fixture.seen(user);
    let secret = fixture.directory.totp_offer(&seen).secret.expose().to_owned();
    let caller = fixture.directory.signing_in(&seen, None);
    let earlier = fixture.directory.clock().now() - jiff::SignedDuration::from_secs(30);
    let shown = (&Secret::new(secret.as_str()), &*code_at(&secret, earlier));
    let codes = fixture.directory.enrol_totp(user, shown, &caller).await.unwrap();
    (user, secret, codes)
}

#[tokio::test]
async fn an_app_is_enrolled_by_showing_a_code_and_each_code_is_good_once() {
    let fixture = fixture().await;
    let (user, secret, _) = enrolled(&fixture).await;
    let whom = (fixture.founded.account.id, user);
    let code = code_at(&secret, fixture.directory.clock().now());
    fixture.directory.check_second_factor(whom, &code, None).await.unwrap();
    let again = fixture.directory.check_second_factor(whom, &code, None).await;
    assert!(matches!(again, Err(SignInError::Wrong { .. })));
}

#[tokio::test]
async fn a_wrong_code_enrols_nothing() {
    let fixture = fixture().await;
    let user = fixture.user("101").await;
    let seen = fixture.seen(user);
    let offer = fixture.directory.totp_offer(&seen);
    assert!(offer.uri.expose().contains(offer.secret.expose()));
    let caller = fixture.directory.signing_in(&seen, None);
    let shown = (&offer.secret, "abcdef");
    let refused = fixture.directory.enrol_totp(user, shown, &caller).await;
    assert!(matches!(refused, Err(SignInError::Wrong { .. })));
    assert!(Arc::ptr_eq(&fixture.seen(user), &seen));
}

#[tokio::test]
async fn a_recovery_code_is_good_once_and_leaves_a_row_without_secrets() {
    let fixture = fixture().await;
    let (user, secret, codes) = enrolled(&fixture).await;
    let whom = (fixture.founded.account.id, user);
    let code = codes.first().unwrap().expose().to_uppercase();
    fixture.directory.check_second_factor(whom, &code, None).await.unwrap();
    let again = fixture.directory.check_second_factor(whom, &code, None).await;
    assert!(matches!(again, Err(SignInError::Wrong { .. })));
    let rows = fixture.directory.history(user.0, None, 10, &fixture.admin).await.unwrap();
    assert_eq!(rows.len(), 3);
    let row = rows.first().unwrap();
    assert!(row.diff.contains(TOTP) && row.diff.contains(SECRET));
    assert!(rows.iter().all(|row| !row.diff.contains(&secret)));
}

#[tokio::test]
async fn restoring_an_earlier_version_leaves_the_enrolment_as_it_is() {
    let fixture = fixture().await;
    let (user, _, _) = enrolled(&fixture).await;
    let enrolment = fixture.seen(user).sign_in.totp.clone();
    let options = Options::default();
    fixture.directory.restore_user(user, 1, &fixture.admin, options).await.unwrap();
    assert!(enrolment.is_some());
    assert_eq!(fixture.seen(user).sign_in.totp, enrolment);
}

#[tokio::test]
async fn another_user_cannot_take_an_app_away() {
    let fixture = fixture().await;
    let (user, _, _) = enrolled(&fixture).await;
    let other = fixture.user("102").await;
    let caller = fixture.directory.signing_in(&fixture.seen(other), None);
    assert!(fixture.directory.remove_totp(user, &caller).await.is_err());
    fixture.directory.remove_totp(user, &fixture.admin).await.unwrap();
    assert_eq!(fixture.seen(user).sign_in.totp, None);
}

#[tokio::test]
async fn guessing_codes_is_locked_even_for_the_right_one() {
    let fixture = fixture().await;
    let (user, secret, _) = enrolled(&fixture).await;
    let whom = (fixture.founded.account.id, user);
    for _ in 0..directory::LOGIN_FAILURES_MAX {
        let wrong = fixture.directory.check_second_factor(whom, "nothing", None).await;
        assert!(matches!(wrong, Err(SignInError::Wrong { .. })));
    }
    let code = code_at(&secret, fixture.directory.clock().now());
    let locked = fixture.directory.check_second_factor(whom, &code, None).await;
    assert!(matches!(locked, Err(SignInError::Locked { .. })));
}
