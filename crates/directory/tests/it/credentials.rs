//! Who is recognised, and the wall between accounts.

use directory::{Error, Guesser, Options, Unrecognised};
use domain::caller::Caller;
use domain::credential::Voice;
use domain::patch::UserPatch;
use domain::permission::{Permission, Permissions};
use domain::resource::ResourceKind;

use crate::fixture::{fixture, found};

#[tokio::test]
async fn every_founding_credential_opens_its_own_voice_and_no_other() {
    let it = fixture().await;
    let tokens = [
        (Voice::Native, &it.founded.native),
        (Voice::CallerDesk, &it.founded.callerdesk),
        (Voice::Acefone, &it.founded.acefone),
        (Voice::Smartflo, &it.founded.smartflo),
    ];
    for (voice, token) in tokens {
        for asked in Voice::ALL {
            let recognised = it.directory.by_token(token.expose(), *asked, None).is_ok();
            assert_eq!(recognised, *asked == voice, "{voice:?} {asked:?}");
        }
    }
    let (app_id, secret) = &it.founded.telecmi;
    assert!(it.directory.by_app(*app_id, secret.expose(), None).is_ok());
    assert!(it.directory.by_app(*app_id, "wrong", None).is_err());
    let (username, password) = &it.founded.commpeak;
    assert!(it.directory.by_password(username, password.expose(), None).is_ok());
    assert!(it.directory.by_password(username, "wrong", None).is_err());
}

#[tokio::test]
async fn a_revoked_credential_is_refused_at_once() {
    let it = fixture().await;
    let account = it.directory.account(&it.admin).unwrap();
    let native = account.credentials.values().find(|it| it.voice == Voice::Native).unwrap();
    let place = (ResourceKind::Credential, native.id.0);
    assert!(it.by_native_token().is_ok());
    it.directory.delete_resource(place, &it.admin, Options::default()).await.unwrap();
    assert_eq!(it.by_native_token().unwrap_err(), Unrecognised::Wrong);
}

#[tokio::test]
async fn another_accounts_user_is_unknown() {
    let it = fixture().await;
    let user = it.user("101").await;
    let other = found(&it.directory, "Other").await;
    let stranger = Caller::operator(other.account.id);
    let changed =
        it.directory.change_user(user, UserPatch::default(), &stranger, Options::default()).await;
    assert!(matches!(changed, Err(Error::NotFound)));
    let history = it.directory.history(user.0, None, 10, &stranger).await;
    assert!(matches!(history, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_caller_without_the_permission_is_refused_before_anything_else() {
    let it = fixture().await;
    let user = it.user("101").await;
    let reader =
        Caller { permissions: Permissions::NONE.with(Permission::UsersRead), ..it.admin.clone() };
    let options = Options { expected_version: Some(99), ..Options::default() };
    let refused = it.directory.change_user(user, UserPatch::default(), &reader, options).await;
    assert!(matches!(refused, Err(Error::Forbidden(Permission::UsersWrite))));
}

#[tokio::test]
async fn guessing_locks_the_guesser_but_never_a_valid_token() {
    let it = fixture().await;
    let address = "192.0.2.7".parse().ok();
    for _ in 0..directory::ADDRESS_FAILURES_MAX {
        let _ = it.directory.by_token("guess", Voice::Native, address);
    }
    let refused = it.directory.by_token("guess", Voice::Native, address).unwrap_err();
    assert!(matches!(refused, Unrecognised::Locked { .. }));
    let valid = it.directory.by_token(it.founded.native.expose(), Voice::Native, address);
    assert!(valid.is_ok());
    let locks = it.directory.locks();
    assert!(locks.iter().any(|lock| Some(&lock.guesser) == address.map(Guesser::Address).as_ref()));
}

#[tokio::test]
async fn one_site_is_one_guesser_whichever_of_its_addresses_it_uses() {
    let it = fixture().await;
    for host in 0..directory::ADDRESS_FAILURES_MAX {
        let address = format!("2001:db8::{host:x}").parse().ok();
        let _ = it.directory.by_token("guess", Voice::Native, address);
    }
    let from = |address: &str| {
        it.directory.by_token("guess", Voice::Native, address.parse().ok()).unwrap_err()
    };
    assert!(matches!(from("2001:db8::ffff"), Unrecognised::Locked { .. }));
    assert_eq!(from("2001:db8:0:1::1"), Unrecognised::Wrong);
    assert_eq!(from("::ffff:192.0.2.1"), Unrecognised::Wrong);
}
