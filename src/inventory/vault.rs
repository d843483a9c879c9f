//! Ansible Vault values, formats 1.1 and 1.2, opened in memory only.
//!
//! The format: a header line (`$ANSIBLE_VAULT;1.1;AES256`, or `1.2` with a
//! label behind it), then hexadecimal text of three hexadecimal fields
//! separated by newlines: salt, HMAC, ciphertext. Keys come from
//! PBKDF2-HMAC-SHA256, the text is AES-256-CTR with PKCS#7 padding
//! (`ansible/parsing/vault/__init__.py`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aes::cipher::{KeyIvInit, StreamCipher};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::domain::CauseWord;

/// How every vault begins.
const MAGIC: &str = "$ANSIBLE_VAULT;";
/// Rounds of the key derivation, fixed by the format.
const ROUNDS: u32 = 10_000;
/// The largest password file that is read, in bytes.
const LARGEST_PASSWORD: u64 = 64 * 1024;

/// The vault passwords of this session.
#[derive(Debug, Clone, Default)]
pub struct Vault {
    /// Passwords by label; `default` is the one for values without a label.
    passwords: BTreeMap<String, SecretString>,
}

/// Why a vault value stays sealed. Never holds any of the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// No password is there at all.
    #[error("{}", sealed(.label.as_deref()))]
    NoPassword {
        /// The label of the value, in format 1.2.
        label: Option<String>,
    },
    /// Passwords are there, and none of them opens it.
    #[error("{}", wrong(.label.as_deref()))]
    WrongPassword {
        /// The label of the value, in format 1.2.
        label: Option<String>,
    },
    /// It is no vault that we know.
    #[error("it is no readable vault: {0}")]
    Malformed(&'static str),
}

fn sealed(label: Option<&str>) -> String {
    match label {
        Some(label) => format!("the vault password with the label `{label}` is not known"),
        None => "the vault password is not known".to_owned(),
    }
}

fn wrong(label: Option<&str>) -> String {
    match label {
        Some(label) => format!("no known vault password opens it, its label is `{label}`"),
        None => "the vault password does not open it".to_owned(),
    }
}

impl VaultError {
    /// The word for what depends on the value.
    pub fn cause(&self) -> CauseWord {
        CauseWord::PasswordSealed
    }

    /// What to try next.
    pub fn next(&self) -> &'static str {
        match self {
            VaultError::NoPassword { .. } => {
                "name a password file (`vault: {password_file: FILE}` in shopfloor.yml)"
            }
            VaultError::WrongPassword { .. } => {
                "check which password sealed it; one inventory has one password, or labels"
            }
            VaultError::Malformed(_) => "seal the value again with `ansible-vault encrypt_string`",
        }
    }
}

/// Why a password file is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the vault password file {}: {sentence}", .file.display())]
pub struct PasswordFileError {
    /// The file.
    pub file: PathBuf,
    /// What stands in the way, without a full stop.
    pub sentence: String,
}

/// Whether a text is a vault as a whole.
pub fn is_sealed(text: &str) -> bool {
    text.trim_start().starts_with(MAGIC)
}

impl PasswordFileError {
    /// The same of the password of management controllers.
    pub fn of_controllers(&self) -> String {
        format!("the password file of the controllers {}: {}", self.file.display(), self.sentence)
    }
}

impl Vault {
    /// Whether no password is known.
    pub fn is_empty(&self) -> bool {
        self.passwords.is_empty()
    }

    /// Keeps a password under its label (`default` where there is none).
    pub fn put(&mut self, label: &str, password: SecretString) {
        self.passwords.insert(label.to_owned(), password);
    }

    /// The text of a vault value.
    ///
    /// # Errors
    /// Without a password, with the wrong one, or when it is no vault.
    pub fn open(&self, sealed: &str) -> Result<SecretString, VaultError> {
        let envelope = Envelope::parse(sealed)?;
        if self.passwords.is_empty() {
            return Err(VaultError::NoPassword { label: envelope.label });
        }
        // As Ansible does: the password of that label first, then all others.
        let label = envelope.label.as_deref().unwrap_or("default");
        let others = self.passwords.iter().filter(|(name, _)| name.as_str() != label);
        for (_, password) in self.passwords.get_key_value(label).into_iter().chain(others) {
            if let Some(text) = envelope.open(password)? {
                return Ok(text);
            }
        }
        Err(VaultError::WrongPassword { label: envelope.label })
    }
}

