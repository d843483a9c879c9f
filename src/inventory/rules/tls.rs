//! V-TLS: certificates of the public services.

use super::findings::Findings;
use super::forms;
use super::names::SERVICES;
use super::reading::At;
use super::view::View;

/// The settings that certificates need (V-TLS-02); true where the value is a UUID.
const SETTINGS: [(&str, bool); 6] = [
    ("iaas_console_cert_manager_email", false),
    ("iaas_console_cert_manager_azure_subscription_id", true),
    ("iaas_console_cert_manager_azure_tenant_id", true),
    ("iaas_console_cert_manager_azure_sp_client_id", true),
    ("iaas_console_cert_manager_azure_sp_password", false),
    ("iaas_console_cert_manager_azure_dns_resource_group", false),
];

const ISSUERS: [&str; 2] = ["iaas_console_tls_cluster_issuer", "obs_tls_cluster_issuer"];

/// The value that switches TLS on, if one does.
fn switched_on<'v>(view: &'v View<'_>, out: &mut Findings<'_>) -> Option<At<'v>> {
    ["iaas_console_tls_enabled", "obs_tls_enabled"]
        .into_iter()
        .filter_map(|name| view.site(name).map(|at| (name, at)))
        .find(|(name, at)| out.read(*at, at.bool(), name) == Some(true))
        .map(|(_, at)| at)
}

/// V-TLS-01: both issuers are the same.
pub fn issuers_are_equal(view: &View<'_>, out: &mut Findings<'_>) {
    let Some(enabled) = switched_on(view, out) else { return };
    let [console, monitoring] = ISSUERS.map(|name| view.site(name).map(|at| (name, at)));
    match (console, monitoring) {
        (Some((name, one)), Some((other_name, other))) => {
            let said = out.text(Some(one), name);
            let other_said = out.text(Some(other), other_name);
            if let (Some(said), Some(other_said)) = (said, other_said)
                && said != other_said
            {
                let sentence = format!("{other_name} is {other_said}, {name} is {said}");
                out.broken(other.place(), sentence, "change both together");
            }
        }
        (Some(_), None) | (None, Some(_)) | (None, None) => {
            for (name, said) in ISSUERS.into_iter().zip([console, monitoring]) {
                if said.is_none() {
                    let sentence = format!("TLS is on and {name} is not set");
                    out.broken(enabled.place(), sentence, "begin with letsencrypt-staging in both");
                }
            }
        }
    }
}

/// V-TLS-02: with TLS on, everything that certificates need is set.
pub fn certificate_settings_are_complete(view: &View<'_>, out: &mut Findings<'_>) {
    let Some(enabled) = switched_on(view, out) else { return };
    for (name, is_id) in SETTINGS {
        match view.site(name) {
            Some(at) if !at.is_empty() => {
                if is_id
                    && let Some(id) = out.text(Some(at), name)
                    && !forms::is_uuid(id.trim())
                {
                    out.broken(
                        at.place(),
                        format!("{name} is not a UUID"),
                        "copy it from the Azure portal",
                    );
                }
            }
            said => {
                let place = said.map_or(enabled.place(), |at| at.place());
                let sentence = format!("TLS is on and {name} is not set");
                out.broken(place, sentence, "SW-3.1 and SW-3.2 give all six");
            }
        }
    }
}

/// V-TLS-03: the challenges of the four services are asked of a public resolver.
pub fn challenges_are_forwarded(view: &View<'_>, out: &mut Findings<'_>) {
    if switched_on(view, out).is_none() {
        return;
    }
    for router in view.members("openwrt_routers") {
        let list = router.at("openwrt_dhcp_dnsmasq_server");
        let mut forwarded = Vec::new();
        for entry in list.into_iter().flat_map(At::items) {
            let Some(text) = out.text(Some(entry), "a forwarder") else { continue };
            forwarded.extend(text.split('/').nth(1).map(str::to_lowercase));
        }
        for service in SERVICES {
            let Some(name) = view.service_name(service) else { return };
            let wanted = format!("_acme-challenge.{name}");
            if !forwarded.contains(&wanted) {
                let place = list.map_or(&router.declared, |at| at.place());
                let sentence = format!("the challenges of {name} are not forwarded");
                let hint = format!("add /{wanted}/1.1.1.1 to openwrt_dhcp_dnsmasq_server");
                out.broken(place, sentence, &hint);
            }
        }
    }
}

/// V-TLS-04: staging until staging certificates were seen.
pub fn staging_comes_first(view: &View<'_>, out: &mut Findings<'_>) {
    for name in ISSUERS {
        let Some(at) = view.site(name) else { continue };
        let Some(issuer) = out.text(Some(at), name) else { continue };
        if issuer != "letsencrypt-prod" {
            continue;
        }
        match view.case.progress.is_done("SW-6.1") {
            Ok(true) => {}
            Ok(false) => {
                out.broken(
                    at.place(),
                    format!("{name} is production, and SW-6.1 has not passed"),
                    "use letsencrypt-staging until staging certificates were issued; production has strict limits",
                );
            }
            Err(cause) => out.unknown(
                at.place(),
                cause,
                format!("{name} is production; whether SW-6.1 has passed is not known"),
                "check that staging certificates were issued first",
            ),
        }
    }
}
