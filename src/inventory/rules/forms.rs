//! Forms of values: names, addresses, keys, as the tables of variables name them.

use std::net::IpAddr;

use base64::Engine as _;

/// One DNS label: letters, digits and inner hyphens, at most 63 characters (RFC 1123).
pub fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// One or more DNS labels, at most 253 characters.
pub fn is_domain(text: &str) -> bool {
    text.len() <= 253 && text.trim_end_matches('.').split('.').all(is_label)
}

/// A mail address of one operator: one `@`, something before it, a domain behind it.
pub fn is_mail(text: &str) -> bool {
    text.split_once('@').is_some_and(|(user, domain)| {
        !user.is_empty()
            && !user.contains(|c: char| c.is_whitespace() || c == ',')
            && domain.contains('.')
            && is_domain(domain)
    })
}

/// A UUID with its hyphens.
pub fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// The six octets of a MAC address written with colons or hyphens.
pub fn mac(text: &str) -> Option<[u8; 6]> {
    let mut octets = [0; 6];
    let separator = if text.contains('-') { '-' } else { ':' };
    let mut parts = text.split(separator);
    for octet in &mut octets {
        let part = parts.next().filter(|part| part.len() == 2)?;
        *octet = u8::from_str_radix(part, 16).ok()?;
    }
    parts.next().is_none().then_some(octets)
}

/// A duration in seconds: `90s`, `1h30m`, `7d`, `1y`.
pub fn duration_seconds(text: &str) -> Option<f64> {
    let mut total = 0.0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at(digits);
        let number: f64 = number.parse().ok()?;
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        total += number
            * match unit {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3_600.0,
                "d" => 86_400.0,
                "w" => 604_800.0,
                "y" => 31_536_000.0,
                _ => return None,
            };
        rest = tail;
    }
    Some(total)
}

/// A URL with a scheme and a host.
pub fn is_url(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| {
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        !scheme.is_empty()
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+.-".contains(&b))
            && !host.is_empty()
            && !rest.contains(char::is_whitespace)
    })
}

/// The host of a URL, without user, port and brackets.
pub fn url_host(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    if let Some(inner) = host.strip_prefix('[') {
        return inner.split(']').next();
    }
    host.split(':').next().filter(|host| !host.is_empty())
}

/// Bytes of standard base64, line ends allowed.
pub fn base64_bytes(text: &str) -> Option<Vec<u8>> {
    let joined: String = text.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(joined).ok()
}

/// Whether 44 characters of base64 are a key of 32 bytes.
pub fn is_key32(text: &str) -> bool {
    let text = text.trim();
    text.len() == 44 && base64_bytes(text).is_some_and(|bytes| bytes.len() == 32)
}

/// Whether a line is an OpenSSH public key: a type, and base64 that begins with that type.
pub fn is_ssh_key(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let (Some(kind), Some(blob)) = (words.next(), words.next()) else { return false };
    let Some(bytes) = base64_bytes(blob) else { return false };
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else { return false };
    let length = u32::from_be_bytes(*length) as usize;
    rest.get(..length) == Some(kind.as_bytes()) && rest.len() > length
}

/// The part of an OpenSSH public key that tells it from others: type and blob, no comment.
pub fn ssh_key_core(text: &str) -> String {
    text.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

/// A Kubernetes quantity such as `150Gi`.
pub fn is_quantity(text: &str) -> bool {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    digits.len() < text.len()
        && matches!(
            digits,
            "" | "Ki" | "Mi" | "Gi" | "Ti" | "Pi" | "Ei" | "k" | "M" | "G" | "T" | "P" | "E"
        )
}

/// A domain name or an address.
pub fn is_host(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok() || is_domain(text)
}