/// The password in a file, line ends at both ends left out as Ansible does.
///
/// # Errors
/// When the file cannot be read, is a program (which is never run here), or is empty.
pub fn read_password(file: &Path) -> Result<SecretString, PasswordFileError> {
    let refuse = |sentence: String| PasswordFileError { file: file.to_path_buf(), sentence };
    let metadata = std::fs::metadata(file).map_err(|error| {
        refuse(format!("cannot be read ({error}); name a file that this account may read"))
    })?;
    if !metadata.is_file() {
        return Err(refuse(
            "this is no file, and a file with a password is expected; name a plain file".to_owned(),
        ));
    }
    if is_program(&metadata) {
        return Err(refuse(
            "the file is executable, and programs that print a password are not run here; take \
             the execute permission away or name a plain file"
                .to_owned(),
        ));
    }
    if metadata.len() > LARGEST_PASSWORD {
        return Err(refuse(
            "the file is too large for a password; name the file that holds nothing else"
                .to_owned(),
        ));
    }
    let bytes = std::fs::read(file).map_err(|error| {
        refuse(format!("cannot be read ({error}); name a file that this account may read"))
    })?;
    let bytes = Zeroizing::new(bytes);
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| refuse("the password is not UTF-8 text; save the file as UTF-8".to_owned()))?
        .trim_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(refuse(
            "the file is empty, and a password is expected; write the password on its first line"
                .to_owned(),
        ));
    }
    Ok(SecretString::from(text))
}

