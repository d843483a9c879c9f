//! How values of the demo site move: a little, smoothly, and the same way
//! every time for the same seed. Nothing here can turn a verdict.

/// A number between -1 and 1 for this name at this time, made of two slow
/// waves of about ten minutes and one hour.
pub fn wave(seed: u64, name: &str, now: f64) -> f64 {
    let key = mix(seed, name);
    let phase = unit(key) * std::f64::consts::TAU;
    let other = unit(key.rotate_left(17)) * std::f64::consts::TAU;
    let fast = (now / 600.0 * std::f64::consts::TAU + phase).sin();
    let slow = (now / 3600.0 * std::f64::consts::TAU + other).sin();
    0.4 * fast + 0.6 * slow
}

/// A fixed number between 0 and 1 for this name.
pub fn fixed(seed: u64, name: &str) -> f64 {
    unit(mix(seed, name))
}

/// A fixed number for this name (FNV-1a, then the finaliser of splitmix64).
pub fn mix(seed: u64, name: &str) -> u64 {
    let mut key = name.bytes().fold(0xcbf2_9ce4_8422_2325 ^ seed, |key, byte| {
        (key ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    key = (key ^ (key >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    key = (key ^ (key >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    key ^ (key >> 31)
}

fn unit(key: u64) -> f64 {
    (key >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_moves_the_same_way_within_bounds() {
        for step in 0..2_000 {
            let now = f64::from(step) * 7.0;
            let here = wave(1, "gpu-07 load", now);
            assert!((-1.0..=1.0).contains(&here));
            assert_eq!(here, wave(1, "gpu-07 load", now));
        }
        assert_ne!(wave(1, "gpu-07 load", 0.0), wave(2, "gpu-07 load", 0.0));
        assert!((0.0..1.0).contains(&fixed(3, "x")));
    }
}
