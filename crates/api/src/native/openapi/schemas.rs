//! The named schemas: users from the table of settings, everything else from the tables of fields.

use domain::permission::Permission;
use domain::setting::Setting;
use serde_json::Value;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ComponentsBuilder, KnownFormat, SchemaFormat, SchemaType,
};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Schema, Type};

use super::answers;
use crate::native::fields::{Field, FieldAccess, PHONE, Shape};
use crate::native::kinds::{ACCOUNT, KINDS};
use crate::native::user_shown::READ_ONLY;

pub(super) type Described = RefOr<Schema>;

pub(super) fn components() -> ComponentsBuilder {
    let mut components = ComponentsBuilder::new()
        .schema("User", user(true))
        .schema("UserPatch", user(false))
        .schema("Account", fields(ACCOUNT, true))
        .schema("AccountPatch", fields(ACCOUNT, false))
        .schema(PHONE, described(Type::String, "A telephone number; shown in E.164."))
        .schema("Destination", destination())
        .schema("Shift", shift())
        .schema("DialectSwitches", switches());
    for kind in KINDS {
        components = components
            .schema(kind.schema, fields(kind.fields, true))
            .schema(format!("{}Patch", kind.schema), fields(kind.fields, false));
    }
    for (name, schema) in answers::all() {
        components = components.schema(name, schema);
    }
    components
}

/// A reference to a named schema.
pub(super) fn named(name: &str) -> Described {
    Ref::from_schema_name(name).into()
}

/// What a request may say of something of this schema.
pub(super) fn patch(name: &str) -> Described {
    named(&format!("{name}Patch"))
}

/// One page of a list.
pub(super) fn page(name: &str) -> Described {
    object(&[("data", list(named(name))), ("next_cursor", nullable(Type::String))])
}

/// The answer to a change.
pub(super) fn changed(name: &str) -> Described {
    object(&changed_fields(name))
}

/// The answer to a creation: a secret made for it is told this once.
pub(super) fn created(name: &str) -> Described {
    let mut fields = changed_fields(name);
    if matches!(name, "Credential" | "Webhook") {
        fields.insert(1, ("secret", free()));
    }
    object(&fields)
}

fn changed_fields(name: &str) -> Vec<(&'static str, Described)> {
    vec![
        ("data", named(name)),
        ("version", whole()),
        ("diff", named("Diff")),
        ("ended", named("Ended")),
        ("sequence", nullable(Type::Integer)),
        ("dry_run", flag()),
    ]
}

pub(super) fn text() -> Described {
    plain(Type::String)
}

pub(super) fn flag() -> Described {
    plain(Type::Boolean)
}

pub(super) fn whole() -> Described {
    Schema::from(ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).build()).into()
}

pub(super) fn uuid() -> Described {
    formatted(KnownFormat::Uuid)
}

pub(super) fn time() -> Described {
    formatted(KnownFormat::DateTime)
}

pub(super) fn words(words: &[&str]) -> Described {
    let values = words.iter().map(|word| Value::from(*word));
    let object = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(values));
    Schema::from(object.build()).into()
}

fn formatted(format: KnownFormat) -> Described {
    let format = Some(SchemaFormat::KnownFormat(format));
    Schema::from(ObjectBuilder::new().schema_type(Type::String).format(format).build()).into()
}

fn plain(kind: Type) -> Described {
    Schema::from(ObjectBuilder::new().schema_type(kind).build()).into()
}

pub(super) fn nullable(kind: Type) -> Described {
    let kinds = SchemaType::from_iter([kind, Type::Null]);
    Schema::from(ObjectBuilder::new().schema_type(kinds).build()).into()
}

fn described(kind: Type, about: &str) -> Described {
    Schema::from(ObjectBuilder::new().schema_type(kind).description(Some(about)).build()).into()
}

/// An object of any keys.
pub(super) fn free() -> Described {
    let any =
        ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(true)));
    Schema::from(any.build()).into()
}

/// Any value at all.
pub(super) fn any() -> Described {
    Schema::from(ObjectBuilder::new().schema_type(SchemaType::AnyValue).build()).into()
}

pub(super) fn list(items: Described) -> Described {
    Schema::from(ArrayBuilder::new().items(items).build()).into()
}

pub(super) fn object(fields: &[(&str, Described)]) -> Described {
    let mut object = ObjectBuilder::new();
    for (name, schema) in fields {
        object = object.property(*name, schema.clone());
    }
    Schema::from(object.build()).into()
}

