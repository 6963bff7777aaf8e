//! The SIP credentials of browsers' softphones: whose they are, and when they are gone.

use std::net::IpAddr;

use directory::{Options, SignedIn, SoftphoneRefused};
use domain::caller::Caller;
use domain::change::Change;
use domain::credential::Voice;
use domain::id::UserId;
use domain::patch::UserPatch;
use domain::policy::Rule;
use domain::secret::{PlainPassword, SipDigest};

use crate::fixture::{Fixture, fixture, with_password};

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// A user who may use a browser as his phone, signed in.
async fn signed_in(it: &Fixture) -> (UserId, SignedIn, Caller) {
    let patch = UserPatch { webrtc: Change::Set(true), ..with_password("101", "Right-pw-1") };
    let user = it.user_with(patch).await;
    let session = it.sign_in("user101", "Right-pw-1").await.unwrap();
    let token = session.token.expose();
    let (caller, _) = it.directory.by_session(token, Voice::Console, Some(HERE)).unwrap();
    (user, session, caller)
}

#[tokio::test]
async fn a_credential_is_its_users_and_dies_with_his_session() {
    let it = fixture().await;
    let (user, _, caller) = signed_in(&it).await;
    let login = it.directory.softphone_login(&caller).unwrap();
    assert_eq!(&*login.extension, "101");
    let (whose, digest) = it.directory.softphone(&login.username).unwrap();
    let password = PlainPassword::parse(login.password.expose()).unwrap();
    assert_eq!(whose, user);
    assert!(digest.matches(&SipDigest::of(&login.username, &login.realm, &password)));
    it.directory.sign_out(&caller).await;
    assert!(it.directory.softphone(&login.username).is_none());
    assert!(it.directory.softphone("101").is_none(), "a desk phone's name is none");
}

#[tokio::test]
async fn what_refuses_the_registration_refuses_the_credential() {
    let it = fixture().await;
    let (user, _, caller) = signed_in(&it).await;
    let off = UserPatch { webrtc: Change::Set(false), ..UserPatch::default() };
    it.directory.change_user(user, off, &it.admin, Options::default()).await.unwrap();
    let refused = it.directory.softphone_login(&caller);
    assert!(matches!(refused, Err(SoftphoneRefused::Rule(Rule::WebRtcOff))));
}

#[tokio::test]
async fn nobody_but_a_user_who_is_signed_in_is_given_one() {
    let it = fixture().await;
    let refused = it.directory.softphone_login(&it.admin);
    assert!(matches!(refused, Err(SoftphoneRefused::Error(directory::Error::Forbidden(_)))));
    let token = it.by_native_token().unwrap();
    assert!(it.directory.softphone_login(&token).is_err());
}

#[tokio::test]
async fn a_session_holds_a_few_and_the_oldest_goes() {
    let it = fixture().await;
    let (_, _, caller) = signed_in(&it).await;
    let first = it.directory.softphone_login(&caller).unwrap();
    let mut last = None;
    for _ in 0..8 {
        last = Some(it.directory.softphone_login(&caller).unwrap());
    }
    assert!(it.directory.softphone(&first.username).is_none());
    assert!(it.directory.softphone(&last.unwrap().username).is_some());
}
