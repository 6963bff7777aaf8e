//! The manual's pages about dialects are what the field tables say, and the tables have every field
//! of the vendors' update-user pages.

use std::path::PathBuf;

use api::dialect::manual::page;
use api::dialect::{ALL, Dialect};

/// Names of the request and answer fields on each vendor's update-user page.
const SEEDS: &[(&str, &[&str])] = &[
    (
        "callerdesk",
        &["access", "status", "member_id", "member_num", "member_email", "member_name", "password"],
    ),
    (
        "acefone",
        &[
            "name",
            "number",
            "email",
            "caller_id",
            "agent_group",
            "block_agent",
            "international_outbound",
            "designation",
            "login_id",
            "user_role",
            "password",
            "block_web_login",
            "user_for_cdr",
            "login_based_calling",
            "disable_agent",
        ],
    ),
    (
        "smartflo",
        &[
            "name",
            "number",
            "email",
            "caller_id",
            "agent_group",
            "block_agent",
            "international_outbound",
            "destination",
            "login_id",
            "user_role",
            "password",
            "block_web_login",
            "user_for_cdr",
            "login_based_calling",
        ],
    ),
    (
        "commpeak",
        &[
            "id",
            "username",
            "email",
            "is_active",
            "sip_uri",
            "is_deleted",
            "use_extended_ip_acl",
            "user_route_caller_id",
            "predictive_dynamic_extension",
            "timezone_id",
            "first_name",
            "last_name",
            "virtual_extension",
            "default_language",
            "max_session_time",
            "max_concurrent_sessions",
            "twofa_type",
            "member_all_skill_groups",
            "member_all_desks",
            "registration_password",
            "is_clockedin",
            "is_predictive_clockedin",
            "use_webrtc",
        ],
    ),
    (
        "telecmi",
        &[
            "appid",
            "secret",
            "id",
            "name",
            "phone_number",
            "password",
            "start_time",
            "end_time",
            "sms_alert",
            "notify",
            "phone",
        ],
    ),
];

fn path(dialect: &Dialect) -> PathBuf {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/dialects");
    PathBuf::from(docs).join(format!("{}.md", dialect.mount))
}

#[test]
fn every_dialects_page_is_what_its_table_says() {
    for dialect in ALL {
        let generated = page(dialect);
        let path = path(dialect);
        if std::env::var_os("UPDATE_DOCS").is_some_and(|it| it == "1") {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &generated).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(written, generated, "run with UPDATE_DOCS=1 to rewrite {}", path.display());
    }
}

#[test]
fn every_field_of_a_vendors_page_is_in_its_table() {
    for (mount, names) in SEEDS {
        let dialect = ALL.iter().find(|dialect| dialect.mount == *mount).unwrap();
        for name in *names {
            let known = dialect.fields.iter().any(|field| field.keys.contains(name));
            assert!(known, "{mount}: {name}");
        }
    }
}