/// A user as shown, or as a patch may have him.
fn user(shown: bool) -> Described {
    let mut user = ObjectBuilder::new();
    for name in READ_ONLY.iter().filter(|_| shown) {
        user = user.property(*name, read_only(name));
    }
    let name = "First and last name; written, it is split at the last space.";
    user = user.property("name", described(Type::String, name));
    for setting in Setting::ALL {
        user = user.property(setting.name(), self::setting(*setting, shown));
    }
    Schema::from(user.build()).into()
}

fn read_only(name: &str) -> Described {
    match name {
        "id" => uuid(),
        "serial" | "version" => whole(),
        _ => time(),
    }
}

/// A setting's sentence, who obeys it, and the kinds of value it takes.
fn setting(setting: Setting, shown: bool) -> Described {
    let obeyed: Vec<_> = setting.obeyed_by().iter().map(|it| it.word()).collect();
    let about = format!("{} Obeyed by: {}.", setting.about(), obeyed.join(", "));
    let kinds = if setting.is_secret() && shown {
        SchemaType::Type(Type::Boolean)
    } else {
        SchemaType::from_iter(kinds(setting))
    };
    let schema = ObjectBuilder::new().schema_type(kinds).description(Some(about));
    Schema::from(schema.build()).into()
}

/// The JSON types of a setting's values.
fn kinds(setting: Setting) -> Vec<Type> {
    match setting {
        Setting::FirstName
        | Setting::LastName
        | Setting::Email
        | Setting::Phone
        | Setting::Title
        | Setting::Language
        | Setting::TimeZone
        | Setting::Login
        | Setting::Extension
        | Setting::SipUri
        | Setting::PredictiveExtension
        | Setting::RoutingCallerId
        | Setting::SipPassword => vec![Type::String, Type::Null],
        Setting::Password | Setting::Role | Setting::TwoFactor | Setting::Presence => {
            vec![Type::String]
        }
        Setting::Active
        | Setting::CallsBlocked
        | Setting::AgentDisabled
        | Setting::WebLoginBlocked
        | Setting::IpAllowListEnforced
        | Setting::Webrtc
        | Setting::International
        | Setting::LoginRequired
        | Setting::ClockedIn
        | Setting::PredictiveClockedIn
        | Setting::MissedCallSms
        | Setting::Deleted => vec![Type::Boolean],
        Setting::RingSeconds
        | Setting::SessionMinutesMax
        | Setting::SessionsMax
        | Setting::DevicesMax
        | Setting::CallsMax => vec![Type::Integer],
        Setting::IpAllowList | Setting::CallerIds | Setting::Groups => vec![Type::Array],
        Setting::SkillGroups | Setting::Desks | Setting::CallScope => {
            vec![Type::String, Type::Array]
        }
        Setting::Shift | Setting::Failover => vec![Type::Object, Type::Null],
    }
}

/// The fields of a table: all of them, or those a request may name.
fn fields(fields: &[Field], shown: bool) -> Described {
    let mut object = ObjectBuilder::new();
    for field in fields {
        match field.access {
            FieldAccess::ReadOnly if !shown => {}
            FieldAccess::Secret if shown => {
                object = object.property(field.name, described(Type::Boolean, field.about));
            }
            FieldAccess::ReadOnly
            | FieldAccess::ReadWrite
            | FieldAccess::AtCreation
            | FieldAccess::Secret => {
                object = object.property(field.name, shape(field));
            }
        }
    }
    Schema::from(object.build()).into()
}

fn shape(field: &Field) -> Described {
    let permissions: Vec<_> = Permission::ALL.iter().map(|it| it.word()).collect();
    match field.shape {
        Shape::Text => described(Type::String, field.about),
        Shape::Flag => described(Type::Boolean, field.about),
        Shape::Number => described(Type::Integer, field.about),
        Shape::Object => described(Type::Object, field.about),
        Shape::Id => uuid(),
        Shape::Time => time(),
        Shape::Words(allowed) => words(allowed),
        Shape::Texts => list(text()),
        Shape::Ids => list(uuid()),
        Shape::Permissions => list(words(&permissions)),
        Shape::Named(name) => named(name),
    }
}

fn destination() -> Described {
    object(&[("type", words(&["user", "team", "hang_up"])), ("id", uuid())])
}

fn shift() -> Described {
    object(&[("rows", list(free())), ("exceptions", list(free()))])
}

fn switches() -> Described {
    object(&[
        ("callerdesk_strict", flag()),
        ("callerdesk_html", flag()),
        ("capital_keys", flag()),
        ("commpeak_array", flag()),
    ])
}
