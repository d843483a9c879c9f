//! The account of the management controllers, as the inventory has it: the
//! simulated ones take what the product sends, from the same sealed value.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};

use super::site_files::VAULT_PASSWORD;
use crate::inventory::vault::Vault;
use crate::inventory::{Inventory, Kind};

/// The `Authorization` header that `ipmi_username` and `ipmi_password` give.
///
/// # Errors
/// A sentence when the example lacks the account or its password does not open.
pub fn authorization(inventory: &Inventory) -> Result<Arc<str>, String> {
    let vars = inventory.all_vars();
    let user = vars.get("ipmi_username").and_then(|node| node.as_str()).unwrap_or("metrics");
    let password = match vars.get("ipmi_password").map(|node| &node.kind) {
        Some(Kind::Str(text)) => SecretString::from(text.clone()),
        Some(Kind::Vault(sealed)) => {
            let mut vault = Vault::default();
            vault.put("default", VAULT_PASSWORD.into());
            vault.open(sealed).map_err(|error| {
                format!("ipmi_password of inventory.example.yml does not open: {error}")
            })?
        }
        _ => return Err("inventory.example.yml has no ipmi_password".into()),
    };
    let pair = format!("{user}:{}", password.expose_secret().trim());
    Ok(format!("Basic {}", STANDARD.encode(pair)).into())
}