#[cfg(unix)]
fn is_program(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_program(_: &std::fs::Metadata) -> bool {
    false
}

/// A vault value taken apart.
struct Envelope {
    label: Option<String>,
    salt: Vec<u8>,
    mac: Vec<u8>,
    ciphertext: Vec<u8>,
}

impl Envelope {
    fn parse(text: &str) -> Result<Envelope, VaultError> {
        let mut lines = text.trim().lines();
        let header = lines.next().unwrap_or_default().trim();
        let rest = header
            .strip_prefix(MAGIC)
            .ok_or(VaultError::Malformed("it does not begin with `$ANSIBLE_VAULT;`"))?;
        let mut fields = rest.split(';').map(str::trim);
        let (version, cipher, label) = (fields.next(), fields.next(), fields.next());
        if !matches!(version, Some("1.1" | "1.2")) {
            return Err(VaultError::Malformed("its version is neither 1.1 nor 1.2"));
        }
        if cipher != Some("AES256") {
            return Err(VaultError::Malformed("its cipher is not AES256"));
        }
        let label = label.filter(|label| version == Some("1.2") && !label.is_empty());
        let body: String = lines.map(str::trim).collect();
        let inner = unhex(body.as_bytes())
            .ok_or(VaultError::Malformed("its body is not whole hexadecimal text"))?;
        let mut parts = inner.split(|byte| *byte == b'\n').map(unhex);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(Some(salt)), Some(Some(mac)), Some(Some(ciphertext))) => Ok(Envelope {
                label: label.map(crate::domain::untrusted::printable),
                salt,
                mac,
                ciphertext,
            }),
            _ => Err(VaultError::Malformed("its body has not the three parts of a vault")),
        }
    }

    /// The text, `None` when the password is not the one that sealed it.
    fn open(&self, password: &SecretString) -> Result<Option<SecretString>, VaultError> {
        let mut keys = Zeroizing::new([0_u8; 80]);
        pbkdf2::pbkdf2_hmac::<Sha256>(
            password.expose_secret().as_bytes(),
            &self.salt,
            ROUNDS,
            keys.as_mut_slice(),
        );
        let (cipher_key, rest) = keys.split_at(32);
        let (mac_key, iv) = rest.split_at(32);
        let broken = VaultError::Malformed("its keys have not the length of the format");
        let mut mac =
            <Hmac<Sha256> as KeyInit>::new_from_slice(mac_key).map_err(|_| broken.clone())?;
        mac.update(&self.ciphertext);
        if mac.verify_slice(&self.mac).is_err() {
            return Ok(None);
        }
        let mut text = Zeroizing::new(self.ciphertext.clone());
        let mut cipher =
            ctr::Ctr128BE::<aes::Aes256>::new_from_slices(cipher_key, iv).map_err(|_| broken)?;
        cipher.apply_keystream(&mut text);
        let padding = text.last().map_or(0, |byte| usize::from(*byte));
        let end = text.len().checked_sub(padding).filter(|_| (1..=16).contains(&padding));
        let plain = end
            .and_then(|end| text.get(..end))
            .ok_or(VaultError::Malformed("its padding is broken"))?;
        let plain = std::str::from_utf8(plain)
            .map_err(|_| VaultError::Malformed("what is in it is no UTF-8 text"))?;
        Ok(Some(SecretString::from(plain)))
    }
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let (pairs, rest) = text.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/inventory/vault");

    fn fixture(name: &str) -> String {
        std::fs::read_to_string(Path::new(FIXTURES).join(name)).unwrap()
    }

    fn vault(label: &str, password: &str) -> Vault {
        let mut vault = Vault::default();
        vault.put(label, SecretString::from(password));
        vault
    }

    #[test]
    fn values_that_ansible_vault_sealed_are_opened() {
        let plain = vault("default", "correct horse").open(&fixture("1.1.txt")).unwrap();
        assert_eq!(plain.expose_secret(), "fixture one: pa\u{df}word");
        let labelled = vault("lab", "battery staple").open(&fixture("1.2.txt")).unwrap();
        assert_eq!(labelled.expose_secret(), "fixture two\n");
    }

    #[test]
    fn a_password_of_another_label_is_tried_too() {
        let labelled = vault("default", "battery staple").open(&fixture("1.2.txt")).unwrap();
        assert_eq!(labelled.expose_secret(), "fixture two\n");
    }

    #[test]
    fn missing_wrong_and_malformed_are_told_apart_and_hold_no_secret() {
        let sealed = fixture("1.2.txt");
        let missing = Vault::default().open(&sealed).unwrap_err();
        assert_eq!(missing, VaultError::NoPassword { label: Some("lab".into()) });
        assert_eq!(missing.cause(), CauseWord::PasswordSealed);
        let wrong = vault("lab", "hunter2").open(&sealed).unwrap_err();
        assert_eq!(wrong, VaultError::WrongPassword { label: Some("lab".into()) });
        assert!(!format!("{wrong} {:?}", vault("lab", "hunter2")).contains("hunter2"));
        for text in [
            "plain",
            "$ANSIBLE_VAULT;1.0;AES\n00",
            "$ANSIBLE_VAULT;1.1;AES256\nxyz",
            "$ANSIBLE_VAULT;1.1;AES256\n616",
            "$ANSIBLE_VAULT;1.1;AES256\n61",
        ] {
            let error = vault("default", "x").open(text).unwrap_err();
            assert!(matches!(error, VaultError::Malformed(_)), "{text}: {error}");
        }
    }

    #[test]
    fn a_changed_ciphertext_does_not_open() {
        let mut sealed = fixture("1.1.txt").trim_end().to_owned();
        let last = sealed.pop().unwrap();
        sealed.push(if last == '0' { '1' } else { '0' });
        assert!(vault("default", "correct horse").open(&sealed).is_err());
    }

    #[test]
    fn a_password_file_may_not_be_a_program_nor_empty() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("pass");
        std::fs::write(&file, "secret\n").unwrap();
        assert_eq!(read_password(&file).unwrap().expose_secret(), "secret");
        std::fs::write(&file, "\n").unwrap();
        assert!(read_password(&file).unwrap_err().sentence.contains("empty"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o700)).unwrap();
            assert!(read_password(&file).unwrap_err().sentence.contains("executable"));
        }
        let missing = read_password(&directory.path().join("none")).unwrap_err();
        assert!(missing.sentence.contains("cannot be read"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(body in "[0-9a-f\n;A-Z ]{0,80}") {
            let vault = vault("default", "x");
            let _ = vault.open(&body);
            let _ = Envelope::parse(&format!("$ANSIBLE_VAULT;1.1;AES256\n{body}"));
        }
    }
}
