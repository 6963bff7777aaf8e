//! A credential made for a voice, with the secret that is shown once and never kept.

use directory::{basic, random_word};
use domain::credential::{Credential, Proof, Voice};
use domain::id::{CredentialId, RoleId, Serial};
use domain::network::IpNetwork;
use domain::secret::TokenHash;
use domain::text::Name;

use crate::form::Pairs;
use crate::pages::integrations::has_credentials;
use crate::session::Signed;

/// In the order they are offered.
pub(crate) const VOICES: [Voice; 6] = [
    Voice::Native,
    Voice::CallerDesk,
    Voice::TeleCmi,
    Voice::Acefone,
    Voice::Smartflo,
    Voice::CommPeak,
];
/// Five bits each: 160 bits cannot be guessed.
const TOKEN_CHARACTERS: usize = 32;
/// Enough to tell one API user from the others.
const USERNAME_CHARACTERS: usize = 8;

/// What is shown once: the vendor's word for it, and the value.
pub(crate) type Secrets = Vec<(&'static str, String)>;

/// The credential a form asks for.
///
/// # Errors
///
/// A sentence about what is wrong with the form.
pub(crate) fn draft(signed: &Signed, form: &Pairs) -> Result<(Credential, Secrets), String> {
    let voice = form.text("voice").and_then(Voice::parse).filter(|it| has_credentials(*it));
    let voice = voice.ok_or("Choose the API the credential is for.")?;
    let name = Name::parse(form.text("name").unwrap_or_default());
    let name = name.map_err(|fault| format!("The name {fault}."))?;
    let role: RoleId = form.parsed("role").ok_or("Choose a role.")?;
    let networks = form.one("networks").unwrap_or_default().split_whitespace();
    let networks = networks.map(IpNetwork::parse).collect::<Result<Vec<_>, _>>();
    let (proof, secrets) = proof(voice, signed).ok_or("The account has no TeleCMI app id.")?;
    let credential = Credential {
        id: CredentialId(uuid::Uuid::nil()),
        serial: Serial::default(),
        account: signed.account.account.id,
        version: 0,
        name,
        voice,
        proof,
        role,
        scope: None,
        networks: networks.map_err(|fault| format!("An address {fault}."))?,
        created_at: signed.now(),
        expires_at: None,
        derived_from: None,
        deleted: false,
    };
    Ok((credential, secrets))
}

fn proof(voice: Voice, signed: &Signed) -> Option<(Proof, Secrets)> {
    let word = random_word(TOKEN_CHARACTERS);
    let token = |name, token: String| {
        let hash = TokenHash::of(&token);
        Some((Proof::Token { hash }, vec![(name, token)]))
    };
    match voice {
        Voice::Native => token("Token", format!("rc_{word}")),
        Voice::CallerDesk => token("authcode", word),
        Voice::Acefone | Voice::Smartflo => token("Token", word),
        Voice::TeleCmi => {
            let app_id = app_id(signed)?;
            let secret = TokenHash::of(&word);
            let shown = vec![("appid", app_id.to_string()), ("secret", word)];
            Some((Proof::App { app_id, secret }, shown))
        }
        Voice::CommPeak => {
            let username = format!("api-{}", random_word(USERNAME_CHARACTERS));
            let proof = basic(&username, &word);
            Some((proof, vec![("User name", username), ("Password", word)]))
        }
        Voice::Console | Voice::CommandLine | Voice::Sip => None,
    }
}

/// The account's app id, which all its TeleCMI credentials share.
pub(crate) fn app_id(signed: &Signed) -> Option<u32> {
    signed.account.credentials.values().find_map(|it| match it.proof {
        Proof::App { app_id, .. } => Some(app_id),
        Proof::Token { .. } | Proof::Basic { .. } => None,
    })
}
