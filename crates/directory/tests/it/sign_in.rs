//! Users signing in with their passwords.

use directory::{LOGIN_FAILURES_MAX, Options, SignInError};
use domain::caller::Caller;
use domain::change::Change;
use domain::patch::UserPatch;
use domain::policy::Rule;
use domain::user::TwoFactor;

use crate::fixture::{Fixture, fixture, found, with_password};

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
async fn a_login_is_locked_however_it_is_written() {
    let it = fixture().await;
    it.user_with(with_password("101", "Right-pw-1")).await;
    for spaces in 0..LOGIN_FAILURES_MAX as usize {
        let written = ["user101", "USER101", "User101"][spaces % 3];
        let _ = it.sign_in(&format!("{written:>width$}", width = 7 + spaces), "Wrong-pw-1").await;
    }
    let refused = it.sign_in("user101", "Right-pw-1").await;
    assert!(matches!(refused, Err(SignInError::Locked { .. })));
}

#[tokio::test]
async fn many_tries_at_once_are_no_more_than_one_after_the_other() {
    let it = std::sync::Arc::new(fixture().await);
    it.user_with(with_password("101", "Right-pw-1")).await;
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..3 * LOGIN_FAILURES_MAX {
        let it = std::sync::Arc::clone(&it);
        tries.spawn(async move { it.sign_in("user101", "Wrong-pw-1").await });
    }
    let outcomes = tries.join_all().await;
    let judged = outcomes.iter().filter(|it| matches!(it, Err(SignInError::Wrong { .. }))).count();
    assert_eq!(judged, LOGIN_FAILURES_MAX as usize);
}

#[tokio::test]
async fn signing_in_often_at_once_locks_nobody() {
    let it = fixture().await;
    it.user_with(with_password("101", "Right-pw-1")).await;
    for _ in 0..2 * LOGIN_FAILURES_MAX {
        it.sign_in("user101", "Right-pw-1").await.unwrap();
    }
    assert_eq!(it.directory.locks(), []);
}

#[tokio::test]
async fn a_namesakes_success_does_not_forgive_guesses() {
    let it = fixture().await;
    it.user_with(with_password("101", "Right-pw-1")).await;
    let other = found(&it.directory, "Other").await;
    let admin = Caller::operator(other.account.id);
    let other = Fixture { directory: it.directory.clone(), founded: other, admin };
    other.user_with(with_password("101", "Other-pw-1")).await;
    for _ in 0..LOGIN_FAILURES_MAX - 1 {
        let _ = it.sign_in("user101", "Wrong-pw-1").await;
    }
    assert!(it.sign_in("user101", "Other-pw-1").await.is_ok());
    let _ = it.sign_in("user101", "Wrong-pw-1").await;
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
