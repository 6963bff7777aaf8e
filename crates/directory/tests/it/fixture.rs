//! A directory with one account and an administrator's caller. No assertion.

use std::sync::Arc;

use directory::{
    Clock, Directory, Founded, Founding, NewUser, Options, SecondFactorShown, SignIn, SignInError,
    SignedIn, Unrecognised,
};
use domain::caller::Caller;
use domain::change::Change;
use domain::credential::Voice;
use domain::extension::Extension;
use domain::id::UserId;
use domain::patch::UserPatch;
use domain::phone::Country;
use domain::secret::{PlainPassword, Secret};
use domain::text::{Login, Name};
use domain::user::User;
use domain::zone::TimeZone;
use jiff::SignedDuration;
use store::Store;

pub(crate) struct Fixture {
    pub(crate) directory: Directory,
    pub(crate) founded: Founded,
    pub(crate) admin: Caller,
}

pub(crate) async fn fixture() -> Fixture {
    let store = Store::in_memory().unwrap();
    let directory = Directory::start(store, Clock::system()).await.unwrap();
    let founded = found(&directory, "Demo").await;
    let admin = Caller::operator(founded.account.id);
    Fixture { directory, founded, admin }
}

pub(crate) async fn found(directory: &Directory, name: &str) -> Founded {
    let founding = Founding {
        name: Name::parse(name).unwrap(),
        country: Country::parse("IN").unwrap(),
        time_zone: TimeZone::parse("Asia/Kolkata").unwrap(),
        app_id: None,
    };
    directory.found_account(founding).await.unwrap()
}

/// A user on the extension who signs in as `user<extension>`.
pub(crate) fn with_password(extension: &str, password: &str) -> UserPatch {
    UserPatch {
        login: Change::Set(Login::parse(&format!("user{extension}")).unwrap()),
        password: Change::Set(PlainPassword::parse(password).unwrap()),
        ..on_extension(extension)
    }
}

fn on_extension(extension: &str) -> UserPatch {
    UserPatch {
        first_name: Change::Set(Name::parse("Asha").unwrap()),
        extension: Change::Set(Extension::parse(extension).unwrap()),
        ..UserPatch::default()
    }
}

impl Fixture {
    pub(crate) async fn user(&self, extension: &str) -> UserId {
        self.user_with(on_extension(extension)).await
    }

    pub(crate) async fn user_with(&self, patch: UserPatch) -> UserId {
        let new = NewUser {
            patch: self.directory.seal_new(patch).await.unwrap(),
            id: UserId(self.directory.new_id()),
            role: None,
            phone_must_be_new: false,
            assign_extension: false,
        };
        let options = Options::default();
        self.directory.create_user(new, &self.admin, options).await.unwrap().after.id
    }

    pub(crate) fn seen(&self, user: UserId) -> Arc<User> {
        Arc::clone(self.directory.account(&self.admin).unwrap().user(user).unwrap())
    }

    pub(crate) async fn sign_in(
        &self,
        login: &str,
        password: &str,
    ) -> Result<SignedIn, SignInError> {
        let attempt = SignIn {
            users: self.directory.users_by_login(login),
            name: login.into(),
            password: Secret::new(password),
            voice: Voice::Console,
            address: None,
            lifetime: SignedDuration::from_hours(1),
            second_factor: SecondFactorShown::No,
        };
        self.directory.sign_in(attempt).await
    }

    pub(crate) fn by_session(&self, token: &str) -> Result<Caller, Unrecognised> {
        self.directory.by_session(token, Voice::Console, None).map(|(caller, _)| caller)
    }

    pub(crate) fn by_native_token(&self) -> Result<Caller, Unrecognised> {
        self.directory.by_token(self.founded.native.expose(), Voice::Native, None)
    }
}
