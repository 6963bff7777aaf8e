//! Every index of a snapshot agrees with looking through all users.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::extension::Extension;
use domain::id::Serial;
use domain::phone::PhoneNumber;
use domain::resource::{RingStrategy, Team, TeamKind};
use domain::user::User;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fixture::*;

const EXTENSIONS: [&str; 5] = ["301", "302", "0303", "7001", "7002"];
const TEXTS: [&str; 3] = ["asha", "Asha", "ravi"];
const PHONES: [&str; 4] = ["+919811112222", "+449811112222", "+67712345", "+67812345"];

/// Some settings of one of eight users; names clash often.
fn edit() -> impl Strategy<Value = (u32, Value)> {
    let pick = |texts: &'static [&'static str]| prop::option::of(prop::sample::select(texts));
    let texts = (pick(&EXTENSIONS), pick(&EXTENSIONS), pick(&TEXTS), pick(&TEXTS), pick(&PHONES));
    let sets = (any::<[bool; 6]>(), 10_u32..18);
    (texts, sets).prop_map(|((extension, predictive, login, email, phone), (flags, serial))| {
        let [active, deleted, administrator, grouped, all_desks, sip_password] = flags;
        let mut settings = json!({
            "extension": extension, "predictive_extension": predictive, "login": login,
            "email": email.map(|it| format!("{it}@example.net")), "phone": phone,
            "active": active, "deleted": deleted,
            "role": role_id(if administrator { 1 } else { 2 }),
            "groups": if grouped { vec![team_id(1)] } else { Vec::new() },
            "desks": if all_desks { json!("all") } else { json!([team_id(2)]) },
        });
        if sip_password {
            settings["sip_password"] = json!("correct horse");
        }
        (serial, settings)
    })
}

fn teams() -> [Team; 2] {
    let desk = team(2, "Front", RingStrategy::Parallel);
    [team(1, "Sales", RingStrategy::Parallel), Team { kind: TeamKind::Desk, ..desk }]
}

const CALLING_CODES: [u64; 9] = [1, 7, 44, 45, 65, 91, 290, 677, 678];

type Model = BTreeMap<Serial, Arc<User>>;

fn serials<'a>(users: impl Iterator<Item = &'a Arc<User>>) -> Vec<Serial> {
    let mut serials: Vec<Serial> = users.map(|user| user.serial).collect();
    serials.sort();
    serials
}

fn found(model: &Model, matches: impl Fn(&User) -> bool) -> Vec<Serial> {
    serials(model.values().filter(|user| !user.is_deleted() && matches(user)))
}

fn agrees(world: &World, model: &Model) -> Result<(), TestCaseError> {
    let account = &world.account;
    for text in EXTENSIONS {
        let dialled = Extension::parse(text).unwrap();
        let extension = Some(dialled);
        let has = |user: &User| {
            user.telephone.extension == extension
                || user.telephone.predictive_extension == extension
        };
        let user = account.user_by_extension(dialled);
        prop_assert_eq!(serials(user.into_iter()), found(model, has));
        let named = |user: &User| {
            user.telephone.sip_digest.as_ref().is_some_and(|digest| digest.username() == text)
        };
        prop_assert_eq!(serials(account.user_by_sip_name(text).into_iter()), found(model, named));
    }
    for text in ["asha", "ravi"] {
        let by_login =
            |user: &User| user.sign_in.login.as_ref().is_some_and(|login| *login.folded() == *text);
        prop_assert_eq!(serials(account.user_by_login(text).into_iter()), found(model, by_login));
        let address = format!("{text}@example.net");
        let by_email = |user: &User| {
            user.identity.email.as_ref().is_some_and(|email| *email.folded() == *address)
        };
        let user = account.user_by_email(&address);
        prop_assert_eq!(serials(user.into_iter()), found(model, by_email));
    }
    for text in PHONES {
        let number = phone(text);
        let has = |user: &User| user.identity.phone.is_some_and(|own| own.same_national(&number));
        prop_assert_eq!(serials(account.users_by_phone(number)), found(model, has));
    }
    let [group, desk] = teams();
    let grouped = |user: &User| user.membership.groups.contains(&group.id);
    prop_assert_eq!(serials(account.members(&group)), found(model, grouped));
    let at_desk = |user: &User| user.membership.desks.contains(desk.id);
    prop_assert_eq!(serials(account.members(&desk)), found(model, at_desk));
    for serial in model.keys() {
        let others =
            |user: &User| user.serial != *serial && user.stands() && user.role == role_id(1);
        let expected = !found(model, others).is_empty();
        prop_assert_eq!(account.has_administrator_besides(*serial), expected);
    }
    Ok(())
}

proptest! {
    #[test]
    fn indexes_equal_looking_through_all_users(edits in prop::collection::vec(edit(), 1..40)) {
        let mut world = World::new();
        for team in teams() {
            world.put(team);
        }
        let mut model: Model =
            world.account.users().map(|user| (user.serial, Arc::clone(user))).collect();
        for (serial, settings) in edits {
            let before = model.get(&Serial(serial)).map_or_else(
                || {
                    let id = user_id(serial);
                    User::blank(id, Serial(serial), account_id(), role_id(2), now())
                },
                |user| (**user).clone(),
            );
            let mut settings = settings;
            settings["first_name"] = json!("Somebody");
            let sealed = patch(settings).seal([1; 16]);
            if let Ok(after) = before.apply(&sealed, &world.account, now()) {
                model.insert(after.serial, world.put_user(after));
            }
            agrees(&world, &model)?;
        }
    }

    #[test]
    fn numbers_that_are_the_same_nationally_find_each_other(
        any_number in 1_000_000_u64..999_999_999_999_999,
        national in prop_oneof![10_000_u64..9_999_999, 10_000_000_u64..99_999_999_999],
        one in prop::sample::select(&CALLING_CODES[..]),
        other in prop::sample::select(&CALLING_CODES[..]),
    ) {
        let behind = |code: u64| format!("+{code}{national}");
        let texts = [format!("+{any_number}"), behind(one), behind(other)];
        let numbers = texts.map(|text| PhoneNumber::parse(&text, india()).ok());
        let numbers: Vec<PhoneNumber> = numbers.into_iter().flatten().collect();
        for own in &numbers {
            let mut world = World::new();
            world.set(USER, json!({ "phone": own.e164() }));
            for asked in &numbers {
                let is_found = world.account.users_by_phone(*asked).next().is_some();
                prop_assert_eq!(is_found, own.same_national(asked), "{} {}", own, asked);
            }
        }
    }
}

#[test]
fn users_are_paged_by_serial() {
    let world = World::new();
    let after = |serial| serials(world.account.users_after(Serial(serial)));
    assert_eq!(after(0), [Serial(1), Serial(2), Serial(3)]);
    assert_eq!(after(2), [Serial(3)]);
    assert_eq!(after(u32::MAX), []);
}

#[test]
fn a_snapshot_taken_before_a_change_stays_as_it_was() {
    let mut world = World::new();
    let before = world.account.clone();
    world.set(USER, json!({ "extension": "299" }));
    let old = Extension::parse("202").unwrap();
    assert!(before.user_by_extension(old).is_some());
    assert!(world.account.user_by_extension(old).is_none());
}
