//! A directory with one account and an administrator's caller. No assertion.

use directory::{Clock, Directory, Founded, Founding, NewUser};
use domain::caller::Caller;
use domain::change::Change;
use domain::extension::Extension;
use domain::id::UserId;
use domain::patch::UserPatch;
use domain::phone::Country;
use domain::text::Name;
use domain::zone::TimeZone;
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

impl Fixture {
    pub(crate) async fn user(&self, extension: &str) -> UserId {
        let patch = UserPatch {
            first_name: Change::Set(Name::parse("Asha").unwrap()),
            extension: Change::Set(Extension::parse(extension).unwrap()),
            ..UserPatch::default()
        };
        let new = NewUser {
            patch: self.directory.seal_new(patch).await.unwrap(),
            id: UserId(self.directory.new_id()),
            role: None,
            phone_must_be_new: false,
            assign_extension: false,
        };
        let options = directory::Options::default();
        self.directory.create_user(new, &self.admin, options).await.unwrap().after.id
    }
}
