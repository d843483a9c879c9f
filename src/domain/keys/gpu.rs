//! Keys of GPU servers: what the driver, the framework and the vendor's own
//! test programs tell on a machine that uses its GPUs itself.

use crate::domain::fact::Table;
use crate::domain::keys::{LayerKeys, ProbeInfo};
use crate::domain::{Age, Unit};

/// What is asked every few minutes.
pub const SURVEY: ProbeInfo =
    ProbeInfo { name: "gpu.survey", every: Age::seconds(300), source: "ssh" };

/// What this file declares.
pub const LAYER: LayerKeys =
    LayerKeys { blocks: &[ALL], with_clock: &[], readings: &[DEVICES.info] };

crate::keys! { SURVEY;
    DEVICES: Table = "gpu.devices", Unit::Count, [], "GPUs that the driver sees: index, name, memory, driver, temperature, errors", "nvidia-smi --query-gpu";
    DEVICES_SAID: String = "gpu.devices_said", Unit::Count, [], "what the driver's program says in place of GPUs", "nvidia-smi --query-gpu";
    FRAMEWORK: Vec<String> = "gpu.framework", Unit::Count, [], "whether the framework sees GPUs, and how many", "torch.cuda.is_available(), torch.cuda.device_count()";
    RDMA: String = "gpu.rdma", Unit::Count, [], "sums of the RDMA stack's own test", "verify-rdma";
    GPU_DIRECT: String = "gpu.direct", Unit::Count, [], "sums of the GPU direct test", "verify-gpudirect";
    TRAFFIC_CLASS: Vec<String> = "gpu.traffic_class", Unit::Count, [], "traffic class of RDMA connections, state of its unit, setting of the library", "default_roce_tos, rdma-cm-tos, NCCL_IB_TC";
}
