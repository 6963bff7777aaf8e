//! Users signing in with their passwords.

use directory::{LOGIN_FAILURES_MAX, Options, SignInError};
use domain::change::Change;
use domain::patch::UserPatch;
use domain::policy::Rule;
use domain::user::TwoFactor;

use crate::fixture::{fixture, with_password};

#[tokio::test]
async fn the_right_password_begins_a_session_and_a_wrong_one_does_not() {
    let it = fixture().await;
    let user = it.user_with(with_password("101", "Right-pw-1")).await;
    assert!(matches!(it.sign_in("user101", "Wrong-pw-1").await, Err(SignInError::Wrong { .. })));
    assert!(matches!(it.sign_in("nobody", "Right-pw-1").await, Err(SignInError::Wrong { .. })));
    assert!(!it.directory.is_signed_in(user));
    let signed_in = it.sign_in("USER101", "Right-pw-1").await.unwrap();
    assert!(it.by_session(signed_in.token.expose()).is_ok());
}

#[tokio::test]
async fn guessing_a_password_locks_the_login_even_for_the_right_one() {
    let it = fixture().await;
    it.user_with(with_password("101", "Right-pw-1")).await;
    for _ in 0..LOGIN_FAILURES_MAX {
        let _ = it.sign_in("user101", "Wrong-pw-1").await;
    }
    let refused = it.sign_in("user101", "Right-pw-1").await;
    assert!(matches!(refused, Err(SignInError::Locked { .. })));
}

#[tokio::test]
async fn policy_refuses_after_the_password() {
    let it = fixture().await;
    let blocked =
        UserPatch { web_login_blocked: Change::Set(true), ..with_password("101", "Right-pw-1") };
    it.user_with(blocked).await;
    let refused = it.sign_in("user101", "Right-pw-1").await;
    assert!(matches!(refused, Err(SignInError::Refused(Rule::WebLoginBlocked))));
}

#[tokio::test]
async fn a_voice_that_cannot_ask_for_the_second_factor_lets_nobody_past_it() {
    let it = fixture().await;
    let guarded = UserPatch {
        two_factor: Change::Set(TwoFactor::Totp),
        ..with_password("101", "Right-pw-1")
    };
    it.user_with(guarded).await;
    let refused = it.sign_in("user101", "Right-pw-1").await;
    assert!(matches!(refused, Err(SignInError::SecondFactorOwed { .. })));
}

#[tokio::test]
async fn one_session_too_many_ends_the_oldest() {
    let it = fixture().await;
    let two = UserPatch { sessions_max: Change::Set(2), ..with_password("101", "Right-pw-1") };
    let user = it.user_with(two).await;
    let first = it.sign_in("user101", "Right-pw-1").await.unwrap();
    let second = it.sign_in("user101", "Right-pw-1").await.unwrap();
    let third = it.sign_in("user101", "Right-pw-1").await.unwrap();
    assert_eq!(third.ended.len(), 1);
    assert!(it.by_session(first.token.expose()).is_err());
    assert!(it.by_session(second.token.expose()).is_ok());
    assert_eq!(it.directory.sessions_of(user).len(), 2);
}

#[tokio::test]
async fn rights_are_read_anew_with_every_request() {
    let it = fixture().await;
    let user = it.user_with(with_password("101", "Right-pw-1")).await;
    let token = it.sign_in("user101", "Right-pw-1").await.unwrap().token;
    let before = it.by_session(token.expose()).unwrap();
    let account = it.directory.account(&it.admin).unwrap();
    let administrator = account.roles.values().max_by_key(|it| it.permissions.iter().count());
    let role = Change::Set(administrator.unwrap().id);
    let patch = UserPatch { role, ..UserPatch::default() };
    it.directory.change_user(user, patch, &it.admin, Options::default()).await.unwrap();
    let after = it.by_session(token.expose()).unwrap();
    assert!(!before.permissions.covers(after.permissions));
}
