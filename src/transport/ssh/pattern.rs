//! The patterns of `ssh_config` and known_hosts: `*`, `?` and `!`.

/// Whether a text matches one pattern, upper and lower case alike. Takes time
/// proportional to the product of both lengths at most.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().flat_map(char::to_lowercase).collect();
    let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let (mut p, mut t) = (0, 0);
    // Where to go on when what follows the last star does not fit.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some('?') => {
                p += 1;
                t += 1;
            }
            Some(wanted) if Some(wanted) == text.get(t) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|rest| *rest == '*')
}

/// Whether a text matches a list of patterns: at least one, and none that is negated.
pub(super) fn list_matches<'a>(patterns: impl IntoIterator<Item = &'a str>, text: &str) -> bool {
    let mut found = false;
    for pattern in patterns {
        match pattern.strip_prefix('!') {
            Some(negated) if matches(negated, text) => return false,
            Some(_) => {}
            None => found |= matches(pattern, text),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, text, expected) in [
            ("gpu-*", "gpu-07", true),
            ("gpu-*", "ctl-07", false),
            ("gpu-0?", "gpu-07", true),
            ("gpu-0?", "gpu-070", false),
            ("*", "", true),
            ("*.site.example", "a.b.site.example", true),
            ("a*b*c", "aXXbYYbZZc", true),
            ("a*b*c", "aXXbYY", false),
            ("GPU-07", "gpu-07", true),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_negated_match_ends_the_list() {
        assert!(list_matches(["gpu-*", "!gpu-03"], "gpu-07"));
        assert!(!list_matches(["gpu-*", "!gpu-03"], "gpu-03"));
        assert!(!list_matches(["!gpu-03"], "gpu-07"), "only negations match nothing");
    }

    #[test]
    fn many_stars_do_not_take_for_ever() {
        assert!(!matches(&"*a".repeat(60), &"a".repeat(59)));
        assert!(!matches(&"a*".repeat(200), &"b".repeat(2000)));
    }
}
