//! What a demo prints for a person: where to sign in, which phones to set up, what to paste.
//! The samples are the vendors' own, with this account's address, ids and credentials in them.

use serde_json::Value;

/// The page, from what a script would read.
pub(super) fn guide(ready: &Value, folder: &str) -> String {
    let guide = Guide { ready, http: text(ready, "/http") };
    let parts = [guide.heading(folder), guide.phones(), guide.samples(), guide.native()];
    parts.join("\n\n")
}

struct Guide<'a> {
    ready: &'a Value,
    http: String,
}

impl Guide<'_> {
    fn at(&self, pointer: &str) -> String {
        text(self.ready, pointer)
    }

    fn heading(&self, folder: &str) -> String {
        format!(
            "Rollcall demo, serving {http}\n\n\
             Admin    {http}: sign in as {} with {}\n\
             Folder   {folder}: secrets as they were created are kept in its demo.json, for its \
             owner only",
            self.at("/console/login"),
            self.at("/console/password"),
            http = self.http,
        )
    }

    fn phones(&self) -> String {
        let users = self.ready.get("users").and_then(Value::as_array).into_iter().flatten();
        let lines = users.map(|user| {
            let of = |key: &str| text(user, key);
            let (extension, sip_password) = (of("/extension"), of("/sip_password"));
            let (login, password) = (of("/login"), of("/password"));
            format!("  {extension}  password {sip_password}   web sign-in {login} / {password}")
        });
        let lines: Vec<_> = lines.collect();
        format!(
            "SIP      {}, UDP and TCP; user names are extensions\n{}",
            self.at("/sip"),
            lines.join("\n")
        )
    }

    fn samples(&self) -> String {
        let heading =
            "Every vendor's own sample request; only address, ids and credentials are ours:";
        let samples =
            [self.telecmi(), self.callerdesk(), self.acefone(), self.smartflo(), self.commpeak()];
        format!("{heading}\n\n{}", samples.join("\n\n"))
    }

    fn telecmi(&self) -> String {
        format!(
            "# TeleCMI\n\
             curl -X POST {}/telecmi/v2/user/update -H 'content-type: application/json' \
             -d '{{\"appid\":{},\"secret\":\"{}\",\"id\":\"{}\",\"name\":\"Abishek\",\
             \"phone_number\":\"919100000000\",\"password\":\"12345678\",\"start_time\":1,\
             \"end_time\":24,\"sms_alert\":true}}'",
            self.http,
            self.at("/credentials/telecmi/appid"),
            self.at("/credentials/telecmi/secret"),
            self.at("/users/0/telecmi_id"),
        )
    }

    /// The page lists header parameters and gives no body; 22259 and agent1@xxx.com are its
    /// examples. The number may not change, so it is the user's own.
    fn callerdesk(&self) -> String {
        format!(
            "# CallerDesk\n\
             curl -X POST {}/callerdesk/api/updatemember_v2 -H 'authcode: {}' -H 'access: 2' \
             -H 'status: 1' -H 'member_id: {}' -H 'member_num: 9100000{}' \
             -H 'member_email: agent1@xxx.com' -H 'member_name: Agent One' \
             -H 'password: Welcome-12'",
            self.http,
            self.at("/credentials/callerdesk/authcode"),
            self.at("/users/1/serial"),
            self.at("/users/1/extension"),
        )
    }

    fn acefone(&self) -> String {
        format!(
            "# Acefone\n\
             curl --request PATCH --url {}/acefone/v1/user/{} --header 'accept: application/json' \
             --header 'content-type: application/json' --header 'Authorization: Bearer {}' \
             --data-raw '{{\"user_for_cdr\":{{\"value\":[\"{}\",\"{}\"],\"type\":\"agent\"}}}}'",
            self.http,
            self.at("/users/0/serial"),
            self.at("/credentials/acefone/token"),
            self.at("/users/1/acefone_agent_id"),
            self.at("/users/2/acefone_agent_id"),
        )
    }

    /// The page's sample has no body; `destination` is its word for the job title.
    fn smartflo(&self) -> String {
        format!(
            "# Smartflo\n\
             curl --request PATCH --url {}/smartflo/v1/user/{} --header 'accept: application/json' \
             --header 'content-type: application/json' --header 'Authorization: Bearer {}' \
             --data-raw '{{\"destination\":\"Team lead\",\"international_outbound\":true}}'",
            self.http,
            self.at("/users/0/serial"),
            self.at("/credentials/smartflo/token"),
        )
    }

    fn commpeak(&self) -> String {
        format!(
            "# CommPeak\n\
             curl -X PUT {}/commpeak/integrations/adapters/hook/users/{} -u '{}:{}' \
             -H 'content-type: application/json' \
             -d '{{\"first_name\":\"Asha\",\"is_active\":1,\"use_webrtc\":1}}'",
            self.http,
            self.at("/users/0/serial"),
            self.at("/credentials/commpeak/username"),
            self.at("/credentials/commpeak/password"),
        )
    }

    fn native(&self) -> String {
        format!(
            "# Rollcall's own API\n\
             curl -X PATCH {http}/api/v1/users/extension:101 -H 'authorization: Bearer {token}' \
             -H 'content-type: application/merge-patch+json' -d '{{\"presence\":\"break\"}}'\n\n\
             # Why does 101 not ring?\n\
             ROLLCALL_URL={http} ROLLCALL_TOKEN={token} rollcall user explain 101 incoming",
            http = self.http,
            token = self.at("/credentials/native/token"),
        )
    }
}

fn text(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}
