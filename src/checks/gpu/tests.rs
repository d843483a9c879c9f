//! Samples of GPU servers.

use crate::checks::test_samples::{Sample, raw, sample};
use crate::domain::Verdict::{Fail, Pass, Unknown, Warn};
use crate::domain::wanted;

pub(crate) fn samples() -> Vec<Sample> {
    let gpu = raw("GPU-01");
    let class = |text: &str| raw("GPU-06").replace("104", text);
    vec![
        sample("GPU-01", Pass, [("gpu-devices", gpu.clone())]),
        sample("GPU-01", Fail, [("gpu-devices", "No devices were found".to_owned())]).ending(6),
        sample("GPU-01", Fail, [("gpu-devices", String::new())]).ending(127),
        sample("GPU-01", Fail, [("gpu-devices", gpu.clone())]).wanting(wanted::GPU_COUNT, "8"),
        sample("GPU-01", Fail, [("gpu-devices", gpu.replace("570.", "550."))]),
        sample("GPU-01", Fail, [("gpu-devices", gpu.replace("30, 0", "30, 2"))]),
        sample("GPU-02", Pass, [("gpu-framework", raw("GPU-02"))]).wanting(wanted::GPU_COUNT, "8"),
        sample("GPU-02", Fail, [("gpu-framework", "False 0")]),
        sample("GPU-02", Fail, [("gpu-framework", raw("GPU-02"))]),
        sample("GPU-02", Unknown, [("gpu-framework", "")]).ending(127),
        sample("GPU-03", Pass, [("gpu-rdma", raw("GPU-03"))]),
        sample("GPU-03", Warn, [("gpu-rdma", "OK: 9  WARN: 1  FAIL: 0")]),
        sample("GPU-03", Fail, [("gpu-rdma", "OK: 9  WARN: 0  FAIL: 1")]),
        sample("GPU-04", Pass, [("gpu-direct", raw("GPU-04"))]),
        sample("GPU-04", Fail, [("gpu-direct", "OK: 7  WARN: 0  FAIL: 1")]),
        sample("GPU-06", Pass, [("gpu-traffic-class", raw("GPU-06"))]),
        sample("GPU-06", Fail, [("gpu-traffic-class", class("0"))]),
        sample(
            "GPU-06",
            Fail,
            [("gpu-traffic-class", raw("GPU-06").replace("active", "inactive"))],
        ),
    ]
}
