//! V-SSO, V-GHCR, V-CON and V-PG: what the IaaS console needs.

use std::collections::BTreeSet;

use super::findings::Findings;
use super::forms;
use super::reading::At;
use super::view::{Lease, View};

/// What one sign-on provider needs: its name, its keys, the path it redirects to.
struct Provider {
    name: &'static str,
    keys: [&'static str; 3],
    redirect: &'static str,
    path: &'static str,
    id: &'static str,
}

const PROVIDERS: [Provider; 2] = [
    Provider {
        name: "Azure",
        id: "azure_client_id",
        keys: ["azure_tenant_id", "azure_redirect_uri", "azure_client_secret"],
        redirect: "azure_redirect_uri",
        path: "/api/auth/azure/callback",
    },
    Provider {
        name: "Google",
        id: "google_client_id",
        keys: ["google_client_secret", "google_redirect_uri", "google_client_id"],
        redirect: "google_redirect_uri",
        path: "/api/auth/callback",
    },
];

fn is_set(at: Option<At<'_>>) -> bool {
    at.is_some_and(|at| !at.is_empty())
}

/// V-SSO-01: one provider is complete, and each redirects exactly to the console.
pub fn one_provider_is_complete(view: &View<'_>, out: &mut Findings<'_>) {
    let console = view.site("iaas_console");
    let place = console.map_or_else(|| view.file(), |at| at.place().clone());
    let get = |key: &str| console.and_then(|at| at.get(key));
    let mut used = 0;
    for provider in &PROVIDERS {
        let Some(id) = get(provider.id).filter(|at| !at.is_empty()) else { continue };
        used += 1;
        for key in provider.keys {
            if !is_set(get(key)) {
                let sentence = format!("{} sign-on lacks iaas_console.{key}", provider.name);
                out.broken(
                    id.place(),
                    sentence,
                    "a provider needs its id, its secret and its redirect address",
                );
            }
        }
        judge_redirect(view, provider, get(provider.redirect), out);
    }
    if used == 0 {
        out.broken(
            &place,
            "no sign-on provider is set up, so nobody could log in to the console",
            "fill in Azure or Google (SW-2.2 to SW-2.4)",
        );
    }
}

fn judge_redirect(
    view: &View<'_>,
    provider: &Provider,
    at: Option<At<'_>>,
    out: &mut Findings<'_>,
) {
    let Some(at) = at.filter(|at| !at.is_empty()) else { return };
    let Some(said) = out.text(Some(at), provider.redirect) else { return };
    let Some(host) = view.console_host() else {
        if let Some(named) = view.site("iaas_console_host") {
            out.text(Some(named), "iaas_console_host");
        }
        return;
    };
    let wanted = format!("https://{host}{}", provider.path);
    if said != wanted {
        let sentence = format!("{} does not redirect to the console exactly", provider.redirect);
        out.broken(at.place(), sentence, &format!("write {wanted}, here and at the provider"));
    }
}

/// V-GHCR-01: credentials of the registry, for mirroring and for the console.
pub fn registry_credentials_are_set(view: &View<'_>, out: &mut Findings<'_>) {
    for bastion in view.members("kolla_bastion") {
        let Some(at) = bastion.at("registry_populate_images") else { continue };
        if out.read(at, at.bool(), "registry_populate_images") != Some(true) {
            continue;
        }
        for key in ["registry_source_auth.username", "registry_source_auth.password"] {
            if !is_set(bastion.at(key)) {
                let sentence = format!("registry_populate_images is on and {key} is not set");
                out.broken(
                    at.place(),
                    sentence,
                    "SW-1 gives the credentials; it comes before HW-5 then",
                );
            }
        }
    }
    if !view.reached("SW-4.1") {
        return;
    }
    for key in ["iaas_console.ghcr_user", "iaas_console.ghcr_pat"] {
        if let Some(at) = view.site(key).filter(|at| at.is_empty()) {
            out.broken(
                at.place(),
                format!("{key} is empty"),
                "SW-1.1 makes the token, SW-1.2 puts it here",
            );
        } else if view.site(key).is_none() {
            let console = view.site("iaas_console");
            let place = console.map_or_else(|| view.file(), |at| at.place().clone());
            out.broken(
                &place,
                format!("{key} is not set"),
                "SW-1.1 makes the token, SW-1.2 puts it here",
            );
        }
    }
}

/// V-CON-01: at least one operator with a valid address of their own; flavours and networks name something.
pub fn operators_are_named(view: &View<'_>, out: &mut Findings<'_>) {
    const HINT: &str = "one mail address for each operator, as the sign-on provider knows it";
    let list = view.site("operator_users");
    let mut seen = BTreeSet::new();
    let mut count = 0;
    for entry in list.into_iter().flat_map(At::items) {
        count += 1;
        let Some(mail) = out.text(Some(entry), "an operator") else { continue };
        if !forms::is_mail(mail.trim()) {
            out.broken(entry.place(), format!("{mail:?} is not a mail address"), HINT);
        } else if !seen.insert(mail.trim().to_lowercase()) {
            out.broken(entry.place(), format!("{mail} is listed twice"), HINT);
        }
    }
    if count == 0 {
        let place = list.map_or_else(|| view.file(), |at| at.place().clone());
        out.broken(&place, "operator_users names nobody", HINT);
    }
    for list in ["flavors", "networks"] {
        for entry in view.site(list).into_iter().flat_map(At::items) {
            if let Some(at) = entry.get("ost_name").filter(|at| at.is_empty()) {
                let sentence = format!("an entry of {list} has an empty ost_name");
                out.broken(at.place(), sentence, "write the name that OpenStack has for it");
            }
        }
    }
}

/// V-CON-02: the kubeconfig decodes and points at the fabric controller VM.
pub fn kubeconfig_points_at_the_controller(view: &View<'_>, out: &mut Findings<'_>) {
    const NAME: &str = "hedgehog_kubeconfig_b64";
    const HINT: &str = "read it again on the fabric controller as SW-3.7 says";
    let Some(at) = view.site(NAME).filter(|at| !at.is_empty()) else { return };
    let Some(text) = out.read(at, at.secret(view.case.vault), NAME) else { return };
    let Some(config) = forms::base64_bytes(&text).map(zeroize::Zeroizing::new) else {
        out.broken(at.place(), format!("{NAME} is not base64"), HINT);
        return;
    };
    let parsed = std::str::from_utf8(&config)
        .ok()
        .and_then(|text| serde_yaml::from_str::<serde_json::Value>(text).ok());
    let Some(parsed) = parsed else {
        out.broken(at.place(), format!("{NAME} does not decode to YAML"), HINT);
        return;
    };
    for part in ["clusters", "users", "contexts"] {
        let filled =
            parsed.get(part).and_then(|part| part.as_array()).is_some_and(|p| !p.is_empty());
        if !filled {
            out.broken(at.place(), format!("the kubeconfig in {NAME} has no {part}"), HINT);
        }
    }
    let mut known: BTreeSet<String> =
        view.controller_addresses().iter().map(ToString::to_string).collect();
    let mac = view.controller_mac();
    let is_its = |lease: &Lease<'_>| lease.mac.is_some() && lease.mac == mac.as_deref();
    for lease in view.leases().filter(is_its) {
        known.insert(lease.name.to_owned());
        known.extend(lease.ip.map(|ip| ip.to_string()));
        known.extend(view.internal_domain().map(|domain| format!("{}.{domain}", lease.name)));
    }
    let clusters = parsed.get("clusters").and_then(|list| list.as_array());
    for cluster in clusters.into_iter().flatten() {
        let server = cluster.pointer("/cluster/server").and_then(|server| server.as_str());
        let host = server.and_then(forms::url_host).unwrap_or_default();
        if !known.contains(&host.to_lowercase()) {
            let sentence = if host == "127.0.0.1" || host == "localhost" {
                format!("the kubeconfig in {NAME} points at the machine itself")
            } else {
                format!("the server in {NAME} is not an address of the fabric controller VM")
            };
            out.broken(at.place(), sentence, HINT);
        }
    }
}

/// V-PG-01: all four database credentials, or none.
pub fn database_credentials_are_complete(view: &View<'_>, out: &mut Findings<'_>) {
    let Some(at) = view.site("iaas_console.postgresql_credentials") else { return };
    for key in ["password", "postgres_password", "replication_password", "backup_key"] {
        if !is_set(at.get(key)) {
            let sentence = format!("iaas_console.postgresql_credentials lacks {key}");
            out.broken(at.place(), sentence, "give all four (PC-9), or leave the whole block out");
        }
    }
}
